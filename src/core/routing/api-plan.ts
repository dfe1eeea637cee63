import type { Plan } from "./plan.ts";
import type { Candidate, Provider } from "./routing-table.ts";

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
    price: undefined,
    variant: undefined,
  };
  return {
    layer: "passthrough",
    route: undefined,
    strategy: "passthrough",
    tries: [{ candidate, call: provider.callAt(path), path, step: 0, strategy: "passthrough" }],
    retry: { maxRetries: 0, backoffBaseMs: 0 },
    failoverOn: new Set(),
    maxAttempts: 1,
    totalTimeoutMs: undefined,
  };
}
