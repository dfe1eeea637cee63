import { Meter } from "../../src/core/governance/meter.ts";
import { type Exchange, Pool, type Taken } from "../../src/core/governance/pool.ts";
import type { LimitedSubject } from "../../src/core/governance/subject.ts";
import { type LimitTable, limitsOf } from "../../src/core/governance/limit.ts";

/** Isolates that call, and one meter, in made-up time. */
export interface LeaseSimulation {
  readonly isolates: number;
  /** Requests a second, over all isolates, as chance has it. */
  readonly ratePerS: number;
  readonly limits: LimitTable;
  readonly seconds: number;
  readonly seed: number;
  /** One way between isolate and meter, ms: from, to. */
  readonly distanceMs?: readonly [number, number];
}

/** What came of it. */
export interface SimulatedLeases {
  readonly requests: number;
  readonly admitted: number;
  /** Share of the requests that was decided without asking. */
  readonly local: number;
  readonly callsPerS: number;
  readonly peakCallsPerS: number;
  readonly callsPerRequest: number;
  /** ms; `undefined`: nobody was refused. */
  readonly firstRefusalMs: number | undefined;
}

const STEP_MS = 1;
const FLUSH_CHECK_MS = 100;
/** Any moment: a Tuesday. */
const BEGIN_MS = Date.parse("2026-11-24T12:00:00Z");

/** Chance that can be repeated: https://github.com/bryc/code/blob/master/jshash/PRNGs.md#mulberry32. */
export function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How many of something that happens `mean` times on average happen now. */
export function poisson(mean: number, chance: () => number): number {
  const floor = Math.exp(-mean);
  let count = 0;
  for (let product = chance(); product > floor; product *= chance()) count += 1;
  return count;
}

/** Runs it. Every request needs one of each limit. */
export function simulateLeases(simulation: LeaseSimulation): SimulatedLeases {
  const { isolates, ratePerS, seconds, seed, distanceMs: [near, far] = [5, 10] } = simulation;
  const chance = chanceOf(seed);
  const limits = limitsOf(simulation.limits);
  const subject: LimitedSubject = { kind: "key", name: "k", limits, revision: 1, timezone: "UTC" };
  const amounts = Object.fromEntries(limits.map(({ name }) => [name, 1]));
  const meter = new Meter(1);
  const pools = Array.from({ length: isolates }, (_, index) => new Pool(`isolate-${index}`));
  const due = new Map<number, (() => void)[]>();
  const callsBySecond = new Map<number, number>();
  const told = { requests: 0, admitted: 0, local: 0, calls: 0, firstRefusalMs: undefined as number | undefined };
  let nowMs = BEGIN_MS;

  const later = (work: () => void): void => {
    const atMs = nowMs + Math.round(near + chance() * (far - near));
    due.set(atMs, [...(due.get(atMs) ?? []), work]);
  };
  const decide = (verdict: Taken | { readonly retryMs: number }): void => {
    if ("retryMs" in verdict) told.firstRefusalMs ??= nowMs - BEGIN_MS;
    else told.admitted += 1;
  };
  const send = (pool: Pool, exchange: Exchange | undefined): void => {
    if (exchange === undefined) return;
    told.calls += 1;
    const second = Math.floor((nowMs - BEGIN_MS) / 1000);
    callsBySecond.set(second, (callsBySecond.get(second) ?? 0) + 1);
    later(() => {
      const answer = meter.lease(exchange.request, nowMs);
      later(() => {
        const verdict = pool.learn(exchange, answer, nowMs);
        if (verdict !== undefined) decide(verdict);
      });
    });
  };
  const request = (pool: Pool): void => {
    told.requests += 1;
    const verdict = pool.take(subject, amounts, nowMs);
    if (verdict === "ask") return send(pool, pool.ask(amounts, nowMs));
    told.local += 1;
    decide(verdict);
    if (pool.isDue(nowMs)) send(pool, pool.ask(undefined, nowMs));
  };

  for (const endMs = BEGIN_MS + seconds * 1000; nowMs < endMs + 1000; nowMs += STEP_MS) {
    for (const work of due.get(nowMs) ?? []) work();
    due.delete(nowMs);
    const arriving = nowMs < endMs ? poisson((ratePerS * STEP_MS) / 1000, chance) : 0;
    for (let each = 0; each < arriving; each += 1) {
      const pool = pools[Math.floor(chance() * isolates)];
      if (pool !== undefined) request(pool);
    }
    if ((nowMs - BEGIN_MS) % FLUSH_CHECK_MS === 0) for (const pool of pools) if (pool.isDue(nowMs)) send(pool, pool.ask(undefined, nowMs));
  }
  return {
    requests: told.requests,
    admitted: told.admitted,
    local: told.local / told.requests,
    callsPerS: told.calls / seconds,
    peakCallsPerS: Math.max(0, ...callsBySecond.values()),
    callsPerRequest: told.calls / told.requests,
    firstRefusalMs: told.firstRefusalMs,
  };
}
