import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { TraceRecord } from "../../src/core/trace/trace-record.ts";
import { type Call, type Simulator, startSimulator, type Step } from "../../src/simulator/index.ts";
import { GATEWAY_KEY, type Gateway, startGateway } from "../support/gateway.ts";
import { callAndStay, type LeavingCaller } from "../support/leaving-caller.ts";
import { chat, chunk, completion, errorBody, FINISH, JSON_HEADERS, refusing, ROLE, STREAM_HEADERS } from "../support/upstream.ts";

let upstream: Simulator;
let gateway: Gateway;
let sessions = 0;

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  gateway = await startGateway({
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.a]
base_url = "${upstream.baseUrl("a")}"
models = ["model-a"]
auth_type = "none"
[providers.b]
base_url = "${upstream.baseUrl("b")}"
models = ["model-b"]
auth_type = "none"
[targets.first]
model = "model-a"
[targets.second]
model = "model-b"
[routes.chain]
strategy = "fallback"
targets = ["first", "second"]
retry = { max_retries = 1 }
[routes.rescued]
strategy = "fallback"
targets = ["first", "second"]
rescue = "prefill"
[routes.audio]
endpoint = "audio_speech"
targets = ["first"]
[routes.images]
endpoint = "image_generation"
targets = ["first"]
`,
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
beforeEach(() => upstream.reset());

const CHAT = "/v1/chat/completions";
const SILENT = { ending: "silence" } as const;
const BEGUN = [ROLE, chunk({ content: "one" })];
const FLOWING = {
  headers: STREAM_HEADERS,
  body: [...BEGUN, ...Array.from({ length: 300 }, () => ({ data: chunk({ content: "x" }), delayMs: 10 }))],
};
const streamed = chat("route::chain", { stream: true });
const plain = chat("route::chain");

async function call(path: string, body: unknown, more: { readonly announced?: number } = {}): Promise<LeavingCaller> {
  sessions += 1;
  const headers = {
    "x-to11-authorization": `Bearer ${GATEWAY_KEY}`,
    "content-type": "application/json",
    "x-to11-session-id": `s${sessions}`,
  };
  return callAndStay(gateway.url + path, { headers, body: JSON.stringify(body), ...more });
}

/** The trace of the call made last, as soon as it is stored. */
function traceOfLast(): Promise<TraceRecord> {
  return gateway.traceOfSession(`s${sessions}`);
}

/** The calls so far, each closed by the gateway within a second. */
async function allClosed(): Promise<readonly Call[]> {
  return Promise.all(upstream.calls().map((each) => upstream.waitForClose(each, 1_000)));
}

const cancelled = { outcome: "cancelled" };

describe("a caller who resets its connection while nothing is being written", () => {
  it.each<[string, Step, unknown]>([
    ["before the upstream's headers", { noAnswer: "silence" }, streamed],
    ["before the upstream's headers, plain", { noAnswer: "silence" }, plain],
    ["after the headers, before any event", { headers: STREAM_HEADERS, body: [], ...SILENT }, streamed],
    ["after a role, before the first content", { headers: STREAM_HEADERS, body: [ROLE], ...SILENT }, streamed],
    ["in the middle of a plain answer", { headers: JSON_HEADERS, body: [completion("half").slice(0, 80)], ...SILENT }, plain],
    ["on passthrough", { noAnswer: "silence" }, chat("a::model-a", { stream: true })],
  ])("%s: the upstream is closed, nobody else is asked", async (_name, step, body) => {
    upstream.always("a", step);
    const caller = await call(CHAT, body);
    await upstream.waitForCalls(1);
    caller.reset();
    expect(await allClosed()).toMatchObject([{ provider: "a", ending: "left" }]);
    const trace = await traceOfLast();
    expect(trace).toMatchObject({ outcome: "client_closed", status: 499, error_code: null, response_bytes: 0, attempts: [cancelled] });
    expect(trace.attempts).toHaveLength(1);
    expect(upstream.calls()).toHaveLength(1);
  });

  it("while a retry waits: it is never made", async () => {
    upstream.always("a", refusing(503, "busy", { "retry-after": "2" }));
    const caller = await call(CHAT, streamed);
    const [first] = await upstream.waitForCalls(1);
    if (first !== undefined) await upstream.waitForClose(first);
    // The refusal is on its way; the wait that follows it takes two seconds.
    await new Promise((resolve) => setTimeout(resolve, 50));
    caller.reset();
    const trace = await traceOfLast();
    expect(trace).toMatchObject({ outcome: "client_closed", status: 499, attempts: [{ outcome: "refused", status: 503 }] });
    expect(trace.duration_ms).toBeLessThan(1_000);
    expect(upstream.calls()).toHaveLength(1);
  });

  it.each([
    ["a refusal", refusing(401, "bad key")],
    ["a conversation too long", { status: 400, headers: JSON_HEADERS, body: errorBody("too long", "context_length_exceeded") }],
  ])("in the second attempt, after %s", async (_name, first) => {
    upstream.script("a", first);
    upstream.always("b", { noAnswer: "silence" });
    const caller = await call(CHAT, plain);
    await upstream.waitForCalls(1, 2_000, "b");
    caller.reset();
    await allClosed();
    expect(await traceOfLast()).toMatchObject({
      outcome: "client_closed",
      status: 499,
      error_code: null,
      attempts: [{ outcome: "refused" }, cancelled],
    });
    expect(upstream.calls()).toHaveLength(2);
  });

  it("in a stream whose upstream is silent", async () => {
    upstream.always("a", { headers: STREAM_HEADERS, body: BEGUN, ...SILENT });
    const caller = await call(CHAT, streamed);
    await caller.untilSeen('"one"');
    caller.reset();
    expect(await allClosed()).toMatchObject([{ ending: "left" }]);
    expect(await traceOfLast()).toMatchObject({ outcome: "client_closed", status: 200, attempts: [{ outcome: "cancelled", status: 200 }] });
  });

  it("while another target is asked to finish its stream", async () => {
    upstream.always("a", { headers: STREAM_HEADERS, body: BEGUN, ending: "reset", endDelayMs: 5 });
    upstream.always("b", { noAnswer: "silence" });
    const caller = await call(CHAT, chat("route::rescued", { stream: true }));
    await upstream.waitForCalls(1, 2_000, "b");
    caller.reset();
    await allClosed();
    const trace = await traceOfLast();
    expect(trace.attempts).toMatchObject([
      { target: "first", outcome: "cut" },
      { target: "second", ...cancelled },
    ]);
    expect(trace).toMatchObject({ outcome: "client_closed", target: "first" });
    expect(upstream.calls()).toHaveLength(2);
  });

  it("in the middle of its own request: nobody is called", async () => {
    const caller = await call(CHAT, plain, { announced: 10_000 });
    await new Promise((resolve) => setTimeout(resolve, 30));
    caller.reset();
    expect(await traceOfLast()).toMatchObject({ outcome: "client_closed", status: 499, attempts: [] });
    expect(upstream.calls()).toHaveLength(0);
  });
});

describe("a caller who closes while it is being written to", () => {
  it.each<[string, string, unknown, Step]>([
    ["a stream", CHAT, streamed, FLOWING],
    ["a stream on passthrough", CHAT, chat("a::model-a", { stream: true }), FLOWING],
    ["a stream that another target may finish", CHAT, chat("route::rescued", { stream: true }), FLOWING],
    [
      "audio",
      "/v1/audio/speech",
      { model: "route::audio", input: "Hello", voice: "alloy" },
      { headers: { "content-type": "audio/mpeg" }, body: ["one", ...Array.from({ length: 300 }, () => ({ data: "x", delayMs: 10 }))] },
    ],
    [
      "a large plain answer",
      "/v1/images/generations",
      { model: "route::images", prompt: "a cat" },
      {
        headers: JSON_HEADERS,
        body: [`{"data":["one${"x".repeat(9_000_000)}`, ...Array.from({ length: 300 }, () => ({ data: "x", delayMs: 10 }))],
      },
    ],
  ])("in %s: the upstream is closed, nobody else is asked", async (_name, path, body, step) => {
    upstream.always("a", step);
    const caller = await call(path, body);
    await caller.untilSeen("one");
    caller.close();
    expect(await allClosed()).toMatchObject([{ ending: "left" }]);
    const trace = await traceOfLast();
    expect(trace).toMatchObject({
      outcome: "client_closed",
      status: 200,
      error_code: null,
      attempts: [{ outcome: "cancelled", status: 200 }],
    });
    expect(trace.attempts).toHaveLength(1);
    expect(upstream.calls()).toHaveLength(1);
  });

  it("in a stream that was rescued", async () => {
    upstream.always("a", { headers: STREAM_HEADERS, body: BEGUN, ending: "reset", endDelayMs: 5 });
    upstream.always("b", { ...FLOWING, body: [chunk({ content: "two" }), ...FLOWING.body.slice(2)] });
    const caller = await call(CHAT, chat("route::rescued", { stream: true }));
    await caller.untilSeen('"two"');
    caller.close();
    expect(await allClosed()).toMatchObject([{ ending: "cut" }, { ending: "left" }]);
    expect(await traceOfLast()).toMatchObject({ outcome: "client_closed", target: "second", attempts: [{ outcome: "cut" }, cancelled] });
  });

  it("before the first content: it shows when that is written", async () => {
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    upstream.always("a", async (_call, response) => {
      response.writeHead(200, STREAM_HEADERS).flushHeaders();
      await begun;
      for (const part of [...BEGUN, ...Array.from({ length: 300 }, () => chunk({ content: "x" }))]) {
        if (response.destroyed) return;
        response.write(part);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      response.end(FINISH);
    });
    const caller = await call(CHAT, streamed);
    await upstream.waitForCalls(1);
    caller.close();
    begin();
    expect(await allClosed()).toMatchObject([{ ending: "left" }]);
    expect(await traceOfLast()).toMatchObject({ outcome: "client_closed", attempts: [cancelled] });
  });
});

describe("afterwards", () => {
  it("every one of these requests has exactly one trace, and the gateway still answers", async () => {
    upstream.always("a", { headers: JSON_HEADERS, body: completion("still here") });
    expect((await gateway.post(CHAT, plain)).status).toBe(200);
    const traces = (await gateway.traces(sessions + 1)).flatMap(({ session_id: session }) => (session === null ? [] : [session]));
    expect(traces.toSorted()).toEqual(Array.from({ length: sessions }, (_, index) => `s${index + 1}`).toSorted());
  });
});
