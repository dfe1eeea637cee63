import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";
import type { TraceContent } from "../../../src/core/trace/trace-content.ts";
import { readTraceId, utcDay } from "../../../src/core/trace/trace-id.ts";
import type { TracePlace } from "../../../src/platform/traces/trace-batch.ts";
import { DAY_MS, dayStartMs, storeAt } from "../../../src/platform/traces/trace-places.ts";
import { DurableTraceReader } from "../../../src/platform/traces/trace-reader.ts";
import type { TraceStore } from "../../../src/platform/traces/trace-store.ts";
import { traceAt } from "../../support/trace-at.ts";

afterEach(reset);

/** Of today: the objects' alarms go by the real clock. */
const NOON = dayStartMs(utcDay(Date.now())) + DAY_MS / 2;
const PLACE: TracePlace = { project: "default", day: utcDay(NOON), shard: 0, jurisdiction: null };

/** Stores traces, each with its content where it has one. */
async function append(contents: readonly (TraceContent | undefined)[], id: string): Promise<void> {
  const records = contents.map((content, n) => {
    const trace = traceAt(NOON, n);
    const read = readTraceId(trace.id);
    const tail = read.ok ? read.value.tail : "";
    return {
      startedAtMs: NOON,
      json: JSON.stringify(trace),
      ...(content === undefined ? {} : { content: { tail, json: JSON.stringify(content) } }),
    };
  });
  await storeAt(env, PLACE).append({ id, place: PLACE, retentionDays: 30, records });
}

function reader(): DurableTraceReader {
  return new DurableTraceReader({ env, project: "default", retentionDays: 30, now: () => NOON });
}

function tables(): Promise<readonly string[]> {
  return runInDurableObject(storeAt(env, PLACE), (_instance: TraceStore, state) =>
    state.storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
      .toArray()
      .map(({ name }) => name),
  );
}

const SAID: TraceContent = { request: '{"prompt":"Hi"}', answer: "Hello", truncated: false };

test("content comes back with its trace, sealed or not, and with no other", async () => {
  for (const count of [2, 300]) {
    await append([SAID, undefined, ...Array.from({ length: count - 2 }, () => undefined)], `batch-${count}`);
    expect(await reader().get(traceAt(NOON, 0).id)).toEqual({ ...traceAt(NOON, 0), content: SAID });
    expect((await reader().get(traceAt(NOON, 1).id))?.content).toBeNull();
  }
});

test("a batch that is sent twice is stored once, contents too", async () => {
  await append([SAID], "batch");
  await append([SAID], "batch");
  expect((await reader().get(traceAt(NOON, 0).id))?.content).toEqual(SAID);
});

test("lists hold none of it", async () => {
  await append([SAID], "batch");
  const { traces } = await reader().list({ filter: {}, limit: 10, cursor: undefined });
  expect(traces).toEqual([traceAt(NOON, 0)]);
});

test("where none is kept there is no table for it", async () => {
  await append([undefined], "without");
  expect(await tables()).not.toContain("content");
  expect((await reader().get(traceAt(NOON, 0).id))?.content).toBeNull();
  await append([SAID], "with");
  expect(await tables()).toContain("content");
});
