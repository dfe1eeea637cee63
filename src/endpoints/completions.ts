import type { AnswerFacts, Endpoint, EventReading } from "../core/endpoint.ts";
import { arrayOf, type ForeignObject, objectOf, textOf } from "../core/json/foreign-json.ts";
import { stringOf, valueOf } from "../core/json/json-members.ts";
import { toldUsage } from "../core/usage/usage.ts";
import { openAiErrorBody, openAiErrorEvent } from "../dialects/openai/error.ts";
import { openAiUsage } from "../dialects/openai/usage.ts";
import { completionContinuation } from "./continuation.ts";
import { factsOf, finishOf, readEventWith, readOpenAiRequest } from "./openai-dialect.ts";

/** https://platform.openai.com/docs/api-reference/completions: the older form, a prompt and its continuation. */
export const completions: Endpoint = {
  path: "/v1/completions",
  kind: "chat",
  requestBody: "json",
  answer: "json",
  answerMembers: ["choices"],
  asksForStreamUsage: true,
  streamsSayFinished: true,
  wordMembers: ["text"],
  continuation: completionContinuation,
  readRequest: readOpenAiRequest,
  readAnswer(members) {
    return readChoices(stringOf(members, "model"), valueOf(members, "usage"), arrayOf(valueOf(members, "choices")));
  },
  readEvent(event) {
    return readEventWith(event, readChunk);
  },
  errorBody: openAiErrorBody,
  errorEvents: openAiErrorEvent,
};

function readChoices(model: unknown, usage: unknown, choices: readonly unknown[]): AnswerFacts {
  const first = choices.map(objectOf).find((choice) => (choice["index"] ?? 0) === 0);
  return factsOf({
    model: textOf(model),
    usage: toldUsage(openAiUsage, usage),
    finishReason: choices.map((choice) => textOf(objectOf(choice)["finish_reason"])).find((reason) => reason !== undefined),
    toolCalls: undefined,
    text: textOf(first?.["text"]),
  });
}

function readChunk(chunk: ForeignObject): EventReading {
  const choices = arrayOf(chunk["choices"]);
  const facts = readChoices(chunk["model"], chunk["usage"], choices);
  if (facts.finishReason !== undefined) return finishOf(facts, choices);
  if (choices.some((choice) => textOf(objectOf(choice)["text"]) !== undefined)) return { kind: "content", facts };
  return { kind: choices.length === 0 && facts.usage !== undefined ? "usage" : "quiet", facts };
}
