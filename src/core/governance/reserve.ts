import { costUsd } from "../usage/cost.ts";
import type { Price, Usage } from "../usage/usage.ts";
import { MICRO_USD } from "./limit.ts";

/** Bytes of a body beyond which an estimate does not grow: what is so long is mostly a picture, or a file. */
const ESTIMATED_BYTES = 256 * 1024;

/** Bytes of a text that are a token, roughly: https://help.openai.com/en/articles/4936856. */
const BYTES_PER_TOKEN = 4;

/** Tokens that an answer is taken to have as long as none was seen. */
const FIRST_OUTPUT_TOKENS = 512;

/** A reservation is this many times what answers have on average. */
const OF_MEAN = 2;

/** Tokens that an answer may have whose request does not say, where the most is reserved. */
const MOST_OUTPUT_TOKENS = 32_768;

/** How much of a running mean the newest answer is. */
const NEWEST_SHARE = 0.1;

/** Routes whose answers are remembered. */
const MOST_MEANS = 1_000;

/** What a call is thought to use, or did. */
export interface Tokens {
  readonly input: number;
  readonly output: number;
}

/** What an estimate is made of. */
export interface Asking {
  readonly bodyBytes: number;
  /** What the body allows the answer to have, all choices together; `undefined`: it does not say. */
  readonly maxOutputTokens: number | undefined;
  /** What answers of this route have on average; `undefined`: none was seen. */
  readonly meanOutputTokens: number | undefined;
  readonly reserve: "expected" | "most";
}

/** What is reserved for a request before it is made. */
export function reservedTokens({ bodyBytes, maxOutputTokens, meanOutputTokens, reserve }: Asking): Tokens {
  if (reserve === "most") return { input: bodyBytes, output: maxOutputTokens ?? MOST_OUTPUT_TOKENS };
  const expected = meanOutputTokens === undefined ? FIRST_OUTPUT_TOKENS : Math.ceil(OF_MEAN * meanOutputTokens);
  return { input: inputTokens(bodyBytes), output: Math.min(maxOutputTokens ?? Infinity, expected) };
}

/** What the input of a request is thought to have. */
export function inputTokens(bodyBytes: number): number {
  return Math.ceil(Math.min(bodyBytes, ESTIMATED_BYTES) / BYTES_PER_TOKEN);
}

/** What an answer used: as its provider counts; where that says nothing, what was sent and what came of it, at least what the events showed. Never nothing. */
export function usedTokens(usage: Usage, { bodyBytes, textBytes }: { readonly bodyBytes: number; readonly textBytes: number }): Tokens {
  const input = usage.input_tokens ?? inputTokens(bodyBytes);
  // Events of a stream that was cut may have told a part of it.
  const output = Math.max(
    usage.output_tokens ?? 0,
    usage.input_tokens === null || usage.output_tokens === null ? wordTokens(textBytes) : 0,
  );
  return { input, output };
}

/** Tokens of a text that was sent. */
export function wordTokens(textBytes: number): number {
  return Math.ceil(textBytes / BYTES_PER_TOKEN);
}

/** What tokens cost, whole micro-dollars, rounded up. */
export function microUsd({ input, output }: Tokens, price: Price): number {
  const usage = { ...NOTHING_CACHED, input_tokens: input, output_tokens: output };
  return wholeMicros(costUsd(usage, price) ?? 0);
}

/** What a told usage costs, its cached parts at their own prices; `undefined`: it was not told whole. */
export function toldMicroUsd(usage: Usage, price: Price): number | undefined {
  if (usage.input_tokens === null || usage.output_tokens === null) return undefined;
  return wholeMicros(costUsd(usage, price) ?? 0);
}

/** Sums of prices miss a whole number by as much as a double can. */
function wholeMicros(usd: number): number {
  return Math.ceil(usd * MICRO_USD - 1e-6);
}

const NOTHING_CACHED: Omit<Usage, "input_tokens" | "output_tokens"> = {
  cached_input_tokens: null,
  cache_write_tokens: null,
  cache_write_1h_tokens: null,
  reasoning_tokens: null,
};

/** How long answers are on average, by what they are asked of. */
export class OutputMeans {
  readonly #means = new Map<string, number>();

  /** `undefined`: none was seen. */
  of(name: string): number | undefined {
    return this.#means.get(name);
  }

  /** An answer had so many tokens. */
  note(name: string, tokens: number): void {
    const mean = this.#means.get(name);
    this.#means.set(name, mean === undefined ? tokens : mean + NEWEST_SHARE * (tokens - mean));
    const [oldest] = this.#means.keys();
    if (this.#means.size > MOST_MEANS && oldest !== undefined) this.#means.delete(oldest);
  }
}
