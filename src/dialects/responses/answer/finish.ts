import { type ForeignObject, objectOf, textOf } from "../../../core/json/foreign-json.ts";
import type { AnswerEvent, FinishReason } from "../../answer-event.ts";
import type { AnswerEnd } from "../../ordered-event.ts";

/** How a response that ended ended: https://platform.openai.com/docs/api-reference/responses/object, `incomplete_details`. */
export function readFinish(response: ForeignObject, calls: "made" | "none"): Extract<AnswerEvent, { readonly kind: "finish" }> {
  const why = textOf(objectOf(response["incomplete_details"])["reason"]);
  if (why === undefined && response["status"] !== "incomplete")
    return { kind: "finish", reason: calls === "made" ? "calls" : "stop", word: textOf(response["status"]) ?? "completed" };
  return { kind: "finish", reason: why === "content_filter" ? "filtered" : "length", word: why ?? "incomplete" };
}

const INCOMPLETE: Readonly<Partial<Record<FinishReason, string>>> = { length: "max_output_tokens", filtered: "content_filter" };

/** How a response tells its end. */
export interface WrittenFinish {
  readonly status: "completed" | "incomplete";
  readonly incomplete_details: { readonly reason: string } | null;
}

/** The end of an answer as a response tells it. */
export function writeFinish({ reason }: AnswerEnd): WrittenFinish {
  const why = INCOMPLETE[reason];
  return { status: why === undefined ? "completed" : "incomplete", incomplete_details: why === undefined ? null : { reason: why } };
}
