import { describe, expect, test } from "vitest";
import { limitsOf } from "../../../../src/core/governance/limit.ts";
import { loopIn } from "../../../../src/core/governance/loop.ts";
import { Meter } from "../../../../src/core/governance/meter.ts";
import { Pool, type Taken } from "../../../../src/core/governance/pool.ts";
import { microUsd, OutputMeans, reservedTokens, toldMicroUsd, usedTokens } from "../../../../src/core/governance/reserve.ts";
import { USAGE_NOT_REPORTED } from "../../../../src/core/usage/usage.ts";
import { chanceOf, poisson } from "../../../support/lease-simulation.ts";

const ASKING = { bodyBytes: 4_000, maxOutputTokens: undefined, meanOutputTokens: undefined, reserve: "expected" } as const;

describe("what is reserved", () => {
  test.each([
    ["a quarter of the body, and 512 where nobody knows better", {}, { input: 1_000, output: 512 }],
    ["what the body allows, where that is less", { maxOutputTokens: 250 }, { input: 1_000, output: 250 }],
    ["twice what answers have on average", { meanOutputTokens: 100.2, maxOutputTokens: 5_000 }, { input: 1_000, output: 201 }],
    ["no more for a body of a megabyte than for its first 256 KiB", { bodyBytes: 1_048_576 }, { input: 65_536, output: 512 }],
    ["the most, where that is asked for", { reserve: "most" }, { input: 4_000, output: 32_768 }],
    ["the most that the body allows", { reserve: "most", maxOutputTokens: 9 }, { input: 4_000, output: 9 }],
  ] as const)("is %s", (_what, more, tokens) => {
    expect(reservedTokens({ ...ASKING, ...more })).toEqual(tokens);
  });

  test("in money is rounded up to whole micro-dollars", () => {
    expect(microUsd({ input: 1_000, output: 250 }, { input: 2, output: 8 })).toBe(4_000);
    expect(microUsd({ input: 1, output: 0 }, { input: 0.1, output: 0 })).toBe(1);
    expect(microUsd({ input: 0, output: 0 }, { input: 0, output: 0, request: 0.04 })).toBe(40_000);
  });
});

describe("what was used", () => {
  const sent = { bodyBytes: 400, textBytes: 401 };

  test.each([
    ["as the provider counts it", { input_tokens: 9, output_tokens: 7 }, { input: 9, output: 7 }],
    ["never nothing where it says nothing", {}, { input: 100, output: 101 }],
    ["at least what events showed before they broke off", { input_tokens: 50 }, { input: 50, output: 101 }],
    ["nothing of output where there is none", { input_tokens: 50, output_tokens: 0 }, { input: 50, output: 0 }],
  ] as const)("is %s", (_what, usage, tokens) => {
    expect(usedTokens({ ...USAGE_NOT_REPORTED, ...usage }, sent)).toEqual(tokens);
  });

  test("costs what its cached parts cost, where it was told whole", () => {
    const usage = { ...USAGE_NOT_REPORTED, input_tokens: 1_000, cached_input_tokens: 900, output_tokens: 100 };
    expect(toldMicroUsd(usage, { input: 2, cached_input: 0.2, output: 8 })).toBe(1_180);
    expect(toldMicroUsd({ ...usage, output_tokens: null }, { input: 2, output: 8 })).toBeUndefined();
  });
});

test("running means follow what they see", () => {
  const means = new OutputMeans();
  expect(means.of("a")).toBeUndefined();
  means.note("a", 100);
  means.note("a", 200);
  expect(means.of("a")).toBe(110);
});

/** Half of what such calls cost is input, which is reserved as it is, half output, which is reserved twice. */
const RESERVED_MICROS = 7_500;

describe("a budget of 10 USD under 200 calls a second", () => {
  /** Calls that take one to three seconds; what they cost is lognormal, σ 1, 0.005 USD on average. */
  function spend(seed: number): number {
    const chance = chanceOf(seed);
    const meter = new Meter(1);
    const pool = new Pool("isolate");
    const limits = limitsOf({ usd_per_day: 10 });
    const subject = { kind: "key" as const, name: "k", limits, revision: 1, timezone: "UTC" };
    const begun = Date.parse("2026-11-24T12:00:00Z");
    const running: { readonly endMs: number; readonly taken: Taken }[] = [];
    let spentMicros = 0;
    for (let nowMs = begun; nowMs < begun + 40_000; nowMs += 10) {
      for (const over of running.filter(({ endMs }) => endMs <= nowMs)) {
        running.splice(running.indexOf(over), 1);
        settle(over.taken);
      }
      for (let calls = poisson(2, chance); calls > 0; calls -= 1) {
        const amounts = { usd_per_day: RESERVED_MICROS };
        const local = pool.take(subject, amounts, nowMs);
        const exchange = local === "ask" ? pool.ask(amounts, nowMs) : undefined;
        const taken = exchange === undefined ? local : pool.learn(exchange, meter.lease(exchange.request, nowMs), nowMs);
        if (typeof taken === "object" && "epoch" in taken) running.push({ endMs: nowMs + 1_000 + chance() * 2_000, taken });
      }
    }
    for (const { taken } of running) settle(taken);
    return spentMicros / 1_000_000;

    function settle(taken: Taken): void {
      const normal = Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance());
      const micros = Math.ceil(5_000 * Math.exp(normal - 0.5));
      spentMicros += micros;
      pool.settle(taken, { usd_per_day: micros });
    }
  }

  test.each([1, 2, 3, 4, 5])("is passed by 1.5 % at most (B3, seed %i)", (seed) => {
    const spent = spend(seed);
    expect(spent).toBeGreaterThan(9.5);
    expect(spent).toBeLessThanOrEqual(10.15);
  });
});

describe("a conversation that goes in circles", () => {
  const call = (name: string, given: string) => ({ name, arguments: given });
  const read = call("read", "{}");

  test.each([
    ["is none without calls", [], undefined],
    ["is one where the last calls are the same", [call("a", ""), read, read, read], { name: "read", times: 3 }],
    ["says how often", [read, read, read, read], { name: "read", times: 4 }],
    ["is none with other arguments between", [read, read, call("read", "{ }"), read], undefined],
    ["is none with another tool", [read, read, call("write", "{}")], undefined],
  ] as const)("%s", (_what, calls, loop) => {
    expect(loopIn(calls, 3)).toEqual(loop);
  });
});
