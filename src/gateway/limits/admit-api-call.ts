import type { Try } from "../../core/routing/plan.ts";
import { admit, type AdmissionOrder } from "./admission.ts";

/**
 * Takes what a call to a provider's own API needs. Nobody reads it, so a `POST` is taken to use tokens by its size and that of its answer; all else is a call
 * that uses none.
 * @throws GatewayError as `admit` does, and where the account is full.
 */
export async function admitApiCall(order: Omit<AdmissionOrder, "asking">, attempted: Try, method: string): Promise<void> {
  const uses = method === "POST" ? "tokens" : "nothing";
  const admission = await admit({ ...order, asking: { uses, maxOutputTokens: () => undefined, toolCalls: () => [] } });
  const full = await admission.begin(attempted);
  if (full !== undefined) throw full;
}
