import type { UpstreamError } from "../core/endpoint.ts";
import type { ToldUsage } from "../core/usage/usage.ts";
import type { Seal } from "./seal.ts";

/** Why an answer ends, in no dialect's words. `failed`: the model made nothing that could be used (a malformed call). */
export type FinishReason = "stop" | "length" | "calls" | "filtered" | "failed";

/**
 * One thing that an upstream says in its answer, in no dialect's words. `part` is whatever its dialect tells parts apart by (an index, an id), another for each call;
 * parts may overlap and come in any order: `Order` puts them one after the other.
 */
export type AnswerEvent =
  | { readonly kind: "begin"; readonly id: string | undefined; readonly model: string | undefined }
  | { readonly kind: "text" | "thought" | "refusal"; readonly part: string; readonly text: string }
  /** A call of a tool: its name, its id where there is one, and its seal, before any of its arguments; `takes`: where they are a plain text and no JSON. */
  | {
      readonly kind: "call";
      readonly part: string;
      readonly id: string | undefined;
      readonly name: string;
      readonly seal: Seal | undefined;
      readonly takes?: "freeform";
    }
  /** A piece of a call's arguments. */
  | { readonly kind: "arguments"; readonly part: string; readonly text: string }
  /** All of a call's arguments once more: they count where no pieces came. */
  | { readonly kind: "whole_arguments"; readonly part: string; readonly text: string }
  | { readonly kind: "seal"; readonly part: string; readonly of: "thought" | "text"; readonly seal: Seal }
  /** The part is whole. */
  | { readonly kind: "close"; readonly part: string }
  | { readonly kind: "usage"; readonly usage: ToldUsage }
  /** `word`: in the upstream's own; `stopSequence`: which of the caller's was met. */
  | { readonly kind: "finish"; readonly reason: FinishReason; readonly word: string; readonly stopSequence?: string }
  | { readonly kind: "fail"; readonly error: UpstreamError }
  /** Something that the neutral answer has no place for, by its upstream's name: `web_search_tool_result`. */
  | { readonly kind: "unknown"; readonly what: string }
  /** A sign of life. */
  | { readonly kind: "alive" };
