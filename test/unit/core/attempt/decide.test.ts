import { describe, expect, it } from "vitest";
import { type Decision, decide, type Place } from "../../../../src/core/attempt/decide.ts";
import type { Outcome } from "../../../../src/core/attempt/outcome.ts";

const PLACE: Place = {
  layer: "route",
  untried: 1,
  attemptsLeft: 5,
  retriesDone: 0,
  maxRetries: 2,
  backoffBaseMs: 500,
  failoverOn: new Set(),
  jitter: 0,
  timeLeftMs: Infinity,
};
const LAST = { untried: 0 };
const NO_RETRIES = { maxRetries: 0 };

function refused(
  status: number,
  more: { retryAfterMs?: number; contextTooLong?: boolean; credentialRefused?: boolean; regionRefusal?: string } = {},
): Outcome {
  return {
    kind: "refused",
    status,
    headers: new Map(),
    bytes: new Uint8Array(),
    error: { status, code: null, message: "no" },
    retryAfterMs: undefined,
    contextTooLong: false,
    credentialRefused: false,
    regionRefusal: undefined,
    ...more,
  };
}
const answered: Outcome = { kind: "answered", status: 200, headers: new Map(), body: null };
const unreachable: Outcome = { kind: "unreachable", afterMs: 100 };
const stale: Outcome = { kind: "unreachable", afterMs: 99 };
const timedOut: Outcome = { kind: "timed_out", limit: "first_content", limitMs: 30_000, status: null };
const outOfTime: Outcome = { kind: "timed_out", limit: "total", limitMs: 10, status: 200 };
const invalid: Outcome = { kind: "invalid", why: "HTML", status: 200 };
const passedOver: Outcome = { kind: "passed_over", reasons: [{ param: "n", message: "several" }] };
const unsent: Outcome = { kind: "unsent", why: "no secret" };

const retryAfter = (afterMs: number): Decision => ({ kind: "retry", afterMs });
const advance: Decision = { kind: "advance" };
const deliver: Decision = { kind: "deliver" };
const stop: Decision = { kind: "stop" };

describe("the decision table", () => {
  it.each<[string, Outcome, Partial<Place>, Decision]>([
    ["an answer is delivered", answered, {}, deliver],
    ["an answer is delivered from the last target too", answered, { ...LAST, attemptsLeft: 0 }, deliver],

    ...[408, 409, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 528, 529].map(
      (status): [string, Outcome, Partial<Place>, Decision] => [`${status} is retried`, refused(status), {}, retryAfter(250)],
    ),
    ["503 without retries left goes to the next target", refused(503), { retriesDone: 2 }, advance],
    ["503 without retries or targets left ends the chain", refused(503), { retriesDone: 2, ...LAST }, stop],
    ["503 on the last target is retried", refused(503), LAST, retryAfter(250)],
    ["503 where each attempt left is reserved for an untried target moves on", refused(503), { untried: 3, attemptsLeft: 3 }, advance],
    ["503 with no attempt left ends the chain", refused(503), { untried: 0, attemptsLeft: 0 }, stop],

    ...[400, 401, 402, 403].flatMap((status): [string, Outcome, Partial<Place>, Decision][] => [
      [`${status} about the stored credential: next target, no retry`, refused(status, { credentialRefused: true }), {}, advance],
      [`${status} about it on the last target ends the chain`, refused(status, { credentialRefused: true }), LAST, stop],
      [
        `${status} about a key on passthrough is the caller's own`,
        refused(status, { credentialRefused: true }),
        { layer: "passthrough" },
        deliver,
      ],
    ]),

    ...[400, 404, 405, 410, 413, 415, 422, 451].map((status): [string, Outcome, Partial<Place>, Decision] => [
      `${status} is the caller's own`,
      refused(status),
      {},
      deliver,
    ]),
    ["404 that the route adds goes on, without a retry", refused(404), { failoverOn: new Set([404]) }, advance],
    ["404 that the route adds ends the chain on the last target", refused(404), { failoverOn: new Set([404]), ...LAST }, stop],

    ["a region that is not served goes to the next target", refused(403, { regionRefusal: "not here" }), {}, advance],
    ["a region that is not served ends the chain on the last target", refused(400, { regionRefusal: "not here" }), LAST, stop],
    [
      "a region that is not served is returned on passthrough",
      refused(403, { regionRefusal: "not here" }),
      { layer: "passthrough" },
      deliver,
    ],
    ["a context too long goes to the next target at once", refused(400, { contextTooLong: true }), {}, advance],
    ["a context too long on the last target is returned", refused(400, { contextTooLong: true }), LAST, deliver],
    ["a context too long on passthrough is returned", refused(400, { contextTooLong: true }), { layer: "passthrough" }, deliver],

    ["Retry-After is a floor", refused(429, { retryAfterMs: 3_000 }), {}, retryAfter(3_000)],
    ["Retry-After below the backoff changes nothing", refused(429, { retryAfterMs: 1 }), {}, retryAfter(250)],
    ["Retry-After of 10 s is still heeded", refused(429, { retryAfterMs: 10_000 }), {}, retryAfter(10_000)],
    ["Retry-After over 10 s moves on", refused(429, { retryAfterMs: 10_001 }), {}, advance],
    ["Retry-After over 10 s without a next target ends the chain", refused(429, { retryAfterMs: 10_001 }), LAST, stop],
    ["a wait that the total timeout does not leave moves on", refused(429, { retryAfterMs: 3_000 }), { timeLeftMs: 3_000 }, advance],

    ["a connection that gives way at once is tried again at once", stale, {}, retryAfter(0)],
    ["a connection that gives way at once is tried again on a route without retries", stale, { ...NO_RETRIES, ...LAST }, retryAfter(0)],
    [
      "a connection that gives way at once is tried again on passthrough",
      stale,
      { layer: "passthrough", ...NO_RETRIES, ...LAST },
      retryAfter(0),
    ],
    ["a connection that gives way at once again is an ordinary failure", stale, { retriesDone: 1 }, retryAfter(500)],
    [
      "a connection that gives way at once again ends passthrough",
      stale,
      { layer: "passthrough", retriesDone: 1, ...NO_RETRIES, ...LAST },
      stop,
    ],
    ["a connection that gives way at once takes no attempt of an untried target", stale, { untried: 3, attemptsLeft: 3 }, advance],
    ["no connection is retried", unreachable, {}, retryAfter(250)],
    ["no connection without retries moves on", unreachable, NO_RETRIES, advance],
    ["a connection cut before the first content is retried", { kind: "cut", status: 200 }, {}, retryAfter(250)],
    ["the second retry waits twice as long", unreachable, { retriesDone: 1 }, retryAfter(500)],

    ["a timeout goes to the next target, never back", timedOut, {}, advance],
    ["a timeout on the last target ends the chain", timedOut, LAST, stop],
    ["the total timeout ends the chain with targets left", outOfTime, {}, stop],
    ["no valid answer goes to the next target", invalid, {}, advance],
    ["no valid answer of the last target ends the chain", invalid, LAST, stop],
    ["a missing secret goes to the next target", unsent, {}, advance],
    ["a missing secret of the last target ends the chain", unsent, LAST, stop],
    ["a target that cannot be asked this is followed by the next", passedOver, {}, advance],
    ["a target that cannot be asked this ends the chain where it is the last", passedOver, LAST, stop],
    ["a caller who left ends it", { kind: "cancelled" }, {}, stop],
    ["503 on passthrough is returned as it is", refused(503), { layer: "passthrough", ...LAST, ...NO_RETRIES }, deliver],
  ])("%s", (_name, outcome, place, decision) => {
    expect(decide(outcome, { ...PLACE, ...place })).toEqual(decision);
  });
});
