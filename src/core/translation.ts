import type { Endpoint, ToldError, UpstreamError } from "./endpoint.ts";
import type { JsonMember } from "./json/json-members.ts";
import type { Result } from "./result.ts";
import type { SseEvent } from "./stream/sse.ts";

/**
 * How calls made in one dialect are put to upstreams that speak another, and how their answers come back. One for each pair, made when a configuration is
 * loaded. Pure.
 */
export interface Translation {
  /** The dialects' names: the caller's and the upstream's. */
  readonly from: string;
  readonly to: string;
  /** How the upstream's answers are read and judged. */
  readonly endpoint: Endpoint;
  /** Where a model is called: `url` is that of the upstream's path, which holds `{model}` where the dialect has it in the address. */
  address(url: string, called: { readonly model: string; readonly wanted: Wanted }): string;
  /** Reads a request from its top-level members; the same for every translation of one caller's dialect. */
  readAsk(members: readonly JsonMember[]): Result<TranslatableAsk, Untranslatable>;
  /** Begins to write a stream. */
  stream(given: AnswerGiven): StreamTranslator;
  /** A whole answer of the upstream's as the caller's dialect has it, in JSON or, for who asked for one, as a stream. */
  whole(answer: Readonly<Record<string, unknown>>, given: AnswerGiven & { readonly wanted: Wanted }): string;
  /** An upstream's error as the caller's dialect words it. */
  refusal(error: UpstreamError, how: { readonly contextTooLong: boolean }): Omit<ToldError, "requestId">;
}

/** What a caller asks for: a stream, or one whole answer. */
export type Wanted = "stream" | "whole";

/** Why a request cannot be put to an upstream. `param`: the place, as its caller knows it. */
export interface Untranslatable {
  readonly param: string;
  /** What is wrong, and what would be right. */
  readonly message: string;
}

/** A request that was understood. */
export interface TranslatableAsk {
  /** Writes it for a target that speaks the dialect of this name. `refused`: what would be left out is a reason not to ask that target. */
  write(to: string, target: TranslationTarget, losses: "told" | "refused"): Result<TranslatedAsk, readonly Untranslatable[]>;
}

/** What of a target a request's writer must know. */
export interface TranslationTarget {
  /** The upstream's name of the model. */
  readonly model: string;
  /** The most that the model may answer, tokens, where the configuration says so. */
  readonly maxOutputTokens: number | undefined;
  /** Whether it may be asked for a stream's usage (chat). */
  readonly streamUsage: boolean;
}

/** A request in the words of the upstream's dialect. */
export interface TranslatedAsk {
  readonly body: Uint8Array;
  /** What of it is not as it was asked for, as callers and traces are told: `["seed", "temperature=1"]`. */
  readonly losses: readonly string[];
  /** What its answer is to be given with; `undefined`: it can be handed on as it is. */
  readonly changed: ChangedAsk | undefined;
}

/** What of a request had another form or name at its upstream, and is changed back in the answer. Tools are named as the upstream knows them. */
export interface ChangedAsk {
  /** The caller's names of tools. */
  readonly toolNames: ReadonlyMap<string, string>;
  /** The tools that take a plain text, which goes as `{"input": "…"}`. */
  readonly freeformTools: ReadonlySet<string>;
  /** The tool whose arguments are the words of the answer. */
  readonly answerTool: string | undefined;
}

/** What the writer of an answer is given. */
export interface AnswerGiven {
  /** For answers whose upstream names none: an id made of the request's, and the model that was asked for upstream. */
  readonly id: string;
  readonly model: string;
  /** Seconds since the epoch. */
  readonly createdAt: number;
  /** Whether a stream's usage goes to the caller, where the dialect asks. */
  readonly usage: "shown" | "hidden";
  /** What the request was written with. */
  readonly changed?: ChangedAsk | undefined;
}

/** Writes the stream of one answer. Has a state: one for each answer. */
export interface StreamTranslator {
  /** What the caller gets for an event of the upstream's. */
  take(event: SseEvent): string;
  /** The last events of an answer that is whole. */
  end(): string;
  /** The last events of one that broke: what was open is closed before. */
  fail(error: { readonly code: string; readonly message: string }): string;
}
