import { expect, test } from "vitest";
import { plan } from "../../../src/core/routing/plan.ts";
import { resolve } from "../../../src/core/routing/resolve.ts";
import type { TraceRecord } from "../../../src/core/trace/trace-record.ts";
import { chatCompletions } from "../../../src/endpoints/chat-completions.ts";
import { TraceDraft } from "../../../src/gateway/trace-draft.ts";
import { tableOf } from "../../support/table.ts";
import { NO_METERS } from "../../support/no-meters.ts";

const TABLE = tableOf('[auth]\nopen = true\n[providers.openai]\nmodels = ["m"]\n[targets.a]\nmodel = "m"\n[routes.r]\ntargets = ["a"]\n');

const LABELS = {
  apiKey: null,
  holder: undefined,
  userId: null,
  sessionId: null,
  conversationId: null,
  environment: null,
  client: null,
  metadata: {},
  span: { traceId: "0".repeat(32), spanId: "0".repeat(16), flags: "01" },
  parentSpanId: null,
  colo: null,
};

test("no time of a trace is negative where the machine's clock is set back in the middle", () => {
  const resolution = resolve(TABLE, "route::r", chatCompletions);
  const settled = resolution.ok ? plan(TABLE, resolution.value, chatCompletions, { draw: () => 0, subject: undefined }) : resolution;
  const [attempted] = settled.ok ? settled.value.tries : [];
  if (attempted === undefined) throw new Error("the route has no target");
  const readings = [1_000, 1_010, 400, 405, 410];
  const records: TraceRecord[] = [];
  const ports = {
    now: () => readings.shift() ?? 411,
    meters: NO_METERS,
    record: (trace: TraceRecord) => void records.push(trace),
    fetch: () => Promise.reject(new Error("nobody calls")),
    draw: () => 0,
    randomBytes: (length: number) => new Uint8Array(length),
    after: () => () => undefined,
    pipe: () => new TransformStream(),
    socketPair: () => ({ callers: new WebSocket("ws://127.0.0.1:1"), own: new WebSocket("ws://127.0.0.1:1") }),
    secret: () => ({ fault: "missing" as const }),
    simulator: undefined,
    redact: (text: string) => text,
    redactBytes: (bytes: Uint8Array) => bytes,
    holdsSecret: () => false,
  };
  const draft = new TraceDraft({ id: "t", startedAtMs: 995, path: "/v1/chat/completions", endpoint: "chat", labels: LABELS }, TABLE, ports);
  const offsetMs = draft.elapsedMs();
  const second = draft.elapsedMs();
  draft.addAttempt({ attempted, offsetMs: second, waitedMs: 0 }, { outcome: "answered", status: 200 });
  draft.firstContentMs = draft.elapsedMs();
  draft.close({ outcome: "complete", status: 200, errorCode: null, responseBytes: 1, facts: {} });
  expect([offsetMs, second]).toEqual([5, 15]);
  // It was set back by 610 ms between two readings; the time between these is not known, all others are.
  expect(records).toMatchObject([{ first_content_ms: 20, duration_ms: 25, attempts: [{ offset_ms: 15, duration_ms: 0 }] }]);
  expect(records[0]?.started_at).toBe(new Date(995).toISOString());
});
