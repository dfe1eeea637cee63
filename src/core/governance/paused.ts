import type { CounterView, Shortage } from "./lease.ts";
import type { Amounts } from "./limit.ts";

/** Why a request is refused while its isolate may not ask: by the limit of which least is left. `undefined`: none refills, so none makes it wait. */
export function pausedShortage(counters: readonly CounterView[], amounts: Amounts, retryMs: number): Shortage | undefined {
  const refilling = counters.filter(({ refillPerMs }) => refillPerMs > 0);
  const [scarcest] = refilling.toSorted((one, other) => one.left / one.max - other.left / other.max);
  if (scarcest === undefined) return undefined;
  const { name, max, spent } = scarcest;
  return { limit: name, why: "refills", retryMs, max, spent, needed: amounts[name] ?? 0 };
}
