import { beforeEach, describe, expect, test, vi } from "vitest";
import type { TraceBatch } from "../../../../src/platform/traces/trace-batch.ts";
import { TraceSink } from "../../../../src/platform/traces/trace-sink.ts";
import { traceAt } from "../../../support/trace-at.ts";

const NOON = Date.parse("2026-11-20T12:00:00Z");

let nowMs: number;
let sleeps: { readonly ms: number; readonly wake: () => void }[];
let sent: TraceBatch[];
let store: (batch: TraceBatch) => Promise<void>;
let exported: (readonly [project: string, records: number])[];
let owned: Promise<unknown>[];
let sink: TraceSink;

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  nowMs = NOON;
  sleeps = [];
  sent = [];
  exported = [];
  owned = [];
  store = () => Promise.resolve();
  sink = new TraceSink({
    append: (batch) => {
      sent.push(batch);
      return store(batch);
    },
    keeping: (project) => ({ retentionDays: project === "default" ? 30 : 7, jurisdiction: null }),
    exported: (project, records) => {
      exported.push([project, records.length]);
      return Promise.resolve();
    },
    now: () => nowMs,
    sleep: (ms) => new Promise((resolve) => void sleeps.push({ ms, wake: resolve })),
    newBatchId: () => `batch-${sent.length}`,
  });
});

function record(n: number, changes: Parameters<typeof traceAt>[2] = {}): void {
  sink.record(traceAt(NOON + n, n, changes), (work) => void owned.push(work));
}

/** Ends all waits of this length that are under way. */
async function wake(ms: number): Promise<void> {
  const due = sleeps.filter((sleep) => sleep.ms === ms);
  sleeps = sleeps.filter((sleep) => sleep.ms !== ms);
  for (const { wake: end } of due) end();
  // Promises that hang on each other, all without timers.
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

describe("traces closed within 200 ms", () => {
  test("go in one call, which the first request owns", async () => {
    for (let n = 0; n < 10; n += 1) record(n);
    expect(owned).toHaveLength(1);
    expect(sent).toEqual([]);
    await wake(200);
    expect(sent.map(({ records }) => records.length)).toEqual([10]);
    expect(sent[0]).toMatchObject({ place: { project: "default", day: "2026-11-20", shard: 0, jurisdiction: null }, retentionDays: 30 });
    expect(sent[0]?.records[3]).toEqual({ startedAtMs: NOON + 3, json: JSON.stringify(traceAt(NOON + 3, 3)) });
  });

  test("go to the object of their project, day and shard", async () => {
    record(0);
    record(1, { shard: 1 });
    record(2, { project: "other" });
    sink.record(traceAt(NOON - 86_400_000, 3), () => undefined);
    await wake(200);
    const places = sent.map(({ place: { project, day, shard }, retentionDays }) => `${project}/${day}/${shard} ${retentionDays}`);
    expect(places).toEqual(["default/2026-11-20/0 30", "default/2026-11-20/1 30", "other/2026-11-20/0 7", "default/2026-11-19/0 30"]);
    expect(exported, "each project's, wherever they are stored").toEqual([
      ["default", 3],
      ["other", 1],
    ]);
  });
});

test("256 traces do not wait", () => {
  for (let n = 0; n < 255; n += 1) record(n);
  expect(sent).toEqual([]);
  record(255);
  expect(sent.map(({ records }) => records.length)).toEqual([256]);
});

test("512 Ki characters of traces do not wait", () => {
  const metadata = { filler: "x".repeat(200_000) };
  record(0, { metadata });
  record(1, { metadata });
  expect(sent).toEqual([]);
  record(2, { metadata });
  expect(sent.map(({ records }) => records.length)).toEqual([3]);
});

test("a trace closed while others are being sent has a flush of its own", async () => {
  store = () => new Promise(() => undefined);
  record(0);
  await wake(200);
  record(1);
  expect(owned).toHaveLength(2);
  await wake(200);
  expect(sent.map(({ records }) => records.length)).toEqual([1, 1]);
});

test("a flush that was cut off with its request is taken up by a later one, with what it left", async () => {
  record(0);
  sleeps = [];
  nowMs += 1_999;
  record(1);
  expect(owned).toHaveLength(1);
  nowMs += 1;
  record(2);
  expect(owned).toHaveLength(2);
  await wake(200);
  expect(sent.map(({ records }) => records.length)).toEqual([3]);
});

describe("a batch that is not stored", () => {
  test("is sent once more, as the same batch", async () => {
    store = (batch) => (sent.length === 1 ? Promise.reject(new Error("reset")) : Promise.resolve(void batch));
    record(0);
    await wake(200);
    expect(sent).toHaveLength(1);
    await wake(250);
    expect(sent).toHaveLength(2);
    expect(sent[1]).toEqual(sent[0]);
    expect(sink.lost()).toBe(0);
  });

  test("the second time is counted, and the next one is tried", async () => {
    store = () => Promise.reject(new Error("reset"));
    record(0);
    record(1);
    await wake(200);
    await wake(250);
    await Promise.all(owned);
    expect([sent.length, sink.lost()]).toEqual([2, 2]);
    store = () => Promise.resolve();
    record(2);
    await wake(200);
    expect([sent.length, sink.lost()]).toEqual([3, 2]);
  });

  test("within 5 s counts as failed", async () => {
    store = () => new Promise(() => undefined);
    record(0);
    await wake(200);
    await wake(5_000);
    await wake(250);
    await wake(5_000);
    await Promise.all(owned);
    expect([sent.length, sink.lost()]).toEqual([2, 1]);
  });

  test("because its object is overloaded is not sent again", async () => {
    store = () => Promise.reject(Object.assign(new Error("overloaded"), { overloaded: true }));
    record(0);
    await wake(200);
    await Promise.all(owned);
    expect([sent.length, sink.lost()]).toEqual([1, 1]);
  });
});

describe("a batch that its object cannot write", () => {
  /** As an error of the object's own code comes back. */
  const unwritable = (): Promise<void> => Promise.reject(Object.assign(new Error("string or blob too big"), { remote: true }));

  /** A store that cannot write these traces, alone or among others. */
  const storeBut = (poisonous: readonly number[]) => {
    const stored: string[] = [];
    const ids = new Set(poisonous.map((n) => traceAt(NOON + n, n).id));
    store = ({ records }) => {
      const traces = records.map(({ json }) => (JSON.parse(json) as { id: string }).id);
      if (traces.some((id) => ids.has(id))) return unwritable();
      stored.push(...traces);
      return Promise.resolve();
    };
    return stored;
  };

  test.each<readonly [string, readonly number[], number]>([
    ["the first", [0], 18],
    ["the last", [255], 18],
    ["two that are far from each other", [3, 200], 32],
    ["three", [1, 100, 254], 44],
    ["two neighbours", [128, 129], 18],
  ])("because of %s of its traces costs these and no other", async (_what, poisonous, tries) => {
    const stored = storeBut(poisonous);
    for (let n = 0; n < 256; n += 1) record(n);
    await wake(200);
    await wake(250);
    await Promise.all(owned);
    const expected = Array.from({ length: 256 }, (_, n) => n).filter((n) => !poisonous.includes(n));
    expect(stored.toSorted()).toEqual(expected.map((n) => traceAt(NOON + n, n).id).toSorted());
    expect([sink.lost(), sent.length]).toEqual([poisonous.length, tries]);
  });

  test("whatever is in it is given up after 32 calls", async () => {
    store = unwritable;
    for (let n = 0; n < 256; n += 1) record(n);
    await wake(200);
    await wake(250);
    await Promise.all(owned);
    expect([sink.lost(), sent.length]).toEqual([256, 32]);
  });

  test("is sent in no smaller parts where these fail for other reasons", async () => {
    store = () => (sent.length <= 3 ? unwritable() : Promise.reject(new Error("Network connection lost.")));
    for (let n = 0; n < 256; n += 1) record(n);
    await wake(200);
    await wake(250);
    await Promise.all(owned);
    expect([sink.lost(), sent.length]).toEqual([256, 6]);
  });

  test("costs one trace where it is one", async () => {
    store = unwritable;
    record(0);
    await wake(200);
    await wake(250);
    await Promise.all(owned);
    expect([sink.lost(), sent.length]).toEqual([1, 2]);
  });
});

test("where nothing can be stored, an isolate holds 16 Mi characters of traces", () => {
  store = () => new Promise(() => undefined);
  const metadata = { filler: "x".repeat(1024 * 1024) };
  for (let n = 0; n < 20; n += 1) record(n, { metadata });
  expect(sink.lost()).toBe(5);
});

test("where nothing can be stored, an isolate holds 4000 traces; the oldest that waits is dropped and counted", () => {
  store = () => new Promise(() => undefined);
  for (let n = 0; n < 4_010; n += 1) record(n);
  expect(sent.reduce((sum, { records }) => sum + records.length, 0)).toBe(3_840);
  expect(sink.lost()).toBe(10);
  // A minute later those that were being sent are given up with their requests.
  nowMs += 60_000;
  record(5_000);
  expect(sink.lost()).toBe(3_850);
});

test("a record without a readable id is counted, not thrown", () => {
  sink.record({ ...traceAt(NOON, 0), id: "nonsense" }, () => undefined);
  expect(sink.lost()).toBe(1);
});

describe("contents", () => {
  const content = (length: number) => ({ request: "x".repeat(length), answer: null, truncated: false });

  function recordWith(n: number, length: number): void {
    sink.record(traceAt(NOON + n, n), (work) => void owned.push(work), content(length));
  }

  test("go with their traces", async () => {
    recordWith(0, 3);
    record(1);
    await wake(200);
    const [first, second] = sent[0]?.records ?? [];
    expect(first?.content).toEqual({ tail: traceAt(NOON, 0).id.slice("default_".length), json: JSON.stringify(content(3)) });
    expect(second).not.toHaveProperty("content");
  });

  test("count for the size of a batch", () => {
    recordWith(0, 300_000);
    expect(sent).toEqual([]);
    recordWith(1, 300_000);
    expect(sent.map(({ records }) => records.length)).toEqual([2]);
  });

  test("are left out where an isolate holds 8 MB of them, until those are stored or given up", async () => {
    let answer = (): void => undefined;
    store = () => new Promise((resolve) => void (answer = resolve));
    for (let n = 0; n < 15; n += 1) recordWith(n, 530_000);
    recordWith(31, 500_000);
    recordWith(32, 500_000);
    const kept = (): readonly boolean[] => sent.flatMap(({ records }) => records.map(({ content: each }) => each !== undefined));
    expect(kept().filter(Boolean)).toHaveLength(15);
    await wake(200);
    expect(sent.at(-1)?.records.map(({ content: each }) => each === undefined)).toEqual([true, true]);
    expect(sink.lost()).toBe(0);
    answer();
    nowMs += 60_000;
    recordWith(33, 530_000);
    expect(sent.at(-1)?.records[0]?.content).toBeDefined();
  });
});
