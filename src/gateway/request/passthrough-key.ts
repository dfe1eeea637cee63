import { GatewayError } from "../../core/gateway-error.ts";
import type { Try } from "../../core/routing/plan.ts";
import type { Ports } from "../ports.ts";
import type { ProviderKey } from "./call.ts";
import type { CredentialChoice } from "./upstream-request.ts";

/** Whose key a passed-through call may go with. */
export interface KeysAtHand {
  /** The caller's own. */
  readonly providerKey: ProviderKey | undefined;
  /** Whether the provider's stored one is lent to whoever brings none. */
  readonly stored: "lent" | "kept";
}

/** Whose key goes upstream on passthrough: the caller's, or the stored one where routes.toml lends it; `undefined`: one is needed and there is none. */
export function passthroughKey(attempted: Try, { providerKey, stored }: KeysAtHand, ports: Ports): CredentialChoice | undefined {
  if (ports.simulator?.providers.has(attempted.candidate.provider.id) === true) return { kind: "none" };
  // Whoever sends one of the gateway's own secrets has sent no key of theirs.
  if (providerKey !== undefined && !ports.holdsSecret(providerKey.sent)) return { kind: "caller", value: providerKey };
  if (stored === "lent") return { kind: "stored" };
  return attempted.call.auth.place === "none" ? { kind: "none" } : undefined;
}

/** The refusal of a call that needs a key of the caller's. `why`: a sentence's beginning; `otherwise`: what else would help, with a comma before it. */
export function missingKey({ call, candidate }: Try, why: string, otherwise: string): GatewayError {
  const { auth } = call;
  const { id } = candidate.provider;
  const header = auth.place === "header" ? `${auth.name}: ${auth.prefix}` : "authorization: Bearer ";
  return new GatewayError(
    "missing_provider_key",
    `${why} goes to ${id} with your own key, and none was sent. ` +
      `Set "${header}<your ${id} key>" (the gateway's own key goes into x-to11-authorization)${otherwise}.`,
  );
}
