import type { Endpoint } from "../core/endpoint.ts";
import { stringOf, valueOf } from "../core/json/json-members.ts";
import { toldUsage } from "../core/usage/usage.ts";
import { openAiErrorBody, openAiErrorEvent } from "../dialects/openai/error.ts";
import { openAiUsage } from "../dialects/openai/usage.ts";
import { factsOf, readOpenAiRequest, readPlainEvent } from "./openai-dialect.ts";

/** https://platform.openai.com/docs/api-reference/embeddings. There are no streams. */
export const embeddings: Endpoint = {
  path: "/v1/embeddings",
  kind: "embeddings",
  requestBody: "json",
  answer: "json",
  answerMembers: ["data", "embeddings"],
  asksForStreamUsage: false,
  streamsSayFinished: false,
  readRequest: readOpenAiRequest,
  readAnswer(members) {
    return factsOf({
      model: stringOf(members, "model"),
      usage: toldUsage(openAiUsage, valueOf(members, "usage")),
      finishReason: undefined,
      toolCalls: undefined,
      text: undefined,
    });
  },
  readEvent: readPlainEvent,
  errorBody: openAiErrorBody,
  errorEvents: openAiErrorEvent,
};
