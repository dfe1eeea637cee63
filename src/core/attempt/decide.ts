import { backoffMs } from "./backoff.ts";
import type { Outcome } from "./outcome.ts";
import { LONGEST_HEEDED_RETRY_AFTER_MS } from "./retry-after.ts";

/** What happens after an attempt. `deliver`: this outcome is the caller's answer; `stop`: the chain is exhausted. */
export type Decision =
  | { readonly kind: "deliver" }
  | { readonly kind: "retry"; readonly afterMs: number }
  | { readonly kind: "advance" }
  | { readonly kind: "stop" };

/** Where in its plan an attempt stood, and what the route says. */
export interface Place {
  readonly layer: "passthrough" | "route" | "function";
  /** Targets after this one. */
  readonly untried: number;
  /** Attempts that may still be made in all, the untried targets' included. */
  readonly attemptsLeft: number;
  /** Retries of this target done so far. */
  readonly retriesDone: number;
  readonly maxRetries: number;
  readonly backoffBaseMs: number;
  readonly failoverOn: ReadonlySet<number>;
  /** Uniform in [0, 1). */
  readonly jitter: number;
  /** Until the route's total timeout; `Infinity` where there is none. */
  readonly timeLeftMs: number;
}

/** A connection that was closed before it was used shows it within a round trip, ms; an upstream that has begun to work on a request takes longer. */
const STALE_MS = 100;

/** What to do about an outcome, by spec section 5. Passthrough is delivered as it is, or fails as it is. */
export function decide(outcome: Outcome, place: Place): Decision {
  switch (outcome.kind) {
    case "answered":
      return { kind: "deliver" };
    case "refused":
      if (place.layer === "passthrough") return { kind: "deliver" };
      if (outcome.contextTooLong) return place.untried > 0 ? { kind: "advance" } : { kind: "deliver" };
      if (isRetryable(outcome.status)) return retryOrMoveOn(place, outcome.retryAfterMs);
      // The gateway's own fault, or that of where it runs: another target may do better, the same one not.
      return outcome.credentialRefused || outcome.regionRefusal !== undefined || place.failoverOn.has(outcome.status)
        ? moveOn(place)
        : { kind: "deliver" };
    case "unreachable":
      return wasStale(outcome.afterMs, place) ? { kind: "retry", afterMs: 0 } : retryOrMoveOn(place, undefined);
    case "cut":
      return retryOrMoveOn(place, undefined);
    case "timed_out":
      return outcome.limit === "total" ? { kind: "stop" } : moveOn(place);
    case "invalid":
    case "unsent":
    case "passed_over":
      return moveOn(place);
    case "cancelled":
      return { kind: "stop" };
  }
}

/**
 * Whether the connection was likely one from an earlier call that the upstream closed just when it was used again: it gave way at once. That is nobody's
 * failure, so it is tried again, once, whatever the route says of retries, and on passthrough too.
 */
function wasStale(afterMs: number, place: Place): boolean {
  return gaveWay(afterMs) && place.retriesDone === 0 && place.attemptsLeft > place.untried;
}

/** Whether a connection gave way so soon after the call that it was most likely closed before. */
export function gaveWay(afterMs: number): boolean {
  return afterMs < STALE_MS;
}

/** Statuses that may come out otherwise on the same target. */
function isRetryable(status: number): boolean {
  return status === 408 || status === 409 || status === 425 || status === 429 || status >= 500;
}

function moveOn(place: Place): Decision {
  return place.untried > 0 && place.attemptsLeft > 0 ? { kind: "advance" } : { kind: "stop" };
}

function retryOrMoveOn(place: Place, retryAfterMs: number | undefined): Decision {
  const spare = place.attemptsLeft - place.untried;
  if (place.retriesDone >= place.maxRetries || spare <= 0) return moveOn(place);
  if (retryAfterMs !== undefined && retryAfterMs > LONGEST_HEEDED_RETRY_AFTER_MS) return moveOn(place);
  const afterMs = Math.max(backoffMs(place.retriesDone + 1, place.backoffBaseMs, place.jitter), retryAfterMs ?? 0);
  return afterMs < place.timeLeftMs ? { kind: "retry", afterMs } : moveOn(place);
}
