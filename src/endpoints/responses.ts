import type { AnswerFacts, Endpoint, EventReading } from "../core/endpoint.ts";
import { arrayOf, type ForeignObject, objectOf, textOf } from "../core/json/foreign-json.ts";
import { stringOf, valueOf } from "../core/json/json-members.ts";
import { classifyError } from "../core/attempt/upstream-error.ts";
import { toldUsage } from "../core/usage/usage.ts";
import { openAiErrorBody } from "../dialects/openai/error.ts";
import { responsesErrorEvents } from "../dialects/responses/error.ts";
import { openAiUsage } from "../dialects/openai/usage.ts";
import { factsOf, QUIET, readEventWith, readOpenAiRequest } from "./openai-dialect.ts";
import { responseToolCalls } from "./tool-calls.ts";

/** https://platform.openai.com/docs/api-reference/responses. Its finish reason is the answer's `status`, or why it is incomplete. */
export const responses: Endpoint = {
  path: "/v1/responses",
  kind: "chat",
  requestBody: "json",
  answer: "json",
  answerMembers: ["output"],
  asksForStreamUsage: false,
  streamsSayFinished: true,
  toolCalls: responseToolCalls,
  readRequest: readOpenAiRequest,
  readAnswer(members) {
    return readResponse({
      model: stringOf(members, "model"),
      status: stringOf(members, "status"),
      incomplete_details: valueOf(members, "incomplete_details"),
      output: valueOf(members, "output"),
      usage: valueOf(members, "usage"),
    });
  },
  readEvent(event) {
    return readEventWith(event, (value) => numbered(readTyped(textOf(value["type"]) ?? event.name, value), value["sequence_number"]));
  },
  errorBody: openAiErrorBody,
  errorEvents: responsesErrorEvents,
};

function numbered(reading: EventReading, sequence: unknown): EventReading {
  return Number.isSafeInteger(sequence) ? { ...reading, sequence: Number(sequence) } : reading;
}

function readTyped(type: string, event: ForeignObject): EventReading {
  switch (type) {
    case "response.completed":
    case "response.incomplete": {
      const { text: _told, toolCalls: _counted, ...facts } = readResponse(objectOf(event["response"]));
      return { kind: "finish", facts };
    }
    case "response.failed":
      return { kind: "error", error: classifyError(event) };
    case "response.created": {
      const { id, model } = objectOf(event["response"]);
      return { kind: "quiet", facts: factsOf({ id: textOf(id), model: textOf(model) }) };
    }
    case "response.output_item.added":
      return isCall(event["item"]) ? { kind: "content", facts: { toolCalls: 1 } } : QUIET;
    case "response.output_text.delta": {
      const text = textOf(event["delta"]);
      return text === undefined ? QUIET : { kind: "content", facts: { text } };
    }
    default:
      return bringsContent(type, event) ? { kind: "content" } : QUIET;
  }
}

/** Deltas of any kind (refusal, arguments, reasoning, audio, code), and images as they become clearer. */
function bringsContent(type: string, event: ForeignObject): boolean {
  if (type.endsWith(".delta")) return textOf(event["delta"]) !== undefined;
  return type === "response.image_generation_call.partial_image";
}

function readResponse(response: ForeignObject): AnswerFacts {
  const output = arrayOf(response["output"]);
  const calls = output.filter(isCall).length;
  const parts = output.flatMap((item) => arrayOf(objectOf(item)["content"])).map(objectOf);
  // A reasoning item has content of its own, which is no text of the answer.
  const texts = parts.filter(({ type }) => type === "output_text").map(({ text }) => textOf(text) ?? "");
  return factsOf({
    model: textOf(response["model"]),
    usage: toldUsage(openAiUsage, response["usage"]),
    finishReason: textOf(objectOf(response["incomplete_details"])["reason"]) ?? textOf(response["status"]),
    toolCalls: calls > 0 ? calls : undefined,
    text: textOf(texts.join("")),
  });
}

/** `function_call`, `custom_tool_call`, and the tools that OpenAI runs itself (`web_search_call`). */
function isCall(item: unknown): boolean {
  return textOf(objectOf(item)["type"])?.endsWith("_call") ?? false;
}
