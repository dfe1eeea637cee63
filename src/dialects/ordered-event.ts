import type { Usage } from "../core/usage/usage.ts";
import type { FinishReason } from "./answer-event.ts";
import type { Seal } from "./seal.ts";

/**
 * The events of an answer as `Order` gives them to a writer: one part open at a time, each opened before its pieces and closed after them, none empty, the end
 * with all that is known.
 */
export type OrderedEvent =
  | { readonly kind: "begin"; readonly id: string | undefined; readonly model: string | undefined }
  | { readonly kind: "open"; readonly part: OpenedPart }
  /** More of the open part: its words, or its arguments. Never empty. */
  | { readonly kind: "piece"; readonly part: OpenedPart; readonly text: string }
  | { readonly kind: "close"; readonly part: WholePart }
  | { readonly kind: "alive" }
  | { readonly kind: "end"; readonly end: AnswerEnd };

/** A part as it begins. */
export type OpenedPart = OpenedWords | OpenedCall;

/** Words of one kind. */
export interface OpenedWords {
  readonly kind: "text" | "thought" | "refusal";
}

/** A call of a tool. */
export interface OpenedCall {
  readonly kind: "call";
  /** Which of the answer's calls it is, from 0. */
  readonly ordinal: number;
  /** Never empty. */
  readonly id: string;
  readonly name: string;
  readonly seal: Seal | undefined;
  /** Its arguments are a plain text and no JSON; left out: JSON. */
  readonly takes?: "freeform";
}

/**
 * A part as it is when it is whole. `text` of a call: its arguments as the model wrote them, of JSON `{}` where it wrote none. Words without text have a seal, which is
 * known at their end.
 */
export type WholePart =
  | (OpenedWords & { readonly text: string; readonly seal: Seal | undefined })
  | (OpenedCall & { readonly text: string });

/** How an answer ended that is whole. */
export interface AnswerEnd {
  readonly reason: Exclude<FinishReason, "failed">;
  /** Which of the caller's stop sequences was met; `undefined`: none, or not told. */
  readonly stopSequence: string | undefined;
  /** As far as it was reported. */
  readonly usage: Usage;
}

/** A whole answer. */
export interface WholeAnswer {
  readonly id: string | undefined;
  readonly model: string | undefined;
  readonly parts: readonly WholePart[];
  readonly end: AnswerEnd;
}
