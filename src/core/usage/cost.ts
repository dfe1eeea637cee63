import type { Price, Usage } from "./usage.ts";

const TOKENS_PER_PRICE = 1_000_000;

/**
 * What writing to the cache costs where a price does not say, as a multiple of input: those who report it apart charge so.
 * https://platform.claude.com/docs/en/build-with-claude/prompt-caching#pricing; OpenAI, from GPT-5.6 on: the notes of @pydantic/genai-prices.
 */
const CACHE_WRITE_OF_INPUT = 1.25;
const CACHE_WRITE_1H_OF_INPUT = 2;

/** What an answer costs in USD; `null` where the price or a token count is not known. Each part of the input is priced apart, reasoning is output. */
export function costUsd(usage: Usage, price: Price | undefined): number | null {
  const { input_tokens: input, output_tokens: output } = usage;
  if (price === undefined) return null;
  if (input === null) return price.request ?? null;
  const cached = usage.cached_input_tokens ?? 0;
  const written = usage.cache_write_tokens ?? 0;
  const writtenLong = usage.cache_write_1h_tokens ?? 0;
  const cost =
    (input - cached - written) * price.input +
    cached * (price.cached_input ?? price.input) +
    (written - writtenLong) * (price.cache_write ?? CACHE_WRITE_OF_INPUT * price.input) +
    writtenLong * (price.cache_write_1h ?? CACHE_WRITE_1H_OF_INPUT * price.input) +
    (output ?? 0) * price.output;
  return cost / TOKENS_PER_PRICE + (price.request ?? 0);
}
