import type { FinishReason } from "../answer-event.ts";
import type { AnswerEnd } from "../ordered-event.ts";

/**
 * Words for why an answer ends: https://platform.openai.com/docs/api-reference/chat/object; `model_length` and `error`: https://docs.mistral.ai/api;
 * `insufficient_system_resource`: https://api-docs.deepseek.com/api/create-chat-completion; others as servers pass on their models' own. Any other is a stop.
 */
const REASONS: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ["length", "length"],
  ["max_tokens", "length"],
  ["model_length", "length"],
  ["tool_calls", "calls"],
  ["tool_use", "calls"],
  ["function_call", "calls"],
  ["content_filter", "filtered"],
  ["safety", "filtered"],
  ["refusal", "filtered"],
  ["error", "failed"],
  ["insufficient_system_resource", "failed"],
]);

const WORDS: Readonly<Record<AnswerEnd["reason"], string>> = {
  stop: "stop",
  length: "length",
  calls: "tool_calls",
  filtered: "content_filter",
};

/** What a `finish_reason` means. */
export function readFinish(word: string): FinishReason {
  return REASONS.get(word.toLowerCase()) ?? "stop";
}

/** The `finish_reason` of an answer. */
export function writeFinish({ reason }: AnswerEnd): string {
  return WORDS[reason];
}
