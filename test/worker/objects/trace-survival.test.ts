import { abortAllDurableObjects, evictDurableObject, reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { utcDay } from "../../../src/core/trace/trace-id.ts";
import type { TraceRecord } from "../../../src/core/trace/trace-record.ts";
import { sleep } from "../../../src/platform/sleep.ts";
import type { TraceBatch } from "../../../src/platform/traces/trace-batch.ts";
import { DAY_MS, dayStartMs, storeAt } from "../../../src/platform/traces/trace-places.ts";
import { DurableTraceReader } from "../../../src/platform/traces/trace-reader.ts";
import { TraceSink } from "../../../src/platform/traces/trace-sink.ts";
import type { TraceStore } from "../../../src/platform/traces/trace-store.ts";
import { traceAt } from "../../support/trace-at.ts";

const MIDNIGHT = dayStartMs(utcDay(Date.now()));
const NOON = MIDNIGHT - DAY_MS / 2;
const PLACE = { project: "default", day: utcDay(NOON), shard: 0, jurisdiction: null };
/** A stub is of no use once its object was killed. */
const store = (): ReturnType<typeof storeAt> => storeAt(env, PLACE);

beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => undefined));
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

type Append = (batch: TraceBatch) => Promise<void>;

const stored: Append = (batch) => storeAt(env, batch.place).append(batch);

/** A sink as an isolate has it, over the real objects, but for `append` and waits that are a hundredth as long; for `tryMs` it waits for an answer. */
function isolateWith(
  append: Append,
  tryMs = 1_500,
): { readonly sink: TraceSink; readonly close: (traces: readonly TraceRecord[]) => Promise<void> } {
  const sink = new TraceSink({
    append,
    keeping: () => ({ retentionDays: 30, jurisdiction: null }),
    exported: () => Promise.resolve(),
    now: () => Date.now(),
    sleep: (ms, signal) => sleep(ms === 5_000 ? tryMs : ms / 100, signal),
    newBatchId: () => crypto.randomUUID(),
  });
  const close = async (traces: readonly TraceRecord[]): Promise<void> => {
    const owned: Promise<unknown>[] = [];
    for (const trace of traces) sink.record(trace, (work) => void owned.push(work));
    await Promise.all(owned);
  };
  return { sink, close };
}

const reader = new DurableTraceReader({ env, project: "default", retentionDays: 30, now: () => Date.now() });

async function listed(): Promise<readonly string[]> {
  const { traces } = await reader.list({ filter: {}, limit: 1000, cursor: undefined });
  return traces.map(({ id }) => id);
}

async function countedRequests(): Promise<number> {
  const query = { sinceMs: MIDNIGHT - 2 * DAY_MS, untilMs: MIDNIGHT + 2 * DAY_MS, stepMs: DAY_MS, by: "status" } as const;
  const buckets = await reader.rollups(query);
  if (buckets === "too_many") throw new Error(buckets);
  return buckets.flatMap(({ cells }) => cells).reduce((sum, { requests }) => sum + requests, 0);
}

/** Each of these is in the list and in the counts, once. */
async function expectOnce(traces: readonly TraceRecord[]): Promise<void> {
  expect(await listed()).toEqual(traces.map(({ id }) => id).toSorted((left, right) => (left < right ? 1 : -1)));
  expect(await countedRequests()).toBe(traces.length);
}

function some(count: number, from = 0): readonly TraceRecord[] {
  return Array.from({ length: count }, (_, n) => traceAt(NOON - (from + n) * 100, from + n));
}

/** An append that does `what` the first time, and stores afterwards; `again`: it was asked a second time. */
function onceFirst(what: (batch: TraceBatch, again: Promise<void>) => Promise<void>): Append {
  const again = Promise.withResolvers<void>();
  let asked = 0;
  return (batch) => {
    asked += 1;
    if (asked === 1) return what(batch, again.promise);
    again.resolve();
    return stored(batch);
  };
}

describe("every trace is stored once where its object", () => {
  test.each<[string, Parameters<typeof onceFirst>[0]]>([
    ["fails", () => Promise.reject(new Error("reset"))],
    ["stores and its answer is lost", (batch) => stored(batch).then(() => Promise.reject(new Error("Network connection lost.")))],
    ["stores, and answers too late", (batch) => stored(batch).then(() => new Promise(() => undefined))],
    ["is slow, and stores while it is asked again", (batch, again) => again.then(() => stored(batch))],
    ["is killed while it stores", (batch) => Promise.all([stored(batch), abortAllDurableObjects()]).then(() => undefined)],
    [
      "stores and is evicted before it is asked again",
      (batch) =>
        stored(batch)
          .then(() => evictDurableObject(store()))
          .then(() => Promise.reject(new Error("lost"))),
    ],
  ])("%s", async (_what, append) => {
    const { sink, close } = isolateWith(onceFirst(append));
    await close(some(256));
    expect(sink.lost()).toBe(0);
    await expectOnce(some(256));
  });

  test("is killed or evicted between batches, sealed or not", async () => {
    // Longer than an object holds a batch back for others.
    const { sink, close } = isolateWith(stored, 1_000);
    for (let n = 0; n < 6; n += 1) {
      await close(some(100, n * 100));
      await (n % 2 === 0 ? evictDurableObject(store()) : abortAllDurableObjects());
    }
    expect(sink.lost()).toBe(0);
    await expectOnce(some(600));
  });
});

test("an object that stays broken costs its traces and nothing else: they are counted, nobody waits, later ones are stored", async () => {
  let isBroken = true;
  const { sink, close } = isolateWith((batch) => (isBroken ? Promise.reject(new Error("broken")) : stored(batch)));
  await close(some(10));
  expect(sink.lost()).toBe(10);
  isBroken = false;
  await close(some(5, 10));
  expect(sink.lost()).toBe(10);
  await expectOnce(some(5, 10));
});

test("a write that fails in its middle leaves nothing behind, neither traces nor counts, and is made up for by the next try", async () => {
  await isolateWith(stored).close(some(60));
  await runInDurableObject(
    store(),
    (_instance: TraceStore, state) => void state.storage.sql.exec("ALTER TABLE trace_rollup_60000 RENAME TO elsewhere"),
  );
  const batch: TraceBatch = {
    id: "same",
    place: PLACE,
    retentionDays: 30,
    records: some(300, 60).map((trace) => ({ startedAtMs: Date.parse(trace.started_at), json: JSON.stringify(trace) })),
  };
  const failure = await store()
    .append(batch)
    .then(() => "stored", String);
  expect(failure).toMatch(/no such table/);
  expect(await listed()).toHaveLength(60);
  await runInDurableObject(
    store(),
    (_instance: TraceStore, state) => void state.storage.sql.exec("ALTER TABLE elsewhere RENAME TO trace_rollup_60000"),
  );
  await store().append(batch);
  await expectOnce(some(360));
});

describe("around midnight", () => {
  const traces = Array.from({ length: 40 }, (_, n) => traceAt(MIDNIGHT - 20 + n, n, { duration_ms: 30_000, shard: n % 2 }));

  test("a batch is split by the days its traces started on, and read as one", async () => {
    await isolateWith(stored).close(traces);
    await expectOnce(traces);
    for (const trace of traces) expect(await reader.get(trace.id)).toMatchObject(trace);
    const { traces: page, nextCursor } = await reader.list({ filter: {}, limit: 21, cursor: undefined });
    expect([page.length, nextCursor === null]).toEqual([21, false]);
  });
});

describe("when shards changes", () => {
  test("from one to eight to two, all that was stored stays in lists, counts and by its id", async () => {
    const { close } = isolateWith(stored, 1_000);
    const before = some(50);
    const after = Array.from({ length: 80 }, (_, n) => traceAt(NOON + 1 + n, n, { shard: n % 8 }));
    const last = Array.from({ length: 20 }, (_, n) => traceAt(NOON + 100 + n, n, { shard: n % 2 }));
    for (const traces of [before, after, last]) await close(traces);
    await expectOnce([...before, ...after, ...last]);
    for (const trace of [...before.slice(0, 3), ...after.slice(0, 16), ...last]) expect(await reader.get(trace.id)).toMatchObject(trace);
  });
});
