import { beforeEach, expect, test } from "vitest";
import { TraceOutbox } from "../../../../src/platform/traces/trace-outbox.ts";

interface Call {
  readonly traces: readonly string[];
  readonly dropped: number;
  readonly answer: PromiseWithResolvers<boolean>;
}

let nowMs: number;
let calls: Call[];
let outbox: TraceOutbox;

beforeEach(() => {
  nowMs = 1_000_000;
  calls = [];
  outbox = new TraceOutbox({
    publish: (traces, dropped) => {
      const answer = Promise.withResolvers<boolean>();
      calls.push({ traces, dropped, answer });
      return answer.promise;
    },
    now: () => nowMs,
  });
});

function offer(...traces: readonly string[]): void {
  void outbox.offer(traces);
}

/** The feed answers the call that is under way. */
async function answered(isHeard: boolean): Promise<void> {
  calls.at(-1)?.answer.resolve(isHeard);
  await turns();
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

test("one call is under way at a time; what comes meanwhile goes with the next", async () => {
  offer("a");
  offer("b", "c");
  offer("d");
  expect(calls.map(({ traces }) => traces)).toEqual([["a"]]);
  await answered(true);
  expect(calls.map(({ traces }) => traces)).toEqual([["a"], ["b", "c", "d"]]);
  await answered(true);
  offer("e");
  expect(calls.at(-1)?.traces).toEqual(["e"]);
});

test("five hundred wait for a slow feed; older ones are left out, and the feed is told how many", async () => {
  offer("first");
  for (let n = 0; n < 700; n += 1) offer(String(n));
  await answered(true);
  expect(calls).toHaveLength(2);
  expect(calls[1]?.traces).toHaveLength(500);
  expect([calls[1]?.traces[0], calls[1]?.dropped]).toEqual(["200", 200]);
  await answered(true);
  offer("later");
  expect(calls[2]?.dropped).toBe(0);
});

test("where nobody listens the feed is asked again after five seconds, and old traces are not kept for it", async () => {
  offer("a");
  offer("b");
  await answered(false);
  nowMs += 4_999;
  offer("c");
  expect(calls).toHaveLength(1);
  nowMs += 1;
  offer("d");
  expect(calls.map(({ traces }) => traces)).toEqual([["a"], ["d"]]);
});

test("a new reader wakes it at once", async () => {
  offer("a");
  await answered(false);
  outbox.wake();
  offer("b");
  expect(calls.map(({ traces }) => traces)).toEqual([["a"], ["b"]]);
});

test("a feed that fails is one that nobody listens to, and nobody hears of it", async () => {
  offer("a");
  calls[0]?.answer.reject(new Error("reset"));
  await turns();
  offer("b");
  nowMs += 5_000;
  offer("c");
  expect(calls.map(({ traces }) => traces)).toEqual([["a"], ["c"]]);
});
