import { bearsGatewayKey, isGatewayKey } from "../core/secrets/gateway-key.ts";
import { GatewayError } from "../core/gateway-error.ts";
import type { HeaderMap } from "../core/header-map.ts";
import type { RoutingTable } from "../core/routing/routing-table.ts";
import { KEY_HEADERS } from "../core/secrets/key-headers.ts";
import type { ProviderKey } from "../gateway/request/call.ts";
import { digestOf, equalDigests } from "./secret-digest.ts";

/** Who calls, and the caller's own key for a provider, if one was sent. */
export interface Caller {
  /** The secret whose key was used; `null` on an open gateway. */
  readonly apiKey: string | null;
  readonly providerKey: ProviderKey | undefined;
}

/** Gateway keys that a project accepts, by their digests. */
export interface KeyRing {
  readonly keys: readonly { readonly name: string; readonly digest: Uint8Array }[];
  /**
   * Keys that were accepted before, with their names: a digest per request is saved. Never more than `keys`. That a key is found here faster than it is
   * refused tells no more than its being accepted.
   */
  readonly accepted: Map<string, string>;
}

/** The ring of the secrets that `[auth].api_keys` names: those that are set and have the form of a gateway key. */
export async function keyRing(table: RoutingTable, secretValue: (name: string) => string | undefined): Promise<KeyRing> {
  const keys: { name: string; digest: Uint8Array }[] = [];
  for (const name of table.apiKeys) {
    const value = secretValue(name);
    if (value !== undefined && isGatewayKey(value)) keys.push({ name, digest: await digestOf(value) });
  }
  return { keys, accepted: new Map() };
}

/**
 * Tells who calls by the gateway key in `x-to11-authorization`, or in one of the headers that tools with a single key field use.
 * @throws GatewayError `missing_api_key` or `invalid_api_key`, without a word on what was wrong with it.
 */
export async function authenticate(headers: HeaderMap, ring: KeyRing, access: "open" | "closed"): Promise<Caller> {
  const presented = presentedKeys(headers);
  const { gatewayKey, providerKey } = presented;
  const name = gatewayKey === undefined ? undefined : (ring.accepted.get(gatewayKey) ?? (await keyName(gatewayKey, ring)));
  if (name !== undefined) return { apiKey: name, providerKey };
  if (access === "open") return { apiKey: null, providerKey };
  if (gatewayKey === undefined) {
    throw new GatewayError(
      "missing_api_key",
      'No gateway key was sent. Send one as "x-to11-authorization: Bearer to11_…", or as your client\'s API key.',
    );
  }
  throw new GatewayError("invalid_api_key", "The gateway key was not accepted.");
}

function presentedKeys(headers: HeaderMap): { gatewayKey: string | undefined; providerKey: ProviderKey | undefined } {
  const own = headers.get("x-to11-authorization");
  let gatewayKey = own === undefined ? undefined : bare(own);
  let providerKey: ProviderKey | undefined;
  for (const header of KEY_HEADERS) {
    const value = headers.get(header);
    if (value === undefined) continue;
    const key = bare(value);
    if (bearsGatewayKey(value)) gatewayKey ??= key;
    else if (key !== "") providerKey ??= { header, sent: value, key };
  }
  return { gatewayKey, providerKey };
}

/** `Bearer sk-1` and `sk-1` are both `sk-1`. */
function bare(value: string): string {
  return value.replace(/^\s*bearer\s+/i, "").trim();
}

async function keyName(key: string, ring: KeyRing): Promise<string | undefined> {
  const digest = await digestOf(key);
  let name: string | undefined;
  // Every key is compared, to its last byte: how long it takes tells nothing.
  for (const each of ring.keys) if (equalDigests(each.digest, digest)) name = each.name;
  if (name !== undefined) ring.accepted.set(key, name);
  return name;
}
