import type * as z from "zod/mini";
import { base64url } from "../../../core/bytes.ts";
import {
  hasEnded,
  isKeyId,
  type IssuedKey,
  KEY_SECRET_BYTES,
  type KeyChange,
  newKeyId,
  writeIssuedKey,
} from "../../../core/governance/issued-key.ts";
import type { KeyCursor, KeyFault, KeyOrder } from "../../../core/governance/key-order.ts";
import { GatewayError } from "../../../core/gateway-error.ts";
import { momentMs } from "../../../core/trace/trace-filter.ts";
import { digestText } from "../../secret-digest.ts";
import { answer, type ApiCall } from "../call.ts";
import type { keySchema } from "../contract.ts";
import { keyChangeSchema, newKeySchema, revokeRequestSchema, rotateRequestSchema } from "../requests.ts";
import { limitOf } from "../page-limit.ts";
import type { KeyAuthority, ServedConfig } from "../services.ts";
import { isoTime } from "../serving.ts";

/** What GET /api/keys takes besides the project. */
export const KEY_LIST_PARAMETERS = ["limit", "cursor"] as const;

const NEW_KEY = '{"name": "ci", "plan": "team", "team": "search", "expires_at": "2027-01-01T00:00:00Z"}';

/** POST /api/keys */
export async function createKey(call: ApiCall): Promise<Response> {
  const body = await call.json(newKeySchema, NEW_KEY);
  const served = await call.served();
  if (!served.table.issued)
    throw new GatewayError(
      "invalid_request",
      "This project accepts no issued keys; publish a routes.toml with [auth] issued = true first.",
    );
  const change = changeOf(body, served);
  if (hasEnded(change.expiresAtMs ?? null, Date.now()))
    throw new GatewayError("invalid_request", "expires_at is over; a new key takes a time to come.", { param: "expires_at" });
  const id = newKeyId((total) => call.ports.draw(total));
  const { secret, digest } = await newSecret(call, id);
  const { plan = null, team = null, owner = null, metadata = {}, scopes = ["call"], expiresAtMs = null, limits = {} } = change;
  const settings = { name: body.name, plan, team, owner, metadata, scopes, expiresAtMs, limits };
  const key = await ordered(call, served, { kind: "create", id, digest, settings });
  return answer("keyWithSecretSchema", { ...shown(key), secret });
}

/** GET /api/keys */
export async function listKeys(call: ApiCall): Promise<Response> {
  const limit = limitOf(call);
  const found = await asked(authorityFor(call, await call.served()).list(limit, cursorOf(call.query.get("cursor"))));
  const last = found.length === limit ? found.at(-1) : undefined;
  return answer("keysSchema", { keys: found.map(shown), next_cursor: last === undefined ? null : `${last.createdAtMs}-${last.id}` });
}

/** GET /api/keys/{id} */
export async function oneKey(call: ApiCall): Promise<Response> {
  const id = idOf(call);
  const key = await asked(authorityFor(call, await call.served()).get(id));
  if (key === null) throw refusal("unknown_key", id);
  return answer("keySchema", shown(key));
}

/** PATCH /api/keys/{id} */
export async function changeKey(call: ApiCall): Promise<Response> {
  const id = idOf(call);
  const body = await call.json(keyChangeSchema, '{"plan": "team", "expires_at": null}');
  const served = await call.served();
  return answer("keySchema", shown(await ordered(call, served, { kind: "change", id, change: changeOf(body, served) })));
}

/** POST /api/keys/{id}/rotate */
export async function rotateKey(call: ApiCall): Promise<Response> {
  const id = idOf(call);
  const { overlap_ms: overlapMs } = await call.json(rotateRequestSchema, '{"overlap_ms": 86400000}');
  const { secret, digest } = await newSecret(call, id);
  const key = await ordered(call, await call.served(), { kind: "rotate", id, digest, overlapMs });
  return answer("keyWithSecretSchema", { ...shown(key), secret });
}

/** POST /api/keys/{id}/revoke */
export async function revokeKey(call: ApiCall): Promise<Response> {
  const id = idOf(call);
  await call.json(revokeRequestSchema, "{}");
  return answer("keySchema", shown(await ordered(call, await call.served(), { kind: "revoke", id })));
}

/** A whole new key of this id, and what the governor is told of it. */
async function newSecret(call: ApiCall, id: string): Promise<{ readonly secret: string; readonly digest: string }> {
  const secret = writeIssuedKey(id, base64url(call.ports.randomBytes(KEY_SECRET_BYTES)));
  return { secret, digest: await digestText(secret) };
}

async function ordered(call: ApiCall, served: ServedConfig, order: KeyOrder): Promise<IssuedKey> {
  const outcome = await asked(authorityFor(call, served).order(order, call.key ?? null));
  if (outcome.kind === "done") return outcome.key;
  throw refusal(outcome.kind, order.id);
}

function authorityFor(call: ApiCall, served: ServedConfig): KeyAuthority {
  return call.control.keys(served);
}

/** What the governor says. Where it fails in the middle of a change, nobody can say here whether that was stored. */
function asked<T>(asking: Promise<T>): Promise<T> {
  return asking.catch((error: unknown): never => {
    console.error("a project's governor failed", { error: error instanceof Error ? error.name : typeof error });
    throw new GatewayError(
      "keys_unavailable",
      "The project's governor does not answer. Whether anything was changed, GET /api/keys tells.",
      {
        headers: { "retry-after": "1" },
      },
    );
  });
}

function refusal(fault: KeyFault, id: string): GatewayError {
  switch (fault) {
    case "unknown_key":
      return new GatewayError("not_found", `This project has no key ${JSON.stringify(id)}; GET /api/keys lists them.`, { param: "id" });
    case "revoked":
      return new GatewayError("invalid_request", `The key ${id} is revoked, for good; make another one.`, { param: "id" });
    case "taken":
      return new GatewayError("keys_unavailable", "The id that was drawn for the key is taken; try again.");
    case "beyond_power":
      return new GatewayError(
        "forbidden",
        'A key with the scope "keys" deals only with keys that have no scope it lacks and, where it has a plan, an end or limits, the same plan, no later end and no wider limits.',
      );
  }
}

/** @throws GatewayError `invalid_request` for a plan that is not in the configuration. */
function changeOf(body: z.output<typeof keyChangeSchema>, { table }: ServedConfig): KeyChange {
  const { expires_at: expiresAt, plan, ...same } = body;
  if (typeof plan === "string" && !table.plans.has(plan)) {
    const known = table.plans.size === 0 ? "it has none" : `it has ${[...table.plans.keys()].join(", ")}`;
    throw new GatewayError("invalid_request", `The configuration that serves has no plan ${JSON.stringify(plan)}; ${known}.`, {
      param: "plan",
    });
  }
  return {
    ...same,
    ...(plan === undefined ? {} : { plan }),
    ...(expiresAt === undefined ? {} : { expiresAtMs: expiresAt === null ? null : momentMs(expiresAt) }),
  };
}

function shown(key: IssuedKey): z.input<typeof keySchema> {
  const { id, name, plan, team, owner, metadata, scopes, limits } = key;
  const [, before] = key.secrets;
  const overlaps = before !== undefined && !hasEnded(before.endsAtMs, Date.now());
  return {
    id,
    name,
    plan,
    team,
    owner,
    metadata: { ...metadata },
    scopes: [...scopes],
    limits: { ...limits },
    state: stateOf(key),
    created_at: new Date(key.createdAtMs).toISOString(),
    changed_at: new Date(key.changedAtMs).toISOString(),
    expires_at: isoTime(key.expiresAtMs),
    revoked_at: isoTime(key.revokedAtMs),
    overlap_until: overlaps ? isoTime(before.endsAtMs) : null,
  };
}

function stateOf({ revokedAtMs, expiresAtMs }: IssuedKey): z.input<typeof keySchema>["state"] {
  if (revokedAtMs !== null) return "revoked";
  return hasEnded(expiresAtMs, Date.now()) ? "expired" : "active";
}

function idOf(call: ApiCall): string {
  if (isKeyId(call.id)) return call.id;
  // It may be the key itself that was pasted: it is not repeated.
  throw new GatewayError("invalid_request", "That is no key's id; one looks like k3f9x0a7c2b1d, and is not the key itself.", {
    param: "id",
  });
}

function cursorOf(text: string | null): KeyCursor | null {
  if (text === null) return null;
  const [, createdAtMs, id = ""] = /^(\d{1,15})-(k[a-z0-9]{12})$/.exec(text) ?? [];
  if (createdAtMs !== undefined) return { createdAtMs: Number(createdAtMs), id };
  throw new GatewayError("invalid_request", "cursor must be the next_cursor of an earlier page.", { param: "cursor" });
}
