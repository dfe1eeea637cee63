import type { Provider } from "../../core/routing/routing-table.ts";
import { bearsGatewayKey } from "../../core/secrets/gateway-key.ts";
import type { Ports } from "../ports.ts";
import type { Call } from "./call.ts";
import type { CredentialChoice } from "./upstream-request.ts";

type Headers = readonly (readonly [string, string])[];

/** The caller's headers that go to a provider: the standing ones, those of the caller's account with the caller's key, and what the provider's `forward_headers` name. */
export function forwardedTo(
  { forwardHeaders }: Provider,
  call: Pick<Call, "headers" | "forwarded" | "forwardedOnPassthrough">,
  credential: CredentialChoice,
  { holdsSecret }: Pick<Ports, "holdsSecret">,
): Headers {
  const standing = credential.kind === "stored" ? call.forwarded : [...call.forwarded, ...call.forwardedOnPassthrough];
  if (forwardHeaders.length === 0) return standing;
  const named = forwardHeaders.flatMap((name): [string, string][] => {
    const value = call.headers.get(name);
    return value === undefined || bearsGatewayKey(value) || holdsSecret(value) ? [] : [[name, value]];
  });
  return [...standing, ...named];
}
