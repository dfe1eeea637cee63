import { type IssuedKey, keyIdOf } from "../../core/governance/issued-key.ts";
import { GatewayError } from "../../core/gateway-error.ts";
import { acceptedKey } from "../auth.ts";
import { equalSecrets } from "../secret-digest.ts";
import { isForeign } from "../foreign-origin.ts";
import { awayFromHome, isLocalDevelopment } from "../local-development.ts";
import type { World } from "../world.ts";
import { clientOf } from "./client-address.ts";
import type { ApiRoute } from "./routes.ts";
import type { ControlServices, WrongKey } from "./services.ts";
import { NO_SESSION_COOKIE, sessionCookie, sessionToken } from "./session-cookie.ts";

/** Characters of TO11_ADMIN_KEY at least; a shorter one opens nothing. */
const MIN_KEY_LENGTH = 32;

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

/** Whether somebody may operate the gateway, and if not, why. */
type Judgement = typeof OPERATOR | typeof STRANGER | WrongKey;

const OPERATOR = { kind: "operator" } as const;
const STRANGER = { kind: "stranger" } as const;

/**
 * Whether a request comes from somebody who may operate the gateway: with the admin key, a session, or at home under `to11 dev` without a key. A wrong key
 * counts as one at the sign-in does.
 */
export async function isAdmin(request: Request, control: ControlServices): Promise<boolean> {
  return (await judge(request, control)).kind === "operator";
}

/**
 * Lets operators in and issued keys, which it tells: each call says which of these may make it.
 * @throws GatewayError `missing_api_key`, `invalid_api_key`, `too_many_sign_ins`, or of a key's own end.
 */
export async function requireAdmission(
  request: Request,
  world: Pick<World, "control" | "keepAlive">,
  project: string | undefined,
): Promise<IssuedKey | undefined> {
  const { control } = world;
  const judgement = await judge(request, control);
  switch (judgement.kind) {
    case "operator":
      return undefined;
    case "stranger": {
      const bearer = bearerOf(request);
      const key = bearer === undefined ? undefined : await issuedKey(bearer, world, project);
      if (key !== undefined) return key;
      if (adminKey(control) === undefined) throw closed(control);
      if (bearer !== undefined) throw refusal({ kind: "wrong_key", retryAfterS: 0 });
      throw new GatewayError("missing_api_key", 'Send the admin key as "Authorization: Bearer …", or sign in with POST /api/session.');
    }
    case "wrong_key":
    case "too_many":
      throw refusal(judgement);
  }
}

/** The issued key that is presented, if the project that is called knows it. The project is looked up only for who holds one of its keys. */
async function issuedKey(
  presented: string,
  { control, keepAlive }: Pick<World, "control" | "keepAlive">,
  project: string | undefined,
): Promise<IssuedKey | undefined> {
  if (keyIdOf(presented) === undefined) return undefined;
  const finding = await control.findStrangersKey(project, presented, keepAlive);
  if (finding.kind === "unknown" || finding.kind === "unavailable") return acceptedKey(finding);
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
    throw closed(control);
  }
  const outcome = await judgeKey(request, control, async (client) =>
    (await equalSecrets(key, right)) ? control.sessions.signIn(client) : control.sessions.countWrongKey(client),
  );
  if (isWrong(outcome)) throw refusal(outcome);
  return withCookie(await sessionCookie(outcome.token, right));
}

/** Ends the session of the request's cookie, if it has one. */
export async function signOut(request: Request, control: ControlServices): Promise<Response> {
  const key = adminKey(control);
  const token = key === undefined ? undefined : await sessionToken(request, key);
  if (token !== undefined) await control.sessions.signOut(token);
  return withCookie(NO_SESSION_COOKIE);
}

async function judge(request: Request, control: ControlServices): Promise<Judgement> {
  if (isForeign(request, NO_ORIGINS)) return STRANGER;
  if (isOpen(request, control)) return OPERATOR;
  const right = adminKey(control);
  if (right === undefined) return STRANGER;
  const bearer = bearerOf(request);
  // What cannot be the admin key, by its form, is no guess of it.
  if (bearer !== undefined && keyIdOf(bearer) !== undefined && keyIdOf(right) === undefined) return STRANGER;
  if (bearer !== undefined) return judgeBearer(bearer, right, request, control);
  const token = await sessionToken(request, right);
  return token !== undefined && (await control.sessions.isSignedIn(token)) ? OPERATOR : STRANGER;
}

/** The right key asks nobody; a wrong one counts where those of the sign-in do. */
async function judgeBearer(bearer: string, right: string, request: Request, control: ControlServices): Promise<Judgement> {
  return judgeKey(request, control, async (client) =>
    (await equalSecrets(bearer, right)) ? OPERATOR : control.sessions.countWrongKey(client),
  );
}

/** Has a key judged that a client shows, unless this isolate knows that the client has to wait. */
async function judgeKey<Right extends { readonly kind: "signed_in" | "operator" }>(
  request: Request,
  { throttle }: ControlServices,
  judgeFor: (client: string) => Promise<Right | WrongKey>,
): Promise<Right | WrongKey> {
  const client = clientOf(request.headers.get("cf-connecting-ip"));
  const retryAfterS = throttle.waitS(client);
  if (retryAfterS > 0) return { kind: "too_many", retryAfterS };
  const outcome = await judgeFor(client);
  if (isWrong(outcome)) throttle.note(client, outcome.retryAfterS);
  return outcome;
}

function isWrong(outcome: { readonly kind: string }): outcome is WrongKey {
  return outcome.kind === "wrong_key" || outcome.kind === "too_many";
}

function refusal({ kind, retryAfterS }: WrongKey): GatewayError {
  if (kind === "wrong_key") return new GatewayError("invalid_api_key", "The admin key was not accepted.");
  return new GatewayError("too_many_sign_ins", `Too many wrong keys; try again in ${retryAfterS} s.`, {
    headers: { "retry-after": String(retryAfterS) },
  });
}

/** No key is set, and `to11 dev` runs on this machine. */
function isOpen(request: Request, control: ControlServices): boolean {
  return control.adminKey === "" && isLocalDevelopment(control.development, request.headers);
}

function adminKey(control: ControlServices): string | undefined {
  const key = control.adminKey;
  return key.length >= MIN_KEY_LENGTH ? key : undefined;
}

function closed({ adminKey: key, development }: ControlServices): GatewayError {
  const away = key === "" ? awayFromHome(development) : undefined;
  return new GatewayError(
    "missing_api_key",
    away ?? `The control API is closed: the secret TO11_ADMIN_KEY is not set, or shorter than ${MIN_KEY_LENGTH} characters.`,
  );
}

function bearerOf(request: Request): string | undefined {
  return /^Bearer +(.+)$/i.exec(request.headers.get("authorization")?.trim() ?? "")?.[1];
}

function withCookie(cookie: string): Response {
  return new Response(null, { status: 204, headers: { "set-cookie": cookie } });
}
