import type { UpstreamError } from "../../core/endpoint.ts";
import { type ForeignObject, objectOf, textOf } from "../../core/json/foreign-json.ts";
import type { FinishReason } from "../answer-event.ts";

/** Said of a candidate that goes on. */
const UNSAID = "FINISH_REASON_UNSPECIFIED";

/**
 * What Gemini's words for the end mean: https://ai.google.dev/api/generate-content#FinishReason. What is not here stopped as it should. `OTHER` comes with
 * nothing that could be used, and MISSING_THOUGHT_SIGNATURE in place of a refusal.
 */
const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ["MAX_TOKENS", "length"],
  ["SAFETY", "filtered"],
  ["RECITATION", "filtered"],
  ["LANGUAGE", "filtered"],
  ["BLOCKLIST", "filtered"],
  ["PROHIBITED_CONTENT", "filtered"],
  ["SPII", "filtered"],
  ["IMAGE_SAFETY", "filtered"],
  ["IMAGE_PROHIBITED_CONTENT", "filtered"],
  ["IMAGE_RECITATION", "filtered"],
  ["IMAGE_OTHER", "filtered"],
  ["MALFORMED_FUNCTION_CALL", "failed"],
  ["MALFORMED_RESPONSE", "failed"],
  ["MISSING_THOUGHT_SIGNATURE", "failed"],
  ["UNEXPECTED_TOOL_CALL", "failed"],
  ["TOO_MANY_TOOL_CALLS", "failed"],
  ["NO_IMAGE", "failed"],
  ["OTHER", "failed"],
]);

/** How an answer, or a chunk of one, says that it ends: the candidate's own word, or why the prompt got no candidate at all. */
export type Ending =
  | { readonly kind: "finish"; readonly reason: Exclude<FinishReason, "failed">; readonly word: string }
  | { readonly kind: "fail"; readonly error: UpstreamError };

/** How an answer, or a chunk of one, ends; `undefined`: it goes on. */
export function endingOf(answer: ForeignObject, candidate: ForeignObject): Ending | undefined {
  const word = textOf(candidate["finishReason"]);
  if (word === undefined || word === UNSAID) {
    const blocked = textOf(objectOf(answer["promptFeedback"])["blockReason"]);
    return blocked === undefined ? undefined : { kind: "finish", reason: "filtered", word: blocked };
  }
  const reason = REASONS.get(word) ?? "stop";
  if (reason !== "failed") return { kind: "finish", reason, word };
  const message = textOf(candidate["finishMessage"]) ?? `the model's answer could not be used (${word})`;
  return { kind: "fail", error: { status: 500, code: word, message } };
}
