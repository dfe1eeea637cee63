import type { Plan } from "./plan.ts";
import type { Candidate, Provider, UpstreamCall } from "./routing-table.ts";

/** How a provider is called at a path: as it speaks it, or as all of its API. Nothing is translated: it is its own API that is asked for. */
function callAt({ calls, api }: Provider, path: string): UpstreamCall {
  const { baseUrl, query, ...call } = api;
  const spoken = calls.get(path);
  if (spoken !== undefined && spoken.translation === undefined) return spoken;
  return { ...call, url: baseUrl + path.slice("/v1".length) + query, path, translation: undefined };
}

/** What will be done for a call to a provider's own API: that call, once. `path`: as `calls` names it (`"/v1/files/file-1"`); no model is known. */
export function apiPlan(provider: Provider, path: string): Plan {
  const candidate: Candidate = {
    target: provider.id,
    provider,
    model: "",
    credential: provider.credential,
    weight: 1,
    timeoutMs: provider.timeoutMs,
    idleTimeoutMs: provider.idleTimeoutMs,
    maxOutputTokens: undefined,
    price: undefined,
    variant: undefined,
  };
  return {
    layer: "passthrough",
    route: undefined,
    strategy: "passthrough",
    tries: [{ candidate, call: callAt(provider, path), step: 0, strategy: "passthrough" }],
    retry: { maxRetries: 0, backoffBaseMs: 0 },
    failoverOn: new Set(),
    maxAttempts: 1,
    totalTimeoutMs: undefined,
  };
}
