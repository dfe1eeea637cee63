import { GatewayError } from "../../core/gateway-error.ts";
import { MOMENT_EXPECTED, momentMs } from "../../core/trace/trace-filter.ts";
import type { ApiCall } from "./call.ts";

const MINUTE_MS = 60_000;

/**
 * `since` and `until` of a call, widened to whole minutes: counts know no less. Left out: until now, since `spanMs` before.
 * @throws GatewayError `invalid_request`.
 */
export function timeRange(call: ApiCall, spanMs: number): { readonly sinceMs: number; readonly untilMs: number } {
  const untilMs = Math.ceil(momentOf(call, "until", Date.now()) / MINUTE_MS) * MINUTE_MS;
  const sinceMs = Math.floor(momentOf(call, "since", untilMs - spanMs) / MINUTE_MS) * MINUTE_MS;
  if (sinceMs < untilMs) return { sinceMs, untilMs };
  throw new GatewayError("invalid_request", "since must be before until.", { param: "since" });
}

/** `invalid_request` for a time over which a call would have to ask too many objects. */
export function tooLong(): GatewayError {
  return new GatewayError("invalid_request", "That time is too long for one call with so many shards; ask for a later since.", {
    param: "since",
  });
}

/** ISO 8601, as all times of the API. */
export function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

function momentOf(call: ApiCall, name: "since" | "until", otherwise: number): number {
  const text = call.query.get(name);
  if (text === null) return otherwise;
  const timeMs = momentMs(text);
  if (!Number.isNaN(timeMs)) return timeMs;
  throw new GatewayError("invalid_request", `${name} must be ${MOMENT_EXPECTED}.`, { param: name });
}
