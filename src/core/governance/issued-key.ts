import { LIMIT_NAMES, type LimitTable } from "./limit.ts";

/** What a key may be used for: calls under `/v1`; in the control API the traces of its own calls, what is published, and keys. */
export const KEY_SCOPES = ["call", "traces:read", "publish", "keys"] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

/** What an operator says of a key. */
export interface KeySettings {
  readonly name: string;
  /** `[plans.NAME]`; `null`: none, so the key may ask for everything. */
  readonly plan: string | null;
  readonly team: string | null;
  readonly owner: string | null;
  /** Copied into traces, each name with `key.` before it. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly scopes: readonly KeyScope[];
  /** ms since the epoch; `null`: never. */
  readonly expiresAtMs: number | null;
  /** The key's own; those of its plan hold besides. */
  readonly limits: LimitTable;
}

/** A change of some of it; `undefined` and what is left out stay as they are. */
export type KeyChange = { readonly [Setting in keyof KeySettings]?: KeySettings[Setting] | undefined };

/** One secret of a key, known by its digest only. */
export interface KeySecret {
  /** SHA-256 of the whole key, base64url. */
  readonly digest: string;
  /** When it ends though the key goes on, ms since the epoch; `null`: it does not. */
  readonly endsAtMs: number | null;
}

/** A key that the gateway made: what the governor holds, KV distributes and isolates remember. */
export interface IssuedKey extends KeySettings {
  /** `k3f9x0a7c2b1d`: in traces, metrics and limits. */
  readonly id: string;
  /** The project's count of changes at the last one to this key: of two records of one key the greater one is the newer. */
  readonly rev: number;
  readonly createdAtMs: number;
  readonly changedAtMs: number;
  readonly revokedAtMs: number | null;
  /** The newest first; a second one where the key was rotated. */
  readonly secrets: readonly KeySecret[];
}

/** What a presented secret is to a key. Only who holds a secret of the key hears that it ended. */
export type KeyVerdict = "accepted" | "expired" | "revoked" | "wrong_secret";

/** Judges a presented secret by its digest. Each digest is compared to its last character: how long it takes tells nothing. */
export function judgeKey(key: IssuedKey, digest: string, nowMs: number): KeyVerdict {
  let matching: KeySecret | undefined;
  for (const secret of key.secrets) if (isSameDigest(secret.digest, digest)) matching = secret;
  if (matching === undefined) return "wrong_secret";
  if (key.revokedAtMs !== null) return "revoked";
  return hasEnded(key.expiresAtMs, nowMs) || hasEnded(matching.endsAtMs, nowMs) ? "expired" : "accepted";
}

/** Whether an end has come; `null`: there is none. */
export function hasEnded(endsAtMs: number | null, nowMs: number): boolean {
  return endsAtMs !== null && nowMs >= endsAtMs;
}

function isSameDigest(left: string, right: string): boolean {
  let difference = left.length ^ right.length;
  for (let index = 0; index < left.length; index += 1) difference |= left.charCodeAt(index) ^ right.charCodeAt(index);
  return difference === 0;
}

/** The secrets of a key with a new one: the one before ends when the overlap does, any earlier one at once. */
export function rotatedSecrets(key: IssuedKey, digest: string, oldEndsAtMs: number): readonly KeySecret[] {
  const [before] = key.secrets;
  const endsAtMs = Math.min(before?.endsAtMs ?? oldEndsAtMs, oldEndsAtMs);
  return [{ digest, endsAtMs: null }, ...(before === undefined ? [] : [{ digest: before.digest, endsAtMs }])];
}

/** What a key can do at most: what its holder may give to others. */
export type KeyPower = Pick<KeySettings, "scopes" | "plan" | "expiresAtMs" | "limits">;

/** Whether a key that can do this is in the power of `giver`: nobody gives, to itself least of all, what it lacks. */
export function mayGive(giver: KeyPower, given: KeyPower): boolean {
  const endsInTime = (given.expiresAtMs ?? Infinity) <= (giver.expiresAtMs ?? Infinity);
  const hasPlan = giver.plan === null || giver.plan === given.plan;
  const isLimited = LIMIT_NAMES.every((name) => (given.limits[name] ?? Infinity) <= (giver.limits[name] ?? Infinity));
  return endsInTime && hasPlan && isLimited && given.scopes.every((scope) => giver.scopes.includes(scope));
}

/** `to11_k`, the rest of the id, `_`, 256 bits in base64url. It has the form of every gateway key. */
const FORM = /^to11_(k[a-z0-9]{12})_[A-Za-z0-9_-]{43}$/;
const ID = /^k[a-z0-9]{12}$/;

const ID_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
const ID_LENGTH = 12;

/** Bytes of chance in a secret; base64url makes 43 characters of them. */
export const KEY_SECRET_BYTES = 32;

/** Whether a text has the form of a key's id. */
export function isKeyId(text: string): boolean {
  return ID.test(text);
}

/** The id that a presented key names; `undefined`: no issued key has its form. */
export function keyIdOf(presented: string): string | undefined {
  return FORM.exec(presented)?.[1];
}

/** A new id, of draws in `[0, total)`. */
export function newKeyId(draw: (total: number) => number): string {
  return `k${Array.from({ length: ID_LENGTH }, () => ID_CHARACTERS[draw(ID_CHARACTERS.length)]).join("")}`;
}

/** The whole key of an id, shown once. `secret`: `KEY_SECRET_BYTES` in base64url. */
export function writeIssuedKey(id: string, secret: string): string {
  return `to11_${id}_${secret}`;
}
