import { describe, expect, test } from "vitest";
import { HeardIsolates, nextPulseMs, pulseNeed } from "../../../../src/core/governance/pulse.ts";

const NEVER = -Infinity;

describe("a request asks the governor", () => {
  const FACTS: readonly (readonly [string, Partial<Parameters<typeof pulseNeed>[0]>, number, ReturnType<typeof pulseNeed>])[] = [
    ["who was never heard", { heardAtMs: NEVER }, 0, "wait"],
    ["4,999 ms after", {}, 4_999, "none"],
    ["5 s after", {}, 5_000, "background"],
    ["14,999 ms after", {}, 14_999, "background"],
    ["15 s after", {}, 15_000, "wait"],
    ["while another one asks", { claimedAtMs: 5_000 }, 6_000, "none"],
    ["5 s after another one began to ask", { claimedAtMs: 5_000 }, 10_000, "background"],
    ["when it was told to wait longer", { nextMs: 10_000 }, 9_999, "none"],
    ["when it was told to wait longer, then", { nextMs: 10_000 }, 10_000, "background"],
    ["when it was told to wait longer than state may be old", { nextMs: 60_000 }, 15_000, "wait"],
    ["4,999 ms after it did not answer", { heardAtMs: NEVER, failedAtMs: 100 }, 5_099, "none"],
    ["5 s after it did not answer", { heardAtMs: NEVER, failedAtMs: 100 }, 5_100, "wait"],
  ];

  test.each(FACTS)("%s", (_what, times, nowMs, need) => {
    expect(pulseNeed({ heardAtMs: 0, claimedAtMs: NEVER, failedAtMs: NEVER, nextMs: 5_000, ...times }, nowMs)).toBe(need);
  });
});

describe("the time between two pulses of an isolate", () => {
  test.each([
    [1, 5_000],
    [2_000, 5_000],
    [4_000, 10_000],
    [20_000, 50_000],
  ])("of %i isolates is %i ms: at most 400 pulses a second", (isolates, ms) => {
    expect(nextPulseMs(isolates)).toBe(ms);
    expect(isolates / (ms / 1000)).toBeLessThanOrEqual(400);
  });

  test("goes by those heard lately, each once", () => {
    const heard = new HeardIsolates();
    for (let pulse = 0; pulse < 3; pulse += 1) for (let isolate = 0; isolate < 4_000; isolate += 1) heard.hear(String(isolate), pulse);
    expect(heard.hear("0", 1_000)).toBe(10_000);
    expect(heard.hear("0", 19_000)).toBe(10_000);
    expect(heard.hear("0", 20_100)).toBe(5_000);
  });
});
