import type { Dialect } from "../dialect.ts";
import { ChatReader } from "./answer-reader.ts";
import { ChatWriter, writeCompletion } from "./answer-writer.ts";
import { readAsk } from "./from-caller/ask-reader.ts";
import { writeAsk } from "./to-upstream/ask-writer.ts";

/** Chat completions, of OpenAI and of the many that copy it: https://platform.openai.com/docs/api-reference/chat */
export const chat: Dialect = {
  id: "chat",
  path: "/v1/chat/completions",
  errors: { overloadedStatus: 503, tooLongWords: undefined },
  readAsk,
  writeAsk,
  reader: () => new ChatReader(),
  writer: (given) => new ChatWriter(given),
  writeWhole: writeCompletion,
};
