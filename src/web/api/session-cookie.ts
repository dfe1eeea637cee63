import { hex } from "../../core/trace/traceparent.ts";

/** `__Host-`: browsers take it only over https, without a domain and for the whole origin, so no other site can plant one. */
const COOKIE = "__Host-to11_session";
const COOKIE_ATTRIBUTES = "Path=/; HttpOnly; Secure; SameSite=Strict";

/** Seconds that a browser keeps the cookie: as long as the session lasts, 12 h. */
const COOKIE_MAX_AGE_S = 43_200;

/** A session's token and its signature, both 32 bytes in hex. */
const SIGNED = /^([0-9a-f]{64})\.([0-9a-f]{64})$/;

/** What the signing key is derived for, so that no other use of the admin key ever makes the same one. */
const PURPOSE = "to11 session cookie";

const HMAC = { name: "HMAC", hash: "SHA-256", length: 256 } as const;

const encoder = new TextEncoder();

/** The `Set-Cookie` of a session. The signature is by a key derived from the admin key: with another one, every session ends. */
export async function sessionCookie(token: string, adminKey: string): Promise<string> {
  const signature = await crypto.subtle.sign(HMAC.name, await signingKey(adminKey), encoder.encode(token));
  return `${COOKIE}=${token}.${hex(new Uint8Array(signature))}; Max-Age=${COOKIE_MAX_AGE_S}; ${COOKIE_ATTRIBUTES}`;
}

/** The `Set-Cookie` that takes a session's cookie away. */
export const NO_SESSION_COOKIE = `${COOKIE}=; Max-Age=0; ${COOKIE_ATTRIBUTES}`;

/** The token of the request's cookie, if this gateway has signed it under this admin key. Whether its session still lasts, the object knows. */
export async function sessionToken(request: Request, adminKey: string): Promise<string | undefined> {
  const pairs = (request.headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  const value = pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
  const [, token, signature] = SIGNED.exec(value ?? "") ?? [];
  if (token === undefined || signature === undefined) return undefined;
  const isOurs = await crypto.subtle.verify(HMAC.name, await signingKey(adminKey), bytesOf(signature), encoder.encode(token));
  return isOurs ? token : undefined;
}

/** The one derived last: a Worker has one admin key as long as an isolate lives. */
let derived: { readonly adminKey: string; readonly key: CryptoKey } | undefined;

async function signingKey(adminKey: string): Promise<CryptoKey> {
  if (derived?.adminKey === adminKey) return derived.key;
  const secret = await crypto.subtle.importKey("raw", encoder.encode(adminKey), "HKDF", false, ["deriveKey"]);
  const algorithm = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: encoder.encode(PURPOSE) };
  const key = await crypto.subtle.deriveKey(algorithm, secret, HMAC, false, ["sign", "verify"]);
  derived = { adminKey, key };
  return key;
}

function bytesOf(digits: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) => Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16));
}
