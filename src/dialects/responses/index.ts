import type { Dialect } from "../dialect.ts";
import { ResponsesReader } from "./answer/answer-reader.ts";
import { ResponsesWriter } from "./answer/answer-writer.ts";
import { writeResponse } from "./answer/response.ts";
import { readAsk } from "./ask/ask-reader.ts";
import { writeAsk } from "./ask/ask-writer.ts";

/** OpenAI's Responses: https://platform.openai.com/docs/api-reference/responses */
export const responses: Dialect = {
  id: "responses",
  path: "/v1/responses",
  errors: { overloadedStatus: 503, tooLongWords: undefined },
  readAsk,
  writeAsk,
  reader: () => new ResponsesReader(),
  writer: (given) => new ResponsesWriter(given),
  writeWhole: writeResponse,
};
