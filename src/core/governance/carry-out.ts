import { type IssuedKey, mayGive, rotatedSecrets } from "./issued-key.ts";
import type { KeyFault, KeyOrder, OrderedBy } from "./key-order.ts";
import { fail, ok, type Result } from "../result.ts";

/** A record before the governor has counted it. */
type Uncounted = Omit<IssuedKey, "rev">;

/** The record that an order makes of the one there is, `undefined`: of none; or why it makes none. Whoever orders has power over what was and what comes of it. */
export function carryOut(order: KeyOrder, known: IssuedKey | undefined, by: OrderedBy, nowMs: number): Result<Uncounted, KeyFault> {
  const made = order.kind === "create" ? created(order, known, nowMs) : changed(order, known, nowMs);
  if (!made.ok || by === null) return made;
  const isInPower = mayGive(by, made.value) && (known === undefined || mayGive(by, known));
  return isInPower ? made : fail("beyond_power");
}

function created(order: KeyOrder & { kind: "create" }, known: IssuedKey | undefined, nowMs: number): Result<Uncounted, KeyFault> {
  if (known !== undefined) return fail("taken");
  return ok({
    ...order.settings,
    id: order.id,
    createdAtMs: nowMs,
    changedAtMs: nowMs,
    revokedAtMs: null,
    secrets: [{ digest: order.digest, endsAtMs: null }],
  });
}

function changed(order: Exclude<KeyOrder, { kind: "create" }>, known: IssuedKey | undefined, nowMs: number): Result<Uncounted, KeyFault> {
  if (known === undefined) return fail("unknown_key");
  const now = { ...known, changedAtMs: nowMs };
  // Revoked twice is revoked; the first time counts.
  if (order.kind === "revoke") return ok({ ...now, revokedAtMs: known.revokedAtMs ?? nowMs });
  if (known.revokedAtMs !== null) return fail("revoked");
  if (order.kind === "change") {
    const given = Object.entries(order.change).filter(([, value]) => value !== undefined);
    return ok({ ...now, ...Object.fromEntries(given) });
  }
  return ok({ ...now, secrets: rotatedSecrets(known, order.digest, nowMs + order.overlapMs) });
}
