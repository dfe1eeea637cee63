import { describe, expect, test } from "vitest";
import { type SimulatedLeases, simulateLeases } from "../../../support/lease-simulation.ts";

const FAR = { requests_per_minute: 1_000_000_000 };
const SEEDS = [1, 2];

/** Between, both included. */
function expectWithin(value: number, [least, most]: readonly [number, number]): void {
  expect(value).toBeGreaterThanOrEqual(least);
  expect(value).toBeLessThanOrEqual(most);
}

function each(simulation: Omit<Parameters<typeof simulateLeases>[0], "seed">): readonly SimulatedLeases[] {
  return SEEDS.map((seed) => simulateLeases({ ...simulation, seed }));
}

describe("leases, with messages of 10 to 20 ms there and back", () => {
  test("decide 99 % of a hot subject's requests on 200 isolates without asking, with 400 calls a second at most", () => {
    for (const { local, callsPerS, admitted, requests } of each({ isolates: 200, ratePerS: 10_000, limits: FAR, seconds: 30 })) {
      expect(local).toBeGreaterThanOrEqual(0.99);
      expect(callsPerS).toBeLessThanOrEqual(400);
      expect(admitted).toBe(requests);
    }
  });

  test("admit nearly all that a limit allows of which half must be refused, and never more, with 1,500 calls in any second at most", () => {
    // 300,000 at once and 5,000 a second: 750,000 in 90 s.
    const limits = { requests_per_minute: 300_000 };
    for (const { admitted, peakCallsPerS } of each({ isolates: 200, ratePerS: 10_000, limits, seconds: 90 })) {
      expectWithin(admitted, [742_500, 750_000]);
      expect(peakCallsPerS).toBeLessThanOrEqual(1_500);
    }
  });

  test.each([
    { isolates: 1, ratePerS: 10, local: 0.99 },
    { isolates: 1, ratePerS: 1, local: 0.95 },
    { isolates: 10, ratePerS: 10, local: 0.95 },
    { isolates: 50, ratePerS: 5, local: 0.45 },
  ])("decide a share of $local of $ratePerS requests a second on $isolates isolates without asking", ({ isolates, ratePerS, local }) => {
    for (const told of each({ isolates, ratePerS, limits: FAR, seconds: 300 })) expect(told.local).toBeGreaterThanOrEqual(local);
  });

  test("give out exactly what a budget has, to nearly its end without a refusal", () => {
    for (const told of each({ isolates: 200, ratePerS: 1_000, limits: { requests_per_day: 100_000 }, seconds: 110 })) {
      expect(told.admitted).toBe(100_000);
      expectWithin(told.firstRefusalMs ?? 0, [98_000, 102_000]);
    }
    for (const told of each({ isolates: 200, ratePerS: 1_000, limits: { requests_per_day: 1_000 }, seconds: 10 })) {
      expect(told.admitted).toBe(1_000);
      expectWithin(told.firstRefusalMs ?? 0, [900, 1_400]);
    }
  });
});
