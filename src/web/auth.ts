import { type IssuedKey, keyIdOf } from "../core/governance/issued-key.ts";
import { bearsGatewayKey, isGatewayKey } from "../core/secrets/gateway-key.ts";
import { GatewayError } from "../core/gateway-error.ts";
import type { HeaderMap } from "../core/header-map.ts";
import type { RoutingTable } from "../core/routing/routing-table.ts";
import type { KeyFinding } from "./issued-keys.ts";
import { digestOf, equalDigests } from "./secret-digest.ts";

/** Who calls, and the caller's own key for a provider, if one was sent. */
export interface Caller {
  /** The id of an issued key, or the secret whose key was used; `null` on an open gateway. */
  readonly apiKey: string | null;
  readonly providerKey: string | undefined;
  /** The issued key that was used; left out: another one, or none. */
  readonly issued?: IssuedKey;
}

/** What a project lets in: the keys of its ring, those that `findIssued` accepts, where it issues any, or, `open`, everybody. */
export interface Admission {
  readonly ring: KeyRing;
  readonly findIssued: ((presented: string) => Promise<KeyFinding>) | undefined;
  readonly open: boolean;
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

/** Headers that clients put a key into, besides the gateway's own. */
const KEY_HEADERS = ["authorization", "x-api-key", "api-key"] as const;

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
 * @throws GatewayError `missing_api_key` or `invalid_api_key`, without a word on what was wrong with it; to the holder of an issued key that ended, `key_expired`
 * or `key_revoked`; `keys_unavailable`, `forbidden`.
 */
export async function authenticate(headers: HeaderMap, { ring, findIssued, open }: Admission): Promise<Caller> {
  const { gatewayKey, providerKey } = presentedKeys(headers);
  if (findIssued !== undefined && gatewayKey !== undefined && keyIdOf(gatewayKey) !== undefined) {
    const issued = acceptedKey(await findIssued(gatewayKey));
    if (issued?.scopes.includes("call") === false) {
      throw new GatewayError("forbidden", `The key ${issued.id} may not call models: it lacks the scope "call".`);
    }
    if (issued !== undefined) return { apiKey: issued.id, providerKey, issued };
  }
  const name = gatewayKey === undefined ? undefined : (ring.accepted.get(gatewayKey) ?? (await keyName(gatewayKey, ring)));
  if (name !== undefined) return { apiKey: name, providerKey };
  if (open) return { apiKey: null, providerKey };
  if (gatewayKey === undefined) {
    throw new GatewayError(
      "missing_api_key",
      'No gateway key was sent. Send one as "x-to11-authorization: Bearer to11_…", or as your client\'s API key.',
    );
  }
  throw new GatewayError("invalid_api_key", "The gateway key was not accepted.");
}

/**
 * The key that was found; `undefined`: there is none of this secret.
 * @throws GatewayError where it has ended, which only its holder hears, or nobody can say.
 */
export function acceptedKey(finding: KeyFinding): IssuedKey | undefined {
  switch (finding.kind) {
    case "accepted":
      return finding.key;
    case "unknown":
      return undefined;
    case "expired":
      throw new GatewayError(
        "key_expired",
        "This gateway key has expired, or was replaced by a newer one. Ask whoever gave it to you for another.",
      );
    case "revoked":
      throw new GatewayError("key_revoked", "This gateway key was revoked. Ask whoever gave it to you for another.");
    case "unavailable":
      throw new GatewayError("keys_unavailable", "Whether this gateway key is good cannot be looked up now; try again.", {
        headers: { "retry-after": "1" },
      });
  }
}

function presentedKeys(headers: HeaderMap): { gatewayKey: string | undefined; providerKey: string | undefined } {
  const own = headers.get("x-to11-authorization");
  let gatewayKey = own === undefined ? undefined : bare(own);
  let providerKey: string | undefined;
  for (const header of KEY_HEADERS) {
    const value = headers.get(header);
    if (value === undefined) continue;
    const key = bare(value);
    if (bearsGatewayKey(value)) gatewayKey ??= key;
    else if (key !== "") providerKey ??= key;
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
