import { evictDurableObject, reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { keptContent } from "../../../src/core/trace/trace-content.ts";
import { keptLabels } from "../../../src/core/trace/labels.ts";
import { readTraceId, utcDay } from "../../../src/core/trace/trace-id.ts";
import type { TraceRecord } from "../../../src/core/trace/trace-record.ts";
import { traceWord } from "../../../src/core/trace/trace-word.ts";
import { sleep } from "../../../src/platform/sleep.ts";
import type { BatchedTrace, TraceBatch } from "../../../src/platform/traces/trace-batch.ts";
import { DAY_MS, dayStartMs, storeAt } from "../../../src/platform/traces/trace-places.ts";
import { DurableTraceReader } from "../../../src/platform/traces/trace-reader.ts";
import { TraceSink } from "../../../src/platform/traces/trace-sink.ts";
import type { TraceStore } from "../../../src/platform/traces/trace-store.ts";
import { traceAt } from "../../support/trace-at.ts";

/** Half of what a row may have. */
const MOST_BYTES = 1_000_000;

/** Of today: the objects' alarms go by the real clock. */
const NOON = dayStartMs(utcDay(Date.now())) + DAY_MS / 2;
const PLACE = { project: "default", day: utcDay(NOON), shard: 0, jurisdiction: null };

beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => undefined));
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const reader = new DurableTraceReader({ env, project: "default", retentionDays: 30, now: () => NOON });

async function listed(): Promise<readonly string[]> {
  const { traces } = await reader.list({ filter: {}, limit: 5_000, cursor: undefined });
  return traces.map(({ id }) => id);
}

/** Bytes of the largest row of each table. */
async function largestRows(): Promise<Readonly<Record<string, number>>> {
  return runInDurableObject(storeAt(env, PLACE), (_instance: TraceStore, { storage: { sql } }) => {
    const tables = sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'");
    return Object.fromEntries(
      tables.toArray().map(({ name }) => {
        const columns = sql.exec<{ name: string }>(`SELECT name FROM pragma_table_info('${name}')`).toArray();
        const bytes = columns.map((column) => `coalesce(length(CAST(${column.name} AS BLOB)), 0)`).join(" + ");
        return [name, sql.exec<{ most: number | null }>(`SELECT max(${bytes}) AS most FROM ${name}`).one().most ?? 0];
      }),
    );
  });
}

/** As many as one call gives. */
const RANDOM_UNITS = 32_768;

/** Characters that hardly deflate and take three bytes of UTF-8, or six of JSON. */
function noise(length: number, kind: "three_bytes" | "escaped"): string {
  const units = new Uint16Array(length);
  for (let at = 0; at < length; at += RANDOM_UNITS) crypto.getRandomValues(units.subarray(at, at + RANDOM_UNITS));
  return Array.from(units, (unit) => String.fromCharCode(kind === "escaped" ? unit % 32 : 0x3000 + (unit % 0x8000))).join("");
}

const word = (text: string): string => traceWord(text, (each) => each);

/** A trace with the largest of all that callers and upstreams may say in it. */
function hostile(n: number, kind: Parameters<typeof noise>[1]): TraceRecord {
  const long = (): string => word(noise(300, kind));
  const model = long();
  const labels = keptLabels(
    {
      userId: noise(300, kind),
      sessionId: noise(300, kind),
      conversationId: "c",
      environment: "e",
      metadata: Object.fromEntries(Array.from({ length: 4 }, () => [noise(256, kind), noise(256, kind)])),
    },
    word,
  );
  const attempt = { provider: "p".repeat(64), step: 0, strategy: "fallback", offset_ms: 1, duration_ms: 1, status: 503 } as const;
  return traceAt(NOON + n, n, {
    path: long(),
    requested_model: long(),
    target: model,
    upstream_model: model,
    reported_model: long(),
    finish_reason: long(),
    user_id: labels.userId,
    session_id: labels.sessionId,
    conversation_id: labels.conversationId,
    environment: labels.environment,
    metadata: labels.metadata,
    attempts: Array.from({ length: 6 }, () => ({
      ...attempt,
      target: model,
      model,
      outcome: "refused" as const,
      timeout: null,
      waited_ms: 0,
    })),
  });
}

function batched(trace: TraceRecord, content?: BatchedTrace["content"]): BatchedTrace {
  const json = JSON.stringify(trace);
  return { startedAtMs: Date.parse(trace.started_at), json, ...(content === undefined ? {} : { content }) };
}

function batchOf(id: string, records: readonly BatchedTrace[]): TraceBatch {
  return { id, place: PLACE, retentionDays: 30, records };
}

describe("whatever callers send, every row stays below half of what one may have", () => {
  test.each(["three_bytes", "escaped"] as const)("and every trace is stored: %s", async (kind) => {
    const first = hostile(1_000, kind);
    await storeAt(env, PLACE).append(batchOf("first", [batched(first)]));
    const traces = Array.from({ length: 252 }, (_, n) => hostile(n, kind));
    const part = (n: number): readonly BatchedTrace[] => traces.slice(n * 63, (n + 1) * 63).map((trace) => batched(trace));
    // Of several isolates, soon after another: one write takes them all.
    await Promise.all([0, 1, 2, 3].map((n) => storeAt(env, PLACE).append(batchOf(`batch-${n}`, part(n)))));
    const expected = [first, ...traces].map(({ id }) => id).toSorted((left, right) => (left < right ? 1 : -1));
    expect(await listed()).toEqual(expected);
    const rows = await largestRows();
    expect(Object.entries(rows).filter(([, bytes]) => bytes > MOST_BYTES)).toEqual([]);
    expect(rows["trace_pack"]).toBeGreaterThan(100_000);
  });

  test("what waits to be sealed counts in bytes, over an eviction too", async () => {
    const size = batched(hostile(0, "three_bytes")).json.length;
    const many = Math.ceil((400 * 1024) / size);
    const traces = Array.from({ length: many }, (_, n) => hostile(n, "three_bytes"));
    for (const [n, half] of [traces.slice(0, many / 2), traces.slice(many / 2)].entries()) {
      await storeAt(env, PLACE).append(
        batchOf(
          `half-${n}`,
          half.map((each) => batched(each)),
        ),
      );
      await evictDurableObject(storeAt(env, PLACE));
    }
    expect((await largestRows())["trace_open"]).toBeLessThan(550_000);
    expect(await listed()).toHaveLength(many);
  });

  test("contents too", async () => {
    const said = { request: { json: `{"prompt":"${noise(70_000, "three_bytes")}"}`, isWhole: true }, answer: noise(70_000, "escaped") };
    const trace = traceAt(NOON, 1);
    const id = readTraceId(trace.id);
    const content = { tail: id.ok ? id.value.tail : "", json: JSON.stringify(keptContent(said, (text) => text)) };
    await storeAt(env, PLACE).append(batchOf("content", [batched(trace, content)]));
    const rows = await largestRows();
    expect(rows["content"]).toBeGreaterThan(300_000);
    expect(rows["content"]).toBeLessThan(MOST_BYTES);
  });

  test("the batches that are remembered too", async () => {
    const store = storeAt(env, PLACE);
    await store.append(batchOf("first", [batched(traceAt(NOON, 0))]));
    const remembered = Array.from({ length: 20_000 }, () => [crypto.randomUUID(), Date.now()]);
    await runInDurableObject(store, (_instance: TraceStore, { storage: { sql } }) => {
      sql.exec("UPDATE trace_open SET batches = ?", JSON.stringify(remembered));
    });
    await evictDurableObject(store);
    await storeAt(env, PLACE).append(batchOf("last", [batched(traceAt(NOON, 1))]));
    expect((await largestRows())["trace_open"]).toBeLessThan(470_000);
    await storeAt(env, PLACE).append(batchOf("last", [batched(traceAt(NOON, 1))]));
    expect(await listed()).toHaveLength(2);
  });
});

/** Content that no row can hold. */
const TOO_BIG = "x".repeat(2_100_000);

/** Gives the object the platform's limit, which workerd by itself does not have. */
async function limitRows(): Promise<void> {
  await storeAt(env, PLACE).append(batchOf("before", [batched(traceAt(NOON, 1_000))]));
  await runInDurableObject(storeAt(env, PLACE), (_instance: TraceStore, { storage: { sql } }) => {
    sql.exec("CREATE TABLE content (tail TEXT PRIMARY KEY, content TEXT NOT NULL) WITHOUT ROWID");
    sql.exec(
      "CREATE TRIGGER too_big BEFORE INSERT ON content WHEN length(NEW.content) > 2000000 BEGIN SELECT RAISE(ABORT, 'string or blob too big'); END",
    );
  });
}

describe("what cannot be stored", () => {
  test("of one isolate's batch does not cost those that are written with it", async () => {
    await limitRows();
    const good = Array.from({ length: 3 }, (_, n) => batchOf(`good-${n}`, [batched(traceAt(NOON, n))]));
    const bad = batchOf("bad", [batched(traceAt(NOON, 9), { tail: "tail", json: TOO_BIG })]);
    // Soon after another one: they wait for each other.
    await storeAt(env, PLACE).append(batchOf("busy", [batched(traceAt(NOON, 10))]));
    const all = [...good.slice(0, 2), bad, ...good.slice(2)].map((batch) => storeAt(env, PLACE).append(batch));
    expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
    expect(await listed()).toHaveLength(5);
  });

  test("is found among a batch and costs nothing but itself", async () => {
    await limitRows();
    const sink = new TraceSink({
      append: (batch) => storeAt(env, batch.place).append(batch),
      keeping: () => ({ retentionDays: 30, jurisdiction: null }),
      exported: () => Promise.resolve(),
      now: () => Date.now(),
      sleep: (ms, signal) => sleep(ms === 5_000 ? ms : ms / 100, signal),
      newBatchId: () => crypto.randomUUID(),
    });
    const owned: Promise<unknown>[] = [];
    const keepAlive = (work: Promise<unknown>): void => void owned.push(work);
    const traces = Array.from({ length: 100 }, (_, n) => traceAt(NOON + n, n));
    for (const trace of traces) sink.record(trace, keepAlive);
    sink.record(traceAt(NOON + 100, 100), keepAlive, { request: TOO_BIG, answer: null, truncated: false });
    await Promise.all(owned);
    expect(sink.lost()).toBe(1);
    expect((await listed()).toSorted()).toEqual([...traces, traceAt(NOON, 1_000)].map(({ id }) => id).toSorted());
  });
});
