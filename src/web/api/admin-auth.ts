import { type IssuedKey, keyIdOf } from "../../core/governance/issued-key.ts";
import { GatewayError } from "../../core/gateway-error.ts";
import { equalSecrets } from "../secret-digest.ts";
import { isForeign } from "../foreign-origin.ts";
import { isLocalDevelopment } from "../local-development.ts";
import { acceptedKey } from "../auth.ts";
import type { World } from "../world.ts";
import type { ApiRoute } from "./routes.ts";
import type { ControlServices } from "./services.ts";

/** Characters of TO11_ADMIN_KEY at least; a shorter one opens nothing. */
const MIN_KEY_LENGTH = 32;

/** `__Host-`: browsers take it only over https, without a domain and for the whole origin, so no other site can plant one. */
const COOKIE = "__Host-to11_session";
const COOKIE_ATTRIBUTES = "Path=/; HttpOnly; Secure; SameSite=Strict";

/** Seconds that a browser keeps the cookie: as long as the session lasts, 12 h. */
const COOKIE_MAX_AGE_S = 43_200;

/** What writes may be sent as. A form or plain text can come from any page without its being asked. */
const WRITE_TYPES: ReadonlySet<string> = new Set(["application/json", "application/toml", "text/toml"]);
const WRITE_METHODS: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

const NO_ORIGINS: ReadonlySet<string> = new Set();

/**
 * Refuses what a page of another origin may have sent, whoever is signed in.
 * @throws GatewayError `forbidden`, `invalid_request`.
 */
export function refuseForeign(request: Request): void {
  if (isForeign(request, NO_ORIGINS)) throw new GatewayError("forbidden", "The control API does not answer pages of another origin.");
  if (!WRITE_METHODS.has(request.method) || WRITE_TYPES.has(mediaType(request))) return;
  throw new GatewayError(
    "invalid_request",
    `Send the body as application/json or application/toml, not as ${JSON.stringify(mediaType(request))}.`,
    { param: "content-type" },
  );
}

/** `application/json; charset=utf-8` is `application/json`. */
export function mediaType(request: Request): string {
  return (request.headers.get("content-type") ?? "").split(";", 1).join("").trim().toLowerCase();
}

/** Whether a request comes from somebody who may operate the gateway: with the admin key, a session, or at home under `to11 dev` without a key. */
export async function isAdmin(request: Request, control: ControlServices): Promise<boolean> {
  if (isForeign(request, NO_ORIGINS)) return false;
  if (isOpen(request, control)) return true;
  const key = adminKey(control);
  if (key === undefined) return false;
  const bearer = bearerOf(request);
  if (bearer !== undefined) return equalSecrets(bearer, key);
  const token = sessionToken(request);
  return token !== undefined && (await control.sessions.isSignedIn(token));
}

/**
 * Lets operators in and issued keys, which it tells: each call says which of these may make it.
 * @throws GatewayError `missing_api_key`, `invalid_api_key`, or of a key's own end.
 */
export async function requireAdmission(
  request: Request,
  world: Pick<World, "control" | "keepAlive">,
  project: string | undefined,
): Promise<IssuedKey | undefined> {
  const { control } = world;
  if (await isAdmin(request, control)) return undefined;
  const bearer = bearerOf(request);
  const key = bearer === undefined ? undefined : await issuedKey(bearer, world, project);
  if (key !== undefined) return key;
  if (adminKey(control) === undefined) throw closed();
  if (bearer !== undefined) throw new GatewayError("invalid_api_key", "The admin key was not accepted.");
  throw new GatewayError("missing_api_key", 'Send the admin key as "Authorization: Bearer …", or sign in with POST /api/session.');
}

/** The issued key that is presented, if the project that is called knows it. */
async function issuedKey(
  presented: string,
  { control, keepAlive }: Pick<World, "control" | "keepAlive">,
  project: string | undefined,
): Promise<IssuedKey | undefined> {
  if (keyIdOf(presented) === undefined) return undefined;
  const served = await control.served(project, keepAlive);
  if (!served.ok || !served.value.table.issued) return undefined;
  return acceptedKey(await control.findKey(served.value.table.project, presented));
}

/**
 * Refuses a key that has not the scope of the call.
 * @throws GatewayError `forbidden`.
 */
export function refuseBeyondScope(key: IssuedKey, access: ApiRoute["access"]): void {
  if (access === "anyone" || (access !== undefined && key.scopes.includes(access))) return;
  const needed = access === undefined ? "no key's scope opens this call" : `it lacks the scope ${JSON.stringify(access)}`;
  throw new GatewayError("forbidden", `The key ${key.id} may not make this call: ${needed}.`);
}

/**
 * Signs in with the admin key: the answer sets the session's cookie, which never holds the key.
 * @throws GatewayError `invalid_api_key`, `too_many_sign_ins`, or `missing_api_key` where the Worker has no key.
 */
export async function signIn(request: Request, key: string, control: ControlServices): Promise<Response> {
  const right = adminKey(control);
  if (right === undefined) {
    // Nothing to sign in to: everything is open here.
    if (isOpen(request, control)) return new Response(null, { status: 204 });
    throw closed();
  }
  const client = request.headers.get("cf-connecting-ip") ?? "local";
  const outcome = await control.sessions.signIn({ client, right: await equalSecrets(key, right) });
  switch (outcome.kind) {
    case "signed_in":
      return withCookie(`${COOKIE}=${outcome.token}; Max-Age=${COOKIE_MAX_AGE_S}`);
    case "wrong_key":
      throw new GatewayError("invalid_api_key", "The admin key was not accepted.");
    case "too_many":
      throw new GatewayError("too_many_sign_ins", `Too many wrong keys; try again in ${outcome.retryAfterS} s.`, {
        headers: { "retry-after": String(outcome.retryAfterS) },
      });
  }
}

/** Ends the session of the request's cookie, if it has one. */
export async function signOut(request: Request, control: ControlServices): Promise<Response> {
  const token = sessionToken(request);
  if (token !== undefined) await control.sessions.signOut(token);
  return withCookie(`${COOKIE}=; Max-Age=0`);
}

/** No key is set, and `to11 dev` runs on this machine. */
function isOpen(request: Request, control: ControlServices): boolean {
  const { adminKey: key, devVariable } = control;
  return key === "" && isLocalDevelopment(devVariable, request.headers.get("host"));
}

function adminKey(control: ControlServices): string | undefined {
  const key = control.adminKey;
  return key.length >= MIN_KEY_LENGTH ? key : undefined;
}

function closed(): GatewayError {
  return new GatewayError(
    "missing_api_key",
    `The control API is closed: the secret TO11_ADMIN_KEY is not set, or shorter than ${MIN_KEY_LENGTH} characters.`,
  );
}

function bearerOf(request: Request): string | undefined {
  return /^Bearer +(.+)$/i.exec(request.headers.get("authorization")?.trim() ?? "")?.[1];
}

function sessionToken(request: Request): string | undefined {
  const pairs = (request.headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
}

function withCookie(cookie: string): Response {
  return new Response(null, { status: 204, headers: { "set-cookie": `${cookie}; ${COOKIE_ATTRIBUTES}` } });
}
