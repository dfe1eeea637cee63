import { hex } from "../../core/trace/traceparent.ts";

/** `__Host-`: browsers take it only over https, without a domain and for the whole origin, so no other site can plant one. */
const COOKIE = "__Host-to11_session";
const COOKIE_ATTRIBUTES = "Path=/; HttpOnly; Secure; SameSite=Strict";

/** Seconds that a browser keeps the cookie: as long as the session lasts, 12 h. */
const COOKIE_MAX_AGE_S = 43_200;

/** A session's token and its signature, both 32 bytes in hex. */
const SIGNED = /^([0-9a-f]{64})\.([0-9a-f]{64})$/;

/** What is signed begins with it, so that no other use of the admin key ever signs the same. */
const PURPOSE = "to11 session cookie ";

const HMAC = { name: "HMAC", hash: "SHA-256" } as const;

const encoder = new TextEncoder();

/** The `Set-Cookie` of a session. It is signed by the admin key: with another one, every session ends. */
export async function sessionCookie(token: string, adminKey: string): Promise<string> {
  const signature = await crypto.subtle.sign(HMAC.name, await signingKey(adminKey), encoder.encode(PURPOSE + token));
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
  const isOurs = await crypto.subtle.verify(HMAC.name, await signingKey(adminKey), bytesOf(signature), encoder.encode(PURPOSE + token));
  return isOurs ? token : undefined;
}

function signingKey(adminKey: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", encoder.encode(adminKey), HMAC, false, ["sign", "verify"]);
}

function bytesOf(digits: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) => Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16));
}
