import { evictDurableObject, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import type { TraceRecord } from "../../../src/core/trace/trace-record.ts";
import { feedAt, storeAt } from "../../../src/platform/traces/trace-places.ts";
import { traceAt } from "../../support/trace-at.ts";
import { call, newIsolate, refusedBy } from "./calls.ts";

afterEach(reset);

const isolate = newIsolate();
const UPGRADE = { headers: { upgrade: "websocket" } };
const NOW = Date.now();

type Message = { readonly trace?: TraceRecord; readonly dropped?: number };

/** A reader with all that it was sent. */
async function watch(query = ""): Promise<{ readonly socket: WebSocket; readonly messages: Message[] }> {
  const response = await call(isolate, `/api/traces/live${query}`, UPGRADE);
  expect(response.status).toBe(101);
  const socket = response.webSocket;
  if (socket === null) throw new Error("no socket");
  const messages: Message[] = [];
  socket.addEventListener("message", ({ data }) => void messages.push(JSON.parse(String(data)) as Message));
  socket.accept();
  return { socket, messages };
}

async function store(traces: readonly TraceRecord[]): Promise<void> {
  const place = { project: "default", day: new Date(NOW).toISOString().slice(0, 10), shard: 0, jurisdiction: null };
  const records = traces.map((trace) => ({ startedAtMs: NOW, json: JSON.stringify(trace) }));
  await storeAt(env, place).append({ id: crypto.randomUUID(), place, retentionDays: 30, records });
}

function feed(): ReturnType<typeof feedAt> {
  return feedAt(env, { project: "default", jurisdiction: null });
}

async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !isSo(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 10));
}

function traces(count: number, changes: Partial<TraceRecord> = {}): readonly TraceRecord[] {
  return Array.from({ length: count }, (_, n) => traceAt(NOW, n, changes));
}

describe("GET /api/traces/live", () => {
  test("tells each trace as it is stored, those that pass the filter", async () => {
    const all = await watch();
    const failed = await watch("?status=error");
    const [good, bad] = [traceAt(NOW, 1), traceAt(NOW, 2, { outcome: "failed" })];
    await store([good]);
    await store([bad]);
    await until(() => all.messages.length === 2);
    expect(all.messages).toEqual([{ trace: good }, { trace: bad }]);
    expect(failed.messages).toEqual([{ trace: bad }]);
  });

  test("begins at once, though its stores have just learned that nobody listens", async () => {
    await store([traceAt(NOW, 1)]);
    const reader = await watch();
    await store([traceAt(NOW, 2)]);
    const told = (): boolean => reader.messages.some((message) => JSON.stringify(message) === JSON.stringify({ trace: traceAt(NOW, 2) }));
    await until(told);
    // The first may still have been on its way to the feed when the reader came: it is told then, and nothing comes twice.
    expect(reader.messages.filter((message) => JSON.stringify(message) !== JSON.stringify({ trace: traceAt(NOW, 1) }))).toEqual([
      { trace: traceAt(NOW, 2) },
    ]);
  });

  test("goes on after the feed has slept", async () => {
    const reader = await watch("?route=main");
    await evictDurableObject(feed(), { webSockets: "hibernate" });
    await store(traces(1));
    await until(() => reader.messages.length === 1);
    expect(reader.messages).toEqual([{ trace: traceAt(NOW, 0) }]);
  });

  test("leaves traces out for a reader that does not read, and tells it how many", async () => {
    const [slow, quick] = [await watch(), await watch()];
    quick.socket.addEventListener("message", () => quick.socket.send("more"));
    await feed().publish(
      traces(400).map((trace) => JSON.stringify(trace)),
      0,
    );
    await until(() => quick.messages.length === 400);
    await feed().publish(
      traces(300).map((trace) => JSON.stringify(trace)),
      0,
    );
    await until(() => quick.messages.length === 700);
    expect([slow.messages.length, quick.messages.length]).toEqual([500, 700]);
    slow.socket.send("more");
    await until(() => slow.messages.length === 501);
    expect(slow.messages.at(-1)).toEqual({ dropped: 200 });
  });

  test("tells of what its stores left out", async () => {
    const reader = await watch();
    await feed().publish([JSON.stringify(traceAt(NOW, 1))], 7);
    await until(() => reader.messages.length === 2);
    expect(reader.messages).toEqual([{ dropped: 7 }, { trace: traceAt(NOW, 1) }]);
  });

  test("a reader that left is sent nothing more, and nobody is told that somebody listens", async () => {
    const reader = await watch();
    reader.socket.close();
    let heard = true;
    for (let turn = 0; turn < 50 && heard; turn += 1) {
      heard = await feed().publish([JSON.stringify(traceAt(NOW, 1))], 0);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(heard).toBe(false);
  });

  test.each([
    ["a foreign page", "", { headers: { ...UPGRADE.headers, origin: "https://evil.example.com" } }, 403, "forbidden"],
    ["who has no key", "", { ...UPGRADE, key: null }, 401, "missing_api_key"],
    ["a wrong key", "", { ...UPGRADE, key: "wrong" }, 401, "invalid_api_key"],
    ["a call that is no WebSocket", "", {}, 400, "invalid_request"],
    ["an unknown filter", "?rout=main", UPGRADE, 400, "invalid_request"],
    ["an unknown project", "?project=nobody", UPGRADE, 404, "unknown_project"],
  ] as const)("refuses %s", async (...[, query, options, status, code]) => {
    expect(await refusedBy(isolate, `/api/traces/live${query}`, options)).toMatchObject({ status, code });
  });

  test("refuses a thirty-third reader", async () => {
    for (let n = 0; n < 32; n += 1) await watch();
    expect(await refusedBy(isolate, "/api/traces/live", UPGRADE)).toMatchObject({ status: 503, code: "overloaded" });
  });
});
