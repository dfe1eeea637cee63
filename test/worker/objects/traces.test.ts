import { evictDurableObject, reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { firstTailAt, readTraceId, utcDay } from "../../../src/core/trace/trace-id.ts";
import type { TraceFilter } from "../../../src/core/trace/trace-filter.ts";
import type { TraceRecord } from "../../../src/core/trace/trace-record.ts";
import { USAGE_NOT_REPORTED } from "../../../src/core/usage/usage.ts";
import type { BatchedTrace, TracePlace } from "../../../src/platform/traces/trace-batch.ts";
import { DAY_MS, dayStartMs, indexOf, storeAt } from "../../../src/platform/traces/trace-places.ts";
import { DurableTraceReader } from "../../../src/platform/traces/trace-reader.ts";
import type { TraceStore } from "../../../src/platform/traces/trace-store.ts";
import { traceAt } from "../../support/trace-at.ts";

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

/** Of today: the objects' alarms go by the real clock. */
const TODAY = utcDay(Date.now());
const NOON = dayStartMs(TODAY) + DAY_MS / 2;
const RETENTION_DAYS = 30;

let batches = 0;

function placeOf(trace: TraceRecord): TracePlace {
  const id = readTraceId(trace.id);
  if (!id.ok) throw new Error(trace.id);
  const { project, startedAtMs, shard } = id.value;
  return { project, day: utcDay(startedAtMs), shard, jurisdiction: null };
}

function batched(traces: readonly TraceRecord[]): readonly BatchedTrace[] {
  return traces.map((trace) => ({ startedAtMs: Date.parse(trace.started_at), json: JSON.stringify(trace) }));
}

async function append(traces: readonly TraceRecord[], id = `batch-${(batches += 1)}`): Promise<void> {
  for (const [, group] of Map.groupBy(traces, (trace) => JSON.stringify(placeOf(trace)))) {
    const [first] = group;
    if (first === undefined) continue;
    const place = placeOf(first);
    await storeAt(env, place).append({ id, place, retentionDays: RETENTION_DAYS, records: batched(group) });
  }
}

function reader({ project = "default", retentionDays = RETENTION_DAYS } = {}): DurableTraceReader {
  return new DurableTraceReader({ env, project, retentionDays, now: () => NOON });
}

async function pages(limit: number, filter: TraceFilter = {}): Promise<readonly (readonly string[])[]> {
  const found: string[][] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 200; page += 1) {
    const { traces, nextCursor } = await reader().list({ filter, limit, cursor });
    found.push(traces.map(({ id }) => id));
    if (nextCursor === null) return found;
    cursor = nextCursor;
  }
  throw new Error("the pages do not end");
}

/** Ids in the order a reader must give them: newest first. */
function newestFirst(traces: readonly TraceRecord[]): readonly string[] {
  return traces.map(({ id }) => id).toSorted((left, right) => (left < right ? 1 : -1));
}

/** Traces in each pack, the newest pack first. */
async function packs(place: TracePlace): Promise<readonly number[]> {
  return runInDurableObject(storeAt(env, place), (_instance: TraceStore, state) =>
    state.storage.sql
      .exec<{ count: number }>("SELECT count FROM trace_pack ORDER BY position DESC")
      .toArray()
      .map(({ count }) => count),
  );
}

/** Sealed traces: 256 of one append are one pack at once. */
async function appendPack(traces: readonly TraceRecord[]): Promise<void> {
  const [first] = traces;
  if (first === undefined) return;
  const startedAtMs = Date.parse(first.started_at);
  const filler = Array.from({ length: 256 - traces.length }, (_, n) => traceAt(startedAtMs, 100_000 + n, { route: "filler" }));
  await append([...traces, ...filler]);
}

describe("an appended batch", () => {
  test("is sealed into one pack with those before it as soon as they are 256", async () => {
    const traces = Array.from({ length: 300 }, (_, n) => traceAt(NOON + n, n));
    await append(traces.slice(0, 200));
    expect(await packs(placeOf(traceAt(NOON, 0)))).toEqual([]);
    await append(traces.slice(200));
    expect(await packs(placeOf(traceAt(NOON, 0)))).toEqual([300]);
    expect((await pages(500)).flat()).toEqual(newestFirst(traces));
  });

  test("is stored once when it is sent again", async () => {
    const traces = [traceAt(NOON, 1), traceAt(NOON - 40_000, 2)];
    await append(traces, "same");
    await append(traces, "same");
    expect(await pages(10)).toEqual([newestFirst(traces)]);
  });

  test("is stored once when it is sent again after the object was evicted", async () => {
    const trace = traceAt(NOON, 1);
    await append([trace], "same");
    await evictDurableObject(storeAt(env, placeOf(trace)));
    await append([trace], "same");
    expect(await pages(10)).toEqual([[trace.id]]);
  });

  test("keeps its order and what was stored before over an eviction", async () => {
    const [first, second] = [traceAt(NOON, 1), traceAt(NOON + 1, 2)];
    await append([first]);
    await evictDurableObject(storeAt(env, placeOf(first)));
    await append([second]);
    expect(await pages(10)).toEqual([[second.id, first.id]]);
  });

  test("loses nothing among batches that come at once, of one ms even", async () => {
    const traces = Array.from({ length: 40 }, (_, n) => traceAt(NOON, n));
    await Promise.all(traces.map((trace) => append([trace])));
    expect(await pages(100)).toEqual([newestFirst(traces)]);
  });
});

describe("listing", () => {
  test("of nothing is an empty page without a cursor, and stores nothing", async () => {
    expect(await reader().list({ filter: {}, limit: 10, cursor: undefined })).toEqual({
      traces: [],
      nextCursor: null,
      searchedUntilMs: null,
    });
  });

  const spread = Array.from({ length: 90 }, (_, n) => traceAt(NOON - (n % 9) * DAY_MS - n * 1000, n, { shard: n % 3 }));

  test.each([1, 7, 30, 89, 90, 91])("goes over shards and days newest first, in pages of %i, none twice and none missed", async (limit) => {
    await append(spread);
    const found = await pages(limit);
    expect(found.flat()).toEqual(newestFirst(spread));
    expect(found.slice(0, -1).every((page) => page.length === limit)).toBe(true);
  });

  test("keeps the order where one shard of many holds all the newest", async () => {
    const newest = Array.from({ length: 60 }, (_, n) => traceAt(NOON - n * 1000, n));
    const older = Array.from({ length: 60 }, (_, n) => traceAt(NOON - 100_000 - n * 1000, n, { shard: 1 + (n % 4) }));
    await append([...newest, ...older]);
    expect((await pages(20)).flat()).toEqual(newestFirst([...newest, ...older]));
  });

  test("keeps to one project", async () => {
    const other = traceAt(NOON, 2, { project: "other" });
    await append([traceAt(NOON, 1), other]);
    expect((await reader({ project: "other" }).list({ filter: {}, limit: 10, cursor: undefined })).traces).toEqual([other]);
  });

  test("is not disturbed by traces that arrive between the pages, newer ones or long ones that close late", async () => {
    const before = Array.from({ length: 10 }, (_, n) => traceAt(NOON - n * 1000, n));
    await append(before);
    const first = await reader().list({ filter: {}, limit: 5, cursor: undefined });
    const late = traceAt(NOON - 8_500, 50);
    await append([traceAt(NOON + 1000, 51), late]);
    const second = await reader().list({ filter: {}, limit: 50, cursor: first.nextCursor ?? "" });
    expect(first.traces.map(({ id }) => id)).toEqual(newestFirst(before).slice(0, 5));
    expect(second.traces.map(({ id }) => id)).toEqual(newestFirst([...before.slice(5), late]));
  });

  test("finds a long stream among the short requests with which it ended", async () => {
    const traces = [traceAt(NOON, 1), traceAt(NOON - 300_000, 2), traceAt(NOON - 5_000, 3), traceAt(NOON - 9_999, 4)];
    await append([traceAt(NOON - 200_000, 5), traceAt(NOON - 100_000, 6)]);
    await append(traces);
    expect((await pages(2)).flat()).toEqual(newestFirst([...traces, traceAt(NOON - 200_000, 5), traceAt(NOON - 100_000, 6)]));
  });

  test("by filter gives what passes, over as many pages as it takes", async () => {
    const traces = Array.from({ length: 60 }, (_, n) => traceAt(NOON - n * 1000, n, { outcome: n % 20 === 7 ? "failed" : "complete" }));
    await append(traces);
    const failed = newestFirst(traces.filter(({ outcome }) => outcome === "failed"));
    expect(failed).toHaveLength(3);
    expect((await pages(2, { status: "error" })).flat()).toEqual(failed);
  });

  test("by time includes since and excludes until", async () => {
    const traces = [0, 1, 2, 3].map((n) => traceAt(NOON - n * DAY_MS, n));
    await append(traces);
    const filter = { sinceMs: NOON - 2 * DAY_MS, untilMs: NOON };
    expect((await pages(10, filter)).flat()).toEqual(newestFirst(traces.slice(1, 3)));
  });

  test("stops when it has opened enough, says how far it looked, and goes on from there", async () => {
    const needle = traceAt(NOON - 500_000, 999, { metadata: { note: "a needle" } });
    for (let n = 0; n < 5; n += 1) await appendPack([traceAt(NOON - n * 1000, n)]);
    await appendPack([needle]);
    const store = storeAt(env, placeOf(needle));
    // What a trace mentions is in no summary: every pack has to be opened.
    const query = { filter: { q: "needle" }, limit: 5, maxPacks: 3 };
    const first = await store.list({ ...query, before: null });
    expect(first).toEqual({ traces: [], completeTo: firstTailAt(NOON - 3 * 1000 + 1) });
    expect(await store.list({ ...query, before: first.completeTo })).toEqual({ traces: [needle], completeTo: null });
    expect((await pages(5, { q: "needle" })).flat()).toEqual([needle.id]);
  });

  test.each<[string, Partial<TraceRecord>, TraceFilter]>([
    ["a route", { route: "rare" }, { equal: { route: "rare" } }],
    ["the model asked for", { requested_model: "rare" }, { equal: { model: "rare" } }],
    ["a session", { session_id: "rare" }, { equal: { session: "rare" } }],
    ["an outcome", { outcome: "rescued" }, { outcome: "rescued" }],
    ["a status", { outcome: "rejected" }, { status: "error" }],
    ["many tokens", { usage: { ...USAGE_NOT_REPORTED, input_tokens: 9_000, output_tokens: 1 } }, { minTokens: 9_001 }],
  ])("by %s opens only the packs that may hold one", async (_what, changes, filter) => {
    for (let n = 0; n < 5; n += 1) await appendPack([traceAt(NOON - n * 1000, n)]);
    const rare = traceAt(NOON - 4_500, 999, changes);
    await appendPack([rare]);
    const page = await storeAt(env, placeOf(rare)).list({ filter, before: null, limit: 5, maxPacks: 1 });
    expect(page).toEqual({ traces: [rare], completeTo: null });
  });

  const MAIN = { equal: { route: "main" } };

  test("opens older packs until none can hold a newer trace, of the same ms even", async () => {
    const [wide, between, later, earlier] = [9_000, 1_000, 20_000, 20_000].map((ago, n) => traceAt(NOON - ago, n));
    const first = traceAt(NOON, 9);
    if (wide === undefined || between === undefined || later === undefined || earlier === undefined) throw new Error("four");
    await appendPack([between]);
    await appendPack([first, wide]);
    const store = storeAt(env, placeOf(first));
    const query = { filter: MAIN, before: null, maxPacks: 10 };
    expect((await store.list({ ...query, limit: 2 })).traces).toEqual([first, between]);
    const [low, high] = [later, earlier].toSorted((left, right) => (left.id < right.id ? -1 : 1));
    if (low === undefined || high === undefined) throw new Error("two");
    await appendPack([high]);
    await appendPack([low]);
    const query20 = { ...query, filter: { ...MAIN, untilMs: NOON - 10_000 } };
    expect((await store.list({ ...query20, limit: 1 })).traces).toEqual([high]);
  });

  test("gets on even where more packs reach over the cursor than it may open", async () => {
    const traces = Array.from({ length: 12 }, (_, n) => traceAt(NOON - (n % 2) * 9_000 - n, n));
    for (let n = 0; n < 12; n += 2) await appendPack(traces.slice(n, n + 2));
    const store = storeAt(env, placeOf(traceAt(NOON, 0)));
    const before = firstTailAt(NOON - 4_000);
    const page = await store.list({ filter: MAIN, before, limit: 10, maxPacks: 2 });
    expect(page).toEqual({ traces: traces.filter((_, n) => n % 2 === 1), completeTo: null });
  });

  test("keeps long streams apart from the short requests with which they end, in packs of few and of many", async () => {
    const short = Array.from({ length: 250 }, (_, n) => traceAt(NOON - n, n));
    const long = Array.from({ length: 6 }, (_, n) => traceAt(NOON - 120_000 * (n + 1), 300 + n, { duration_ms: 120_000 * (n + 1) }));
    await append([...long, ...short]);
    expect(await packs(placeOf(traceAt(NOON, 0)))).toEqual([250, 1, 5]);
    expect((await pages(100)).flat()).toEqual(newestFirst([...short, ...long]));
    for (const trace of long) expect(await reader().get(trace.id)).toEqual({ ...trace, content: null });
  });

  test("finds traces that were written when shards had another value", async () => {
    const traces = [traceAt(NOON, 1, { shard: 7 }), traceAt(NOON, 2, { shard: 0 })];
    await append(traces);
    expect((await pages(10)).flat()).toEqual(newestFirst(traces));
  });
});

describe("one trace", () => {
  test("is found by its id in whatever pack it lies", async () => {
    const traces = Array.from({ length: 30 }, (_, n) => traceAt(NOON - n * 3000, n, { shard: n % 2 }));
    await append(traces);
    for (const trace of traces) expect(await reader().get(trace.id)).toEqual({ ...trace, content: null });
  });

  test.each([
    ["of another project", traceAt(NOON, 1, { project: "other" }).id],
    ["that was never stored", traceAt(NOON, 77).id],
    ["of a day without traces", traceAt(NOON - 3 * DAY_MS, 1).id],
    ["that is no id", "../../etc/passwd"],
  ])("%s is not found", async (_what, id) => {
    await append([traceAt(NOON, 1), traceAt(NOON, 1, { project: "other" })]);
    expect(await reader().get(id)).toBeUndefined();
    // Sealed, they are looked for by another way.
    await appendPack([traceAt(NOON, 2)]);
    expect(await reader().get(id)).toBeUndefined();
  });
});

describe("retention", () => {
  const [trace, END] = [traceAt(NOON, 1), dayStartMs(TODAY) + 31 * DAY_MS];
  const everywhere = { from: "2000-01-01", to: "2999-12-31" };

  test("takes the whole object with its entry in the index, 30 days after its day", async () => {
    const place = placeOf(trace);
    await append([trace]);
    const alarmAt = await runInDurableObject(storeAt(env, place), (_instance: TraceStore, state) => state.storage.getAlarm());
    expect(alarmAt).toBe(END);
    vi.spyOn(Date, "now").mockReturnValue(END);
    expect(await runDurableObjectAlarm(storeAt(env, place))).toBe(true);
    vi.restoreAllMocks();
    expect(await indexOf(env, "default").places("default", everywhere)).toEqual([]);
    expect(await reader().get(trace.id)).toBeUndefined();
    expect(await storeAt(env, place).list({ filter: {}, before: null, limit: 5, maxPacks: 5 })).toMatchObject({
      traces: [],
      completeTo: null,
    });
    await append([trace]);
    expect(await pages(5)).toEqual([[trace.id]]);
  });

  test("goes by what the project says when the time has come: traces are kept longer where that was changed", async () => {
    await append([trace]);
    vi.spyOn(Date, "now").mockReturnValue(END - 1);
    expect(await runDurableObjectAlarm(storeAt(env, placeOf(trace)))).toBe(true);
    vi.restoreAllMocks();
    expect(await reader().get(trace.id)).toEqual({ ...trace, content: null });
    const alarmAt = await runInDurableObject(storeAt(env, placeOf(trace)), (_instance: TraceStore, state) => state.storage.getAlarm());
    expect(alarmAt).toBe(END);
  });

  test("hides what is older already, where it was shortened", async () => {
    const [kept, over] = [traceAt(NOON - 5 * DAY_MS, 1), traceAt(NOON - 6 * DAY_MS, 2)];
    await append([kept, over]);
    const shortened = reader({ retentionDays: 5 });
    expect((await shortened.list({ filter: {}, limit: 10, cursor: undefined })).traces).toEqual([kept]);
    expect([await shortened.get(kept.id), await shortened.get(over.id)]).toEqual([{ ...kept, content: null }, undefined]);
  });
});
