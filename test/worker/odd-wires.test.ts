import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Simulator, startSimulator, type Step } from "../../src/simulator/index.ts";
import type { Answer } from "../../src/simulator/play/step.ts";
import { GATEWAY_KEY, type Gateway, startGateway } from "../support/gateway.ts";
import { callAndStay } from "../support/leaving-caller.ts";
import { chat, chunk, COMMENT, completion, DONE, event, FINISH, JSON_HEADERS, ROLE, STREAM_HEADERS, USAGE } from "../support/upstream.ts";

// What providers and the relays before them send that no document describes.

let upstream: Simulator;
let gateway: Gateway;

const IDLE_MS = 600;

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  const provider = (id: string, idleMs: number): string => `
[providers.${id}]
base_url = "${upstream.baseUrl(id)}"
models = ["model-${id}"]
auth_type = "none"
idle_timeout_ms = ${idleMs}
[targets.${id}]
model = "model-${id}"
`;
  gateway = await startGateway({
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY"]
${provider("a", IDLE_MS)}${provider("b", IDLE_MS)}${provider("patient", 20_000)}
[routes.chain]
strategy = "fallback"
targets = ["a", "b"]
retry = { max_retries = 0 }
[routes.rescued]
strategy = "fallback"
targets = ["a", "b"]
rescue = "restart"
[routes.patient]
targets = ["patient"]
[routes.patient-rescued]
targets = ["patient"]
rescue = "restart"
[routes.speech]
endpoint = "audio_speech"
targets = ["patient"]
`,
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
beforeEach(() => upstream.reset());

const PATH = "/v1/chat/completions";
const BEGUN = [ROLE, chunk({ content: "one" })];
const WHOLE = [...BEGUN, FINISH, DONE];
const streamed = (model: string, more: Readonly<Record<string, unknown>> = {}): Promise<Response> =>
  gateway.post(PATH, chat(model, { stream: true, ...more }));
const later = (data: string, delayMs: number) => ({ data, delayMs });

describe("behind a finish reason", () => {
  it.each<[string, readonly (string | { data: string; delayMs: number })[], Readonly<Record<string, unknown>>, readonly string[]]>([
    [
      "usage and [DONE] that come three seconds later reach the caller",
      [...BEGUN, FINISH, later(USAGE + DONE, 3_000)],
      { stream_options: { include_usage: true } },
      [...BEGUN, FINISH, USAGE, DONE],
    ],
    [
      "hidden usage is kept from the caller three seconds later too",
      [...BEGUN, FINISH, later(USAGE + DONE, 3_000)],
      {},
      [...BEGUN, FINISH, DONE],
    ],
    [
      "words of a relay that puts one into every event reach the caller, however slow it is",
      [
        chunk({ content: "one " }, "stop"),
        later(chunk({ content: "two " }, "stop"), 2_500),
        later(chunk({ content: "three" }, "stop"), 2_500),
        DONE,
      ],
      {},
      [chunk({ content: "one " }, "stop"), chunk({ content: "two " }, "stop"), chunk({ content: "three" }, "stop"), DONE],
    ],
    ["a [DONE] without its blank line is given out", [...BEGUN, FINISH, "data: [DONE]"], {}, [...BEGUN, FINISH, "data: [DONE]"]],
  ])("%s", async (_name, body, more, expected) => {
    upstream.always("patient", { headers: STREAM_HEADERS, body });
    const response = await streamed("route::patient", more);
    expect(await response.text()).toBe(expected.join(""));
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "complete", finish_reason: "stop" });
  });

  it("a [DONE] without its blank line is given out where events go on whole", async () => {
    upstream.always("a", { headers: STREAM_HEADERS, body: [...BEGUN, FINISH, "data: [DONE]"] });
    expect(await (await streamed("route::rescued")).text()).toBe(`${[...BEGUN, FINISH].join("")}data: [DONE]`);
  });

  it("a [DONE] without its blank line ends a stream without a finish reason", async () => {
    upstream.always("a", { headers: STREAM_HEADERS, body: [...BEGUN, "data: [DONE]"] });
    const response = await streamed("route::chain");
    expect(await response.text()).toBe(`${BEGUN.join("")}data: [DONE]`);
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "complete" });
  });

  it("a stream that goes on and is cut then is not whole", async () => {
    upstream.always("a", {
      headers: STREAM_HEADERS,
      body: [chunk({ content: "one" }, "stop"), chunk({ content: "two" })],
      ending: "reset",
      endDelayMs: 100,
    });
    const response = await streamed("route::chain");
    expect(await response.text()).toContain("stream_truncated");
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "truncated" });
  });

  it("an upstream that says nothing more and stays open is closed after its idle time, and the answer is whole", async () => {
    upstream.always("a", { headers: STREAM_HEADERS, body: [...BEGUN, FINISH], ending: "silence" });
    const response = await streamed("route::chain");
    expect(await response.text()).toBe([...BEGUN, FINISH].join(""));
    expect((await gateway.traceOf(response)).duration_ms).toBeLessThan(2_500);
  });

  it("an upstream that only comments is closed after its idle time too", async () => {
    upstream.always("a", { headers: STREAM_HEADERS, body: [...BEGUN, FINISH, ...Array.from({ length: 60 }, () => later(COMMENT, 50))] });
    const response = await streamed("route::chain");
    await response.text();
    const trace = await gateway.traceOf(response);
    expect(trace).toMatchObject({ outcome: "complete" });
    expect(trace.duration_ms).toBeLessThan(2_500);
  });
});

describe("a stream is known by what it says", () => {
  it.each([
    ["no content type", {}],
    ["text/plain", { "content-type": "text/plain" }],
    ["application/octet-stream", { "content-type": "application/octet-stream" }],
    ["application/json", { "content-type": "application/json" }],
  ])("events under %s", async (_name, headers) => {
    const body = WHOLE.join("");
    upstream.always("a", { headers, body: [body.slice(0, 2), later(body.slice(2), 20)] });
    const response = await streamed("route::chain");
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(await response.text()).toBe(body);
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "complete", finish_reason: "stop", provider: "a" });
  });

  it("events behind a byte order mark", async () => {
    upstream.always("a", { body: [`\uFEFF${WHOLE.join("")}`] });
    expect(new Uint8Array(await (await streamed("route::chain")).arrayBuffer())).toEqual(
      new Uint8Array(Buffer.from(`\uFEFF${WHOLE.join("")}`)),
    );
  });

  it("an error as JSON under text/event-stream", async () => {
    upstream.script("a", { headers: STREAM_HEADERS, body: [JSON.stringify({ error: { message: "busy", code: 503 } })] });
    upstream.always("b", { headers: STREAM_HEADERS, body: WHOLE });
    const response = await streamed("route::chain");
    expect(await response.text()).toBe(WHOLE.join(""));
    expect((await gateway.traceOf(response)).attempts).toMatchObject([{ outcome: "refused", status: 503 }, { outcome: "answered" }]);
  });

  it("a whole answer to who asked for a stream, as JSON", async () => {
    upstream.always("a", { headers: STREAM_HEADERS, body: [completion("all at once")] });
    const response = await streamed("route::chain");
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.text()).toBe(completion("all at once"));
  });

  it("audio stays audio, whatever its type", async () => {
    upstream.always("patient", {
      headers: { "content-type": "application/octet-stream" },
      body: [Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)],
    });
    const response = await gateway.post("/v1/audio/speech", { model: "route::speech", input: "hi", voice: "x", stream_format: "sse" });
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});

describe("JSON that says nothing, or too much", () => {
  it("is read behind a byte order mark", async () => {
    upstream.always("a", { headers: JSON_HEADERS, body: `\uFEFF${completion("marked")}` });
    const response = await gateway.post(PATH, chat("route::chain"));
    expect(await response.json()).toEqual(JSON.parse(completion("marked")));
    expect(await gateway.traceOf(response)).toMatchObject({ provider: "a", usage: { input_tokens: 9 } });
  });

  it.each([{}, [], "", false, 0, null])("an error member that is %j is none", async (error) => {
    const body = JSON.stringify({ ...(JSON.parse(completion("fine")) as object), error });
    upstream.always("a", { headers: JSON_HEADERS, body });
    const response = await gateway.post(PATH, chat("route::chain"));
    expect([response.status, await response.text()]).toEqual([200, body]);
    const events = [event({ choices: [{ index: 0, delta: { content: "x" }, finish_reason: null }], error }), FINISH, DONE];
    upstream.always("a", { headers: STREAM_HEADERS, body: events });
    expect(await (await streamed("route::chain")).text()).toBe(events.join(""));
  });

  it.each([{}, { detail: "Not found" }, { message: "ok", id: "c1" }])("a 200 with %j is no answer", async (value) => {
    upstream.always("a", { headers: JSON_HEADERS, body: JSON.stringify(value) });
    upstream.always("b", { headers: JSON_HEADERS, body: completion("from b") });
    const response = await gateway.post(PATH, chat("route::chain"));
    expect(await response.text()).toBe(completion("from b"));
    expect((await gateway.traceOf(response)).attempts).toMatchObject([{ outcome: "invalid", status: 200 }, { outcome: "answered" }]);
  });

  it.each([600, 799, 999])("status %i is the upstream's fault", async (status) => {
    const raw: Step = { raw: [`HTTP/1.1 ${status} Odd\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`] };
    upstream.always("a", raw);
    upstream.always("b", raw);
    const response = await gateway.post(PATH, chat("route::chain"));
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ error: { code: "upstream_invalid_response" } });
    expect(gateway.logs()).toBe("");
  });
});

describe("an event that never ends", () => {
  const MEBIBYTE = 1024 * 1024;
  const OPENED = 'data: {"choices":[{"delta":{"content":"';
  const CLOSED = '"}}]}\n\n';
  const endless = (mebibytes: number): Answer => ({
    headers: STREAM_HEADERS,
    body: [...BEGUN, OPENED, ...Array.from({ length: mebibytes }, () => "x".repeat(MEBIBYTE)), CLOSED, FINISH, DONE],
  });

  it.each(["route::patient", "route::patient-rescued"])("goes on unread behind 8 MiB, and is whole by its end (%s)", async (model) => {
    upstream.always("patient", endless(12));
    const response = await streamed(model);
    const text = await response.text();
    // Not by `toBe`: it would print twelve megabytes.
    expect(text === [...BEGUN, OPENED, "x".repeat(12 * MEBIBYTE), CLOSED, FINISH, DONE].join("")).toBe(true);
    expect(await gateway.traceOf(response)).toMatchObject({
      outcome: "complete",
      unwatched: true,
      finish_reason: null,
      usage: { input_tokens: null },
    });
  });

  it("is truncated where its connection breaks, though it seemed finished", async () => {
    upstream.always("patient", { ...endless(10), ending: "close" });
    const response = await streamed("route::patient");
    expect((await response.text()).endsWith("\n\n")).toBe(true);
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "truncated", unwatched: true });
  });

  it("up to 8 MiB is read as any other", async () => {
    upstream.always("patient", endless(7));
    const response = await streamed("route::patient");
    await response.text();
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "complete", unwatched: false, finish_reason: "stop" });
  });
});

describe("a connection that the upstream closes as it is used again", () => {
  it.each([
    ["on a route without retries", "route::patient", "patient"],
    ["on passthrough", "patient::model-patient", "patient"],
  ])("is opened anew, once (%s)", async (_name, model, provider) => {
    upstream.always(provider, { headers: JSON_HEADERS, body: completion("alive") });
    upstream.script(provider, { noAnswer: "close" });
    const response = await gateway.post(PATH, chat(model), { authorization: "Bearer sk-own" });
    expect([response.status, await response.text()]).toEqual([200, completion("alive")]);
    expect(response.headers.get("x-to11-attempts")).toBe("2");
    upstream.reset();
    upstream.always(provider, { noAnswer: "close" });
    const failed = await gateway.post(PATH, chat(model.replace("route::patient", "patient::model-patient")), {
      authorization: "Bearer sk-own",
    });
    expect(failed.status).toBe(502);
    expect(upstream.calls()).toHaveLength(2);
  });
});

describe("a caller who stops reading", () => {
  it("is given up after idle_timeout_ms: the upstream is closed, and the trace says that the caller left", async () => {
    const words = chunk({ content: "x".repeat(64 * 1024) });
    upstream.always("a", { headers: STREAM_HEADERS, body: [...BEGUN, ...Array.from({ length: 2_000 }, () => words)] });
    const caller = await callAndStay(gateway.url + PATH, {
      headers: {
        "x-to11-authorization": `Bearer ${GATEWAY_KEY}`,
        "content-type": "application/json",
        "x-to11-session-id": "stops-reading",
      },
      body: JSON.stringify(chat("route::chain", { stream: true })),
    });
    await caller.untilSeen('"one"');
    caller.pause();
    const [call] = await upstream.waitForCalls(1);
    if (call !== undefined) expect((await upstream.waitForClose(call, 4_000)).ending).toBe("left");
    caller.close();
    expect(await gateway.traceOfSession("stops-reading")).toMatchObject({ outcome: "client_closed", attempts: [{ outcome: "cancelled" }] });
  });
});
