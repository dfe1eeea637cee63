/** Efforts from the least, each with the share of an answer's tokens that it may take, so that some are left to answer with: thoughts count as output. */
export const EFFORT_SHARES: ReadonlyMap<string, number> = new Map([
  ["minimal", 0.02],
  ["low", 0.1],
  ["medium", 0.3],
  ["high", 0.6],
  ["xhigh", 0.9],
  ["max", 0.9],
]);

/** Up to how many tokens of thoughts are low and medium effort. */
const LOW_TOKENS = 2_048;
const MEDIUM_TOKENS = 8_192;

/** The effort that so many tokens of thoughts mean. */
export function effortOf(budgetTokens: number): "low" | "medium" | "high" {
  if (budgetTokens <= LOW_TOKENS) return "low";
  return budgetTokens <= MEDIUM_TOKENS ? "medium" : "high";
}
