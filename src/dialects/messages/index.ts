import type { Dialect } from "../dialect.ts";
import { MessagesReader } from "./answer-reader.ts";
import { MessagesWriter, writeMessage } from "./answer-writer.ts";
import { readAsk } from "./from-caller/ask-reader.ts";
import { writeAsk } from "./to-upstream/ask-writer.ts";

/** Anthropic's Messages API, and those that copy it. */
export const messages: Dialect = {
  id: "messages",
  path: "/v1/messages",
  // Claude Code shortens its conversation at these words.
  errors: { overloadedStatus: 529, tooLongWords: "prompt is too long" },
  readAsk,
  writeAsk,
  reader: () => new MessagesReader(),
  writer: (given) => new MessagesWriter(given),
  writeWhole: writeMessage,
};
