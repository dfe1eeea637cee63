import { beforeEach, describe, expect, test } from "vitest";
import type { PulseAnswer, PulseReport } from "../../../../src/core/governance/pulse.ts";
import { Pulses } from "../../../../src/platform/governor/pulses.ts";

let nowMs: number;
let asked: PulseReport[];
let background: Promise<unknown>[];
let answers: () => Promise<PulseAnswer>;
let pulses: Pulses;

const ANSWER: PulseAnswer = { rev: 7, keys: [], more: false, config: null, nextMs: 5_000 };

beforeEach(() => {
  nowMs = 100_000;
  asked = [];
  background = [];
  answers = () => Promise.resolve(ANSWER);
  pulses = new Pulses({
    ask(report) {
      asked.push(report);
      return answers();
    },
    told: () => Promise.resolve(),
    newIsolateId: () => "isolate",
    now: () => nowMs,
    async sleep(ms, signal) {
      if (signal !== undefined) return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
      nowMs += ms;
    },
  });
});

const refresh = (): Promise<void> | undefined => pulses.refresh("p", (work) => background.push(work));

describe("an isolate's pulse", () => {
  test("tells who asks, and from which change on", async () => {
    await refresh();
    nowMs += 5_000;
    expect(refresh()).toBeUndefined();
    await Promise.all(background);
    expect(asked).toEqual([
      { project: "p", isolate: "isolate", since: 0 },
      { project: "p", isolate: "isolate", since: 7 },
    ]);
    expect(pulses.heardAtMs("p")).toBe(105_000);
  });

  test("keeps to the time that the governor names", async () => {
    answers = () => Promise.resolve({ ...ANSWER, nextMs: 12_000 });
    await refresh();
    for (const [afterMs, calls] of [
      [11_999, 1],
      [12_000, 2],
    ] as const) {
      nowMs = 100_000 + afterMs;
      expect(refresh()).toBeUndefined();
      expect(asked).toHaveLength(calls);
    }
  });

  test("that does not end with all that changed is none that was heard: the next request goes on", async () => {
    let rev = 0;
    answers = () => Promise.resolve({ ...ANSWER, rev: (rev += 1), more: rev < 25 });
    await refresh();
    expect([asked.length, pulses.heardAtMs("p")]).toEqual([20, -Infinity]);
    nowMs += 250;
    await refresh();
    expect([asked.length, asked.at(-1)?.since, pulses.heardAtMs("p")]).toEqual([25, 24, 100_250]);
  });

  test("of a request that is waited for by another fails for both, and is told of until one is answered", async () => {
    answers = () => Promise.reject(new Error("down"));
    await Promise.all([refresh(), refresh()]);
    expect(asked).toHaveLength(1);
    expect(pulses.faults(() => true).join()).toMatch(
      /^project p: its governor has not answered since 1970-01-01T00:01:40\.\d{3}Z; of its keys, what KV holds serves$/,
    );
    expect(pulses.faults(() => false)).toEqual([]);
    answers = () => Promise.resolve(ANSWER);
    nowMs += 5_000;
    await refresh();
    expect(pulses.faults(() => true)).toEqual([]);
  });

  test("belongs to one project", async () => {
    await refresh();
    await pulses.refresh("q", (work) => background.push(work));
    expect(asked.map(({ project, since }) => [project, since])).toEqual([
      ["p", 0],
      ["q", 0],
    ]);
  });
});
