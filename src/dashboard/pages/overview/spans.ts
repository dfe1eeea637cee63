/** How far back the page looks, and in how long steps its charts do, seconds. */
export const SPANS = {
  "1h": { label: "1 h", words: "in the last hour", rangeS: 3600, stepS: 60 },
  "24h": { label: "24 h", words: "in the last 24 hours", rangeS: 86_400, stepS: 1800 },
  "7d": { label: "7 d", words: "in the last 7 days", rangeS: 604_800, stepS: 10_800 },
  "30d": { label: "30 d", words: "in the last 30 days", rangeS: 2_592_000, stepS: 43_200 },
} as const;
export type Span = keyof typeof SPANS;

/** The span that an address names, a day where it names none. */
export function spanOf(parameters: URLSearchParams): Span {
  const range = parameters.get("range");
  return Object.keys(SPANS).find((known): known is Span => known === range) ?? "24h";
}
