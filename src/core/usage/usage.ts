import type { AnswerFacts } from "../endpoint.ts";
import { type ForeignObject, isObject } from "../json/foreign-json.ts";

/**
 * Tokens of one answer. `cached_input_tokens` (read from the provider's cache) and `cache_write_tokens` (written to it) are parts of `input_tokens`,
 * `cache_write_1h_tokens` (kept for an hour, not five minutes) a part of `cache_write_tokens`, `reasoning_tokens` a part of `output_tokens`. `null`: not reported.
 */
export interface Usage {
  readonly input_tokens: number | null;
  readonly cached_input_tokens: number | null;
  readonly cache_write_tokens: number | null;
  readonly cache_write_1h_tokens: number | null;
  readonly output_tokens: number | null;
  readonly reasoning_tokens: number | null;
}

/** The usage of an answer that told none. */
export const USAGE_NOT_REPORTED: Usage = {
  input_tokens: null,
  cached_input_tokens: null,
  cache_write_tokens: null,
  cache_write_1h_tokens: null,
  output_tokens: null,
  reasoning_tokens: null,
};

/** USD per million tokens. `cached_input` defaults to `input`; what writing to the cache costs where it is left out: cost.ts. */
export interface Price {
  readonly input: number;
  readonly cached_input?: number;
  readonly cache_write?: number;
  readonly cache_write_1h?: number;
  readonly output: number;
  /** USD for the call itself, of models that are not paid by the token alone. */
  readonly request?: number;
}

/** Counts of tokens by the names that a dialect's reader gives them. One that was not told is left out. */
export type Counters = Readonly<Record<string, number>>;

/** How a dialect tells tokens. Pure. */
export interface UsageReader {
  /** The members of a usage object that count; values that are no counts are left out by whoever asks. */
  pick(usage: ForeignObject): Readonly<Record<string, unknown>>;
  /** What the counters of a whole answer mean. */
  usageOf(counters: Counters): Usage;
}

/**
 * What an upstream told of an answer's tokens so far. The counters of all its events are put together as they were told and mean something only then: a
 * later event may leave out a counter that the meaning of another one hangs on.
 */
export interface ToldUsage {
  readonly counters: Counters;
  readonly reader: UsageReader;
}

/** What a usage object tells; `undefined`: nothing. */
export function toldUsage(reader: UsageReader, value: unknown): ToldUsage | undefined {
  if (!isObject(value)) return undefined;
  const picked = reader.pick(value);
  const counters: Record<string, number> = {};
  let isTold = false;
  for (const name of Object.keys(picked)) {
    const count = picked[name];
    if (!isCount(count)) continue;
    counters[name] = count;
    isTold = true;
  }
  return isTold ? { counters, reader } : undefined;
}

/** What the counters told mean; those of an answer that told none are not reported. */
export function usageOf(told: ToldUsage | undefined): Usage {
  return told === undefined ? USAGE_NOT_REPORTED : told.reader.usageOf(told.counters);
}

/**
 * What the events of a stream say together, in their order: texts are joined, tool calls added up, of all else the later word holds. Of usage that is so
 * for each counter: Messages tells input in its first event and output in its last but one.
 */
export function mergeFacts(earlier: AnswerFacts, later: AnswerFacts): AnswerFacts {
  const merged: { -readonly [K in keyof AnswerFacts]: AnswerFacts[K] } = { ...earlier, ...later };
  if (earlier.usage !== undefined && later.usage !== undefined) merged.usage = mergeUsage(earlier.usage, later.usage);
  if (earlier.toolCalls !== undefined && later.toolCalls !== undefined) merged.toolCalls = earlier.toolCalls + later.toolCalls;
  if (earlier.text !== undefined && later.text !== undefined) merged.text = earlier.text + later.text;
  return merged;
}

function mergeUsage(earlier: ToldUsage, later: ToldUsage): ToldUsage {
  return { counters: { ...earlier.counters, ...later.counters }, reader: later.reader };
}

/** Whatever else stands where a count should was not reported. */
function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
