import { type IssuedKey, keyIdOf } from "../core/governance/issued-key.ts";
import { bearsGatewayKey, isGatewayKey } from "../core/secrets/gateway-key.ts";
import { GatewayError } from "../core/gateway-error.ts";
import type { HeaderMap } from "../core/header-map.ts";
import { KEY_HEADERS } from "../core/secrets/key-headers.ts";
import type { ProviderKey } from "../gateway/request/call.ts";
import type { KeyFinding } from "./issued-keys.ts";
import { digestOf, equalDigests } from "./secret-digest.ts";

/** A secret of the Worker that has the form of a gateway key. */
export interface GatewayKey {
  readonly name: string;
  readonly value: string;
}

/** The keys that a request shows. */
export interface ShownKeys {
  readonly gatewayKey: string | undefined;
  readonly providerKey: ProviderKey | undefined;
}

/** Secrets that one key is the value of. */
export type SecretNames = ReadonlySet<string>;

const NO_NAMES: SecretNames = new Set();

/** Gateway keys by their digests, whatever project names them: who shows none of them is told so before any project is looked up. */
export interface KeyRing {
  readonly keys: readonly { readonly name: string; readonly digest: Uint8Array }[];
  /**
   * Keys that were accepted before, with their names: a digest per request is saved. Never more than `keys`. That a key is found here faster than it is
   * refused tells no more than its being accepted.
   */
  readonly accepted: Map<string, SecretNames>;
  /** Whether one of them looks like a key that the gateway issued: only then is such a one compared with them. */
  readonly hasIssuedForm: boolean;
}

/** The ring of these keys. */
export async function keyRing(keys: readonly GatewayKey[]): Promise<KeyRing> {
  const digests = await Promise.all(keys.map(({ value }) => digestOf(value)));
  return {
    keys: keys.map(({ name }, at) => ({ name, digest: digests[at] ?? new Uint8Array(0) })),
    accepted: new Map(),
    hasIssuedForm: keys.some(({ value }) => keyIdOf(value) !== undefined),
  };
}

/** The gateway key in `x-to11-authorization`, or in one of the headers that tools with a single key field use, and the caller's own key for a provider. */
export function shownKeys(headers: HeaderMap): ShownKeys {
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

/** The secrets that the gateway key is the value of; none where it is nobody's. */
export async function secretsOf({ gatewayKey }: ShownKeys, ring: KeyRing): Promise<SecretNames> {
  if (gatewayKey === undefined) return NO_NAMES;
  const known = ring.accepted.get(gatewayKey);
  if (known !== undefined) return known;
  // The form is no secret.
  if (!isGatewayKey(gatewayKey) || (keyIdOf(gatewayKey) !== undefined && !ring.hasIssuedForm)) return NO_NAMES;
  const digest = await digestOf(gatewayKey);
  const names = new Set<string>();
  // Every key is compared, to its last byte: how long it takes tells nothing.
  for (const each of ring.keys) if (equalDigests(each.digest, digest)) names.add(each.name);
  if (names.size > 0) ring.accepted.set(gatewayKey, names);
  return names;
}

/** Why a call is not let in, without a word on what was wrong with its key. */
export function refused({ gatewayKey }: ShownKeys): GatewayError {
  if (gatewayKey !== undefined) return new GatewayError("invalid_api_key", "The gateway key was not accepted.");
  return new GatewayError(
    "missing_api_key",
    'No gateway key was sent. Send one as "x-to11-authorization: Bearer to11_…", or as your client\'s API key.',
  );
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

/** `Bearer sk-1` and `sk-1` are both `sk-1`. */
function bare(value: string): string {
  return value.replace(/^\s*bearer\s+/i, "").trim();
}
