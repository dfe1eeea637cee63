import { bearsGatewayKey } from "../core/secrets/gateway-key.ts";
import type { Ports } from "../gateway/ports.ts";

/**
 * Parameters that clients of a dialect put into the query string: `beta=true` (Anthropic's SDKs), `api-version` (Azure's). All others stay here: some carry keys.
 * Spec, "Bodies and headers".
 */
const PASSING = ["beta", "api-version"] as const;

/** As `true` and `2024-10-01-preview` are written: nothing that a key would look like. */
const PLAIN = /^[\w.:-]{1,32}$/;

const NOTHING: readonly (readonly [string, string])[] = [];

/** The parameters of a request's query string that may go to any upstream. */
export function passingQuery(url: string, holdsSecret: Ports["holdsSecret"]): readonly (readonly [string, string])[] {
  if (!url.includes("?")) return NOTHING;
  const { searchParams } = new URL(url);
  return PASSING.flatMap((name): [string, string][] => {
    const value = searchParams.get(name);
    if (value === null || !PLAIN.test(value) || bearsGatewayKey(value) || holdsSecret(value)) return [];
    return [[name, value]];
  });
}
