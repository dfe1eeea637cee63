import type { Candidate, Provider } from "../../../src/core/routing/routing-table.ts";

const PROVIDER: Provider = {
  id: "openai",
  models: ["m"],
  origin: "https://api.openai.com",
  credential: "OPENAI_API_KEY",
  passthrough: "caller",
  streamUsage: true,
  otelName: "openai",
  prices: new Map(),
  contextWindows: new Map(),
  timeoutMs: 30_000,
  idleTimeoutMs: 60_000,
  calls: new Map(),
  forwardHeaders: [],
  others: [],
  api: { baseUrl: "https://api.openai.com/v1", query: "", auth: { place: "none" }, defaultHeaders: [], headers: [], secretQuery: [] },
};

/** Candidates named `t0`, `t1`, … with the given weights. */
export function weighing(...weights: readonly number[]): readonly Candidate[] {
  return weights.map((weight, index) => ({
    target: `t${index}`,
    provider: PROVIDER,
    model: "m",
    credential: "OPENAI_API_KEY",
    weight,
    timeoutMs: 30_000,
    idleTimeoutMs: 60_000,
    maxOutputTokens: undefined,
    price: undefined,
    variant: undefined,
  }));
}
