import type { AnswerFacts, Endpoint, EventReading } from "../core/endpoint.ts";
import { arrayOf, type ForeignObject, isObject, objectOf, textOf } from "../core/json/foreign-json.ts";
import { stringOf, valueOf } from "../core/json/json-members.ts";
import { toldUsage } from "../core/usage/usage.ts";
import { openAiErrorBody, openAiErrorEvent } from "../dialects/openai/error.ts";
import { openAiUsage } from "../dialects/openai/usage.ts";
import { chatContinuation } from "./continuation.ts";
import { factsOf, finishOf, readEventWith, readOpenAiRequest } from "./openai-dialect.ts";
import { chatToolCalls } from "./tool-calls.ts";

/** https://platform.openai.com/docs/api-reference/chat, and the many that copy it. */
export const chatCompletions: Endpoint = {
  path: "/v1/chat/completions",
  kind: "chat",
  requestBody: "json",
  answer: "json",
  answerMembers: ["choices"],
  asksForStreamUsage: true,
  streamsSayFinished: true,
  // `obfuscation`: OpenAI's padding, other letters in every event.
  wordMembers: ["content", "reasoning_content", "reasoning", "obfuscation"],
  continuation: chatContinuation,
  toolCalls: chatToolCalls,
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

/** The facts of an answer or of a chunk. */
function readChoices(model: unknown, usage: unknown, choices: readonly unknown[]): AnswerFacts {
  let finishReason: string | undefined;
  let text: string | undefined;
  let toolCalls = 0;
  for (const value of choices) {
    const choice = objectOf(value);
    const message = messageOf(choice);
    finishReason ??= textOf(choice["finish_reason"]);
    toolCalls += callsBegun(message);
    if ((choice["index"] ?? 0) === 0) text ??= plainText(message["content"]);
  }
  return factsOf({
    model: textOf(model),
    usage: toldUsage(openAiUsage, usage),
    finishReason,
    toolCalls: toolCalls > 0 ? toolCalls : undefined,
    text,
  });
}

function readChunk(chunk: ForeignObject): EventReading {
  const choices = arrayOf(chunk["choices"]);
  // Groq tells usage in a member of its own: https://console.groq.com/docs/api-reference
  const usage = chunk["usage"] ?? objectOf(chunk["x_groq"])["usage"];
  const facts = readChoices(chunk["model"], usage, choices);
  if (facts.finishReason !== undefined) return finishOf(facts, choices);
  if (choices.some((choice) => carriesContent(messageOf(objectOf(choice))))) return { kind: "content", facts };
  return { kind: choices.length === 0 && facts.usage !== undefined ? "usage" : "quiet", facts };
}

/** A choice's `delta` in a stream, its `message` in a whole answer (and in the streams of a few). */
function messageOf(choice: ForeignObject): ForeignObject {
  return objectOf(choice["delta"] ?? choice["message"]);
}

/**
 * Whether there is more than a role. Besides OpenAI's own: `reasoning_content` (DeepSeek, xAI, Moonshot), `reasoning` (Groq, OpenRouter),
 * `reasoning_details` and `images` (OpenRouter).
 */
function carriesContent(message: ForeignObject): boolean {
  return (
    plainText(message["content"]) !== undefined ||
    arrayOf(message["content"]).length > 0 ||
    arrayOf(message["tool_calls"]).length > 0 ||
    textOf(message["reasoning_content"]) !== undefined ||
    textOf(message["reasoning"]) !== undefined ||
    textOf(message["refusal"]) !== undefined ||
    isObject(message["audio"]) ||
    isObject(message["function_call"]) ||
    arrayOf(message["reasoning_details"]).length > 0 ||
    arrayOf(message["images"]).length > 0
  );
}

/** Calls whose function is named here: the deltas that follow bring arguments only. `function_call` is the older form of a single call. */
function callsBegun(message: ForeignObject): number {
  const named = (call: unknown) => textOf(objectOf(call)["name"]) !== undefined;
  const calls = arrayOf(message["tool_calls"]).filter((call) => {
    const { function: called, custom } = objectOf(call);
    return named(called) || named(custom);
  });
  return calls.length + (named(message["function_call"]) ? 1 : 0);
}

/** The text of a content, which is a string, or a list of parts where reasoning is told apart (Mistral). */
function plainText(content: unknown): string | undefined {
  if (!Array.isArray(content)) return textOf(content);
  const texts = content.map((part) => textOf(objectOf(part)["text"]) ?? "");
  return textOf(texts.join(""));
}
