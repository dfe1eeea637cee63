import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Simulator, startSimulator, type Step } from "../../src/simulator/index.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { chat, chunk, COMMENT, completion, DONE, FINISH, JSON_HEADERS, refusing, ROLE, STREAM_HEADERS } from "../support/upstream.ts";

/** So long that a busy machine is not taken for a caller who has gone. */
const UNHURRIED_IDLE_MS = 2_000;

let upstream: Simulator;
let gateway: Gateway;

const EIGHT = ["t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8"];

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  gateway = await startGateway({
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY"]
${EIGHT.map(
  (id) => `
[providers.${id}]
base_url = "${upstream.baseUrl(id)}"
models = ["model-${id}"]
auth_type = "none"
timeout_ms = 150
idle_timeout_ms = 120
[targets.${id}]
model = "model-${id}"`,
).join("\n")}
[routes.alone]
targets = ["t1"]
retry = { max_retries = 2, backoff_base_ms = 20 }
[routes.stubborn]
targets = ["t1"]
retry = { max_retries = 10, backoff_base_ms = 1 }
[routes.pair]
strategy = "fallback"
targets = ["t1", "t2"]
retry = { max_retries = 1, backoff_base_ms = 20 }
[routes.three]
strategy = "fallback"
targets = ["t1", "t2", "t3"]
retry = { max_retries = 2, backoff_base_ms = 1 }
[routes.eight]
strategy = "fallback"
targets = ${JSON.stringify(EIGHT)}
retry = { max_retries = 2, backoff_base_ms = 1 }
[routes.hurried]
strategy = "fallback"
targets = ["t1", "t2", "t3"]
retry = { max_retries = 0 }
total_timeout_ms = 220
[routes.patient]
targets = ["t1"]
idle_timeout_ms = 60000
[routes.unhurried]
targets = ["t1"]
idle_timeout_ms = ${UNHURRIED_IDLE_MS}
[routes.audio]
endpoint = "audio_speech"
targets = ["t1"]
`,
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
beforeEach(() => upstream.reset());

const PATH = "/v1/chat/completions";
const ask = (route: string, more: Readonly<Record<string, unknown>> = {}): Promise<Response> =>
  gateway.post(PATH, chat(`route::${route}`, more));
const waits = async (response: Response): Promise<number[]> => (await gateway.traceOf(response)).attempts.map((each) => each.waited_ms);
const providers = (): string =>
  upstream
    .calls()
    .map((call) => call.provider)
    .join(" ");

describe("what an upstream asks for is the least that a retry waits", () => {
  it.each<[string, Step, number]>([
    ["Retry-After in seconds", refusing(503, "busy", { "retry-after": "0.1" }), 100],
    ["retry-after-ms", refusing(503, "busy", { "retry-after-ms": "120", "retry-after": "9" }), 120],
    ["a rate limit's duration", refusing(429, "slow down", { "x-ratelimit-reset-requests": "90ms" }), 90],
    ["a rate limit's seconds", refusing(429, "slow down", { "x-ratelimit-reset": "0.08" }), 80],
  ])("%s", async (_name, step, expected) => {
    upstream.script("t1", step);
    const response = await ask("alone");
    expect(response.status).toBe(200);
    expect(await waits(response)).toEqual([0, expected]);
    const [first, second] = upstream.calls();
    // Two clocks of whole milliseconds.
    expect((second?.startedAt ?? 0) - (first?.closedAt ?? Infinity)).toBeGreaterThanOrEqual(expected - 2);
  });

  it.each<[string, (ms: number) => Record<string, string>]>([
    ["an HTTP date", (ms) => ({ "retry-after": new Date(ms).toUTCString() })],
    ["a rate limit's moment in RFC 3339", (ms) => ({ "anthropic-ratelimit-requests-reset": new Date(ms).toISOString() })],
    ["a rate limit's moment in ms of the epoch", (ms) => ({ "x-ratelimit-reset": String(ms) })],
  ])("%s", async (_name, headers) => {
    // The next whole second but one tenth: an HTTP date has no finer grain.
    const moment = Math.ceil((Date.now() + 100) / 1_000) * 1_000;
    upstream.script("t1", refusing(429, "slow down", headers(moment)));
    const response = await ask("alone");
    expect(response.status).toBe(200);
    expect(upstream.calls()[1]?.startedAt).toBeGreaterThanOrEqual(moment - 2);
    expect((await waits(response))[1]).toBeLessThanOrEqual(1_100);
  });

  it("each attempt has its own", async () => {
    upstream.script("t1", refusing(503, "busy", { "retry-after-ms": "100" }), refusing(429, "slow down", { "retry-after-ms": "45" }));
    expect(await waits(await ask("alone"))).toEqual([0, 100, 45]);
  });

  it.each([
    ["negative", "-5"],
    ["past", "Fri, 20 Nov 2020 12:00:00 GMT"],
    ["nonsense", "a while"],
  ])("%s: the backoff alone holds", async (_name, value) => {
    upstream.script("t1", refusing(503, "busy", { "retry-after": value }));
    const [, waited] = await waits(await ask("alone"));
    expect(waited).toBeGreaterThanOrEqual(10);
    expect(waited).toBeLessThanOrEqual(20);
  });

  it.each([
    ["more than ten seconds", { "retry-after": "10.1" }],
    ["absurdly much", { "retry-after": "99999999999999999999" }],
    ["a rate limit of minutes", { "x-ratelimit-reset-tokens": "6m0s" }],
  ])("%s: the next target is asked at once", async (_name, headers) => {
    upstream.script("t1", refusing(429, "slow down", headers));
    const response = await ask("pair");
    expect(response.headers.get("x-to11-target")).toBe("t2");
    expect(providers()).toBe("t1 t2");
    expect(await waits(response)).toEqual([0, 0]);
  });

  it("jitter spreads retries between half of the backoff and all of it", async () => {
    const seen = new Map<string, number>();
    upstream.always("t1", (call, response) => {
      const { user } = JSON.parse(call.body.toString()) as { user: string };
      seen.set(user, (seen.get(user) ?? 0) + 1);
      if (seen.get(user) === 1) response.writeHead(503).end();
      else response.writeHead(200, JSON_HEADERS).end(completion("ok"));
    });
    const all = await Promise.all(
      Array.from({ length: 24 }, async (_, index) => (await waits(await ask("alone", { user: `u${index}` })))[1] ?? 0),
    );
    expect(Math.min(...all)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...all)).toBeLessThanOrEqual(20);
    expect(new Set(all).size).toBeGreaterThan(3);
  });
});

describe("attempts are bounded, each untried target keeps one", () => {
  it.each([
    ["alone", "t1 t1 t1"],
    ["stubborn", "t1 t1 t1 t1 t1 t1"],
    ["three", "t1 t1 t1 t2 t2 t3"],
    ["eight", EIGHT.join(" ")],
  ])("%s: %s", async (route, expected) => {
    for (const id of EIGHT) upstream.always(id, refusing(503, `down: ${id}`));
    const response = await ask(route);
    expect(response.status).toBe(503);
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect(providers()).toBe(expected);
    const { attempts } = await gateway.traceOf(response);
    expect(attempts.map(({ provider }) => provider).join(" ")).toBe(expected);
    expect(response.headers.get("x-to11-attempts")).toBe(String(attempts.length));
  });

  it("passthrough is asked once, and says nothing about retries", async () => {
    upstream.always("t1", refusing(503, "down"));
    const response = await gateway.post(PATH, chat("t1::model-t1"));
    expect(response.status).toBe(503);
    expect(response.headers.get("x-should-retry")).toBeNull();
    expect(providers()).toBe("t1");
  });
});

/** The message of an error answer, or of a stream's last event. */
async function lastWord(response: Response): Promise<string> {
  const last = (await response.text()).trimEnd().split("\n\n").at(-1) ?? "";
  return (JSON.parse(last.replace("data: ", "")) as { error: { message: string } }).error.message;
}

const BEGUN = [ROLE, chunk({ content: "one" })];
const slowly = (part: string, delayMs: number, count: number): { data: string; delayMs: number }[] =>
  Array.from({ length: count }, () => ({ data: part, delayMs }));

describe("timeout_ms: until the first content", () => {
  it.each<[string, Step, number | null]>([
    ["silence before the headers", { noAnswer: "silence" }, null],
    ["silence after the headers", { headers: STREAM_HEADERS, body: [], ending: "silence" }, 200],
    ["comments", { headers: STREAM_HEADERS, body: slowly(COMMENT, 20, 30) }, 200],
    ["role-only events", { headers: STREAM_HEADERS, body: slowly(ROLE, 20, 30) }, 200],
    ["half of a plain answer", { headers: { "content-type": "application/json" }, body: ['{"choices":'], ending: "silence" }, 200],
  ])("is named after %s", async (_name, step, status) => {
    upstream.always("t1", step);
    const response = await ask("alone", { stream: true });
    expect(response.status).toBe(504);
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect(await lastWord(response)).toContain("no content within 150 ms (timeout_ms)");
    expect((await gateway.traceOf(response)).attempts).toMatchObject([{ outcome: "timed_out", timeout: "first_content", status }]);
    expect((await upstream.waitForClose(upstream.calls()[0] ?? never())).ending).toBe("left");
  });
});

describe("idle_timeout_ms: between contents", () => {
  it.each<[string, Step]>([
    ["silence", { headers: STREAM_HEADERS, body: BEGUN, ending: "silence" }],
    ["comments", { headers: STREAM_HEADERS, body: [...BEGUN, ...slowly(COMMENT, 20, 40)] }],
    ["half an event", { headers: STREAM_HEADERS, body: [...BEGUN, 'data: {"choi'], ending: "silence" }],
  ])("is named after %s", async (_name, step) => {
    upstream.always("t1", step);
    const response = await ask("alone", { stream: true });
    expect(await lastWord(response)).toContain("idle_timeout_ms");
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "truncated", attempts: [{ outcome: "timed_out", timeout: "idle" }] });
  });

  it("is reset by each content, however long the whole takes", async () => {
    upstream.always("t1", { headers: STREAM_HEADERS, body: [...BEGUN, ...slowly(chunk({ content: "x" }), 60, 6), FINISH, DONE] });
    const response = await ask("alone", { stream: true });
    expect((await response.text()).endsWith(FINISH + DONE)).toBe(true);
    const trace = await gateway.traceOf(response);
    expect(trace.outcome).toBe("complete");
    expect(trace.duration_ms).toBeGreaterThan(300);
  });

  it("does not run while the caller keeps the upstream waiting, as long as it takes something now and then", async () => {
    const large = chunk({ content: "x".repeat(100_000) });
    const body = [...BEGUN, ...Array.from({ length: 200 }, () => large), FINISH, DONE];
    upstream.always("t1", { headers: STREAM_HEADERS, body });
    const response = await ask("unhurried", { stream: true });
    const chunks: Uint8Array[] = [];
    let sinceRest = 0;
    for await (const part of response.body ?? []) {
      chunks.push(part);
      sinceRest += part.length;
      // More than the sockets between hold: at each rest the gateway is kept waiting.
      if (sinceRest < 4_000_000) continue;
      sinceRest = 0;
      await new Promise((resolve) => setTimeout(resolve, UNHURRIED_IDLE_MS / 2));
    }
    expect(Buffer.concat(chunks).toString()).toBe(body.join(""));
    expect((await gateway.traceOf(response)).outcome).toBe("complete");
  });

  it("holds for audio too, whose body is then aborted", async () => {
    upstream.always("t1", { headers: { "content-type": "audio/mpeg" }, body: ["sound"], ending: "silence" });
    const response = await gateway.post("/v1/audio/speech", { model: "route::audio", input: "Hello", voice: "alloy" });
    await expect(response.arrayBuffer()).rejects.toThrow();
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "truncated", attempts: [{ outcome: "timed_out", timeout: "idle" }] });
  });
});

describe("total_timeout_ms: all attempts and the answer together", () => {
  it("ends the chain with targets left", async () => {
    for (const id of EIGHT) upstream.always(id, { noAnswer: "silence" });
    const response = await ask("hurried");
    expect(response.status).toBe(504);
    expect(await lastWord(response)).toContain("total_timeout_ms");
    const trace = await gateway.traceOf(response);
    expect(trace.attempts).toMatchObject([{ timeout: "first_content" }, { timeout: "total" }]);
    expect(trace.duration_ms).toBeLessThan(400);
    expect(providers()).toBe("t1 t2");
  });

  it("ends a stream that goes on", async () => {
    upstream.always("t1", { headers: STREAM_HEADERS, body: [...BEGUN, ...slowly(chunk({ content: "x" }), 20, 60)] });
    const response = await ask("hurried", { stream: true });
    expect(await lastWord(response)).toContain("total_timeout_ms");
    const trace = await gateway.traceOf(response);
    expect(trace).toMatchObject({ outcome: "truncated", attempts: [{ outcome: "timed_out", timeout: "total" }] });
    expect(trace.duration_ms).toBeLessThan(400);
  });

  it("does not begin a wait that does not fit", async () => {
    for (const id of EIGHT) upstream.always(id, refusing(503, "busy", { "retry-after-ms": "300" }));
    const response = await ask("hurried");
    expect(response.status).toBe(503);
    expect((await gateway.traceOf(response)).duration_ms).toBeLessThan(200);
    expect(providers()).toBe("t1 t2 t3");
  });
});

describe("after the finish reason", () => {
  it.each<[string, Step]>([
    ["in one write with all before it", { headers: STREAM_HEADERS, body: [[...BEGUN, FINISH].join("")], ending: "silence" }],
    ["in a write of its own", { headers: STREAM_HEADERS, body: [...BEGUN, FINISH], ending: "silence" }],
  ])("%s, an upstream that neither ends nor says [DONE] is closed within seconds: the answer is whole", async (_name, step) => {
    upstream.always("t1", step);
    const response = await ask("patient", { stream: true });
    expect(await response.text()).toBe([...BEGUN, FINISH].join(""));
    const trace = await gateway.traceOf(response);
    expect(trace).toMatchObject({ outcome: "complete", attempts: [{ outcome: "answered", timeout: null }] });
    expect(trace.duration_ms).toBeLessThan(7_000);
  });
});

function never(): never {
  throw new Error("the upstream was not called");
}
