import type { Price, Usage } from "./usage.ts";

const TOKENS_PER_PRICE = 1_000_000;

/** What the tokens cost in USD; `null` where the price or a token count is not known. Cached input is priced apart, reasoning is output. */
export function costUsd(usage: Usage, price: Price | undefined): number | null {
  const { input_tokens: input, output_tokens: output } = usage;
  if (price === undefined || input === null) return null;
  const cached = usage.cached_input_tokens ?? 0;
  const uncachedCost = (input - cached) * price.input;
  const cachedCost = cached * (price.cached_input ?? price.input);
  return (uncachedCost + cachedCost + (output ?? 0) * price.output) / TOKENS_PER_PRICE;
}
