import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { USAGE_NOT_REPORTED } from "../../src/core/usage/usage.ts";
import { type Simulator, startSimulator, type Step } from "../../src/simulator/index.ts";
import {
  chat,
  chunk,
  COMMENT,
  completion,
  DONE,
  errorBody,
  event,
  FINISH,
  JSON_HEADERS,
  ROLE,
  STREAM_HEADERS,
  USAGE,
} from "../support/upstream.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";

let upstream: Simulator;
let gateway: Gateway;

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  gateway = await startGateway({
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.a]
base_url = "${upstream.baseUrl("a")}"
models = ["model-a"]
timeout_ms = 400
idle_timeout_ms = 300
[providers.b]
base_url = "${upstream.baseUrl("b")}"
models = ["model-b"]
[targets.first]
model = "model-a"
[targets.second]
model = "model-b"
[routes.chain]
strategy = "fallback"
targets = ["first", "second"]
retry = { max_retries = 0 }
[routes.alone]
targets = ["first"]
retry = { max_retries = 1, backoff_base_ms = 1 }
[routes.lenient]
strategy = "fallback"
targets = ["first", "second"]
retry = { max_retries = 0 }
failover_on = [404]
[routes.hurried]
targets = ["first"]
total_timeout_ms = 100
`,
    bindings: { A_API_KEY: "key-of-a", B_API_KEY: "key-of-b" },
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
beforeEach(() => upstream.reset());

const PATH = "/v1/chat/completions";

/** Ways in which a first attempt fails before its first content, and what the trace calls them. */
const FAILURES: readonly [string, Step, string, number | null][] = [
  ["a reset before the headers", { noAnswer: "reset", delayMs: 150 }, "unreachable", null],
  ["a close before the headers", { noAnswer: "close", delayMs: 150 }, "unreachable", null],
  ["silence before the headers", { noAnswer: "silence" }, "timed_out", null],
  ["silence after the headers", { headers: JSON_HEADERS, body: [], ending: "silence" }, "timed_out", 200],
  ["a reset after the headers", { headers: JSON_HEADERS, body: ["{"], ending: "reset" }, "cut", 200],
  ["a page of HTML", { headers: { "content-type": "text/html" }, body: "<html>maintenance</html>" }, "invalid", 200],
  ["an empty answer", { headers: JSON_HEADERS, body: "" }, "invalid", 200],
  ["JSON cut off but cleanly closed", { headers: JSON_HEADERS, body: ['{"choices":['], framing: "close" }, "invalid", 200],
  ["a redirect", { status: 302, headers: { location: "http://127.0.0.1:1/" } }, "invalid", 302],
  ["an error inside a 200", { headers: JSON_HEADERS, body: errorBody("overloaded", "server_error") }, "refused", 500],
  ["408", { status: 408, body: errorBody("slow") }, "refused", 408],
  ["429", { status: 429, body: errorBody("limit") }, "refused", 429],
  ["500", { status: 500, body: errorBody("down") }, "refused", 500],
  ["529", { status: 529, body: errorBody("overloaded") }, "refused", 529],
  ["401 of the stored credential", { status: 401, body: errorBody("bad key sk-123") }, "refused", 401],
];

const STREAM_FAILURES: readonly [string, Step, string, number | null][] = [
  ["comments only", { headers: STREAM_HEADERS, body: [COMMENT, COMMENT] }, "invalid", 200],
  ["no event", { headers: STREAM_HEADERS, body: [] }, "invalid", 200],
  ["[DONE] only", { headers: STREAM_HEADERS, body: [DONE] }, "invalid", 200],
  ["a role and the end", { headers: STREAM_HEADERS, body: [ROLE] }, "invalid", 200],
  ["a role and an error", { headers: STREAM_HEADERS, body: [ROLE, event({ error: { message: "down", code: 503 } })] }, "refused", 503],
  ["a role and silence", { headers: STREAM_HEADERS, body: [ROLE], ending: "silence" }, "timed_out", 200],
  ["a role and a reset", { headers: STREAM_HEADERS, body: [ROLE], ending: "reset" }, "cut", 200],
];

describe("before the first content", () => {
  it.each(FAILURES)("%s is failed over: one clean answer from the next target", async (_name, step, outcome, status) => {
    upstream.script("a", step);
    upstream.script("b", { headers: JSON_HEADERS, body: completion("from b") });
    const response = await gateway.post(PATH, chat("route::chain"));
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(completion("from b"));
    expect(upstream.calls().map((call) => call.provider)).toEqual(["a", "b"]);
    const trace = await gateway.traceOf(response);
    expect(trace).toMatchObject({ outcome: "complete", target: "second", provider: "b", status: 200 });
    expect(trace.attempts).toMatchObject([
      { target: "first", outcome, status },
      { target: "second", outcome: "answered", status: 200 },
    ]);
  });

  it.each([...FAILURES.slice(0, 3), ...STREAM_FAILURES, ...FAILURES.slice(5)])(
    "%s is failed over for a stream too, and no byte of it is seen",
    async (_name, step, outcome, status) => {
      const answer = [ROLE, chunk({ content: "from b" }), FINISH, DONE];
      upstream.script("a", step);
      upstream.script("b", { headers: STREAM_HEADERS, body: answer });
      const response = await gateway.post(PATH, chat("route::chain", { stream: true }));
      expect(response.status).toBe(200);
      expect(await response.text()).toBe(answer.join(""));
      expect(response.headers.get("x-to11-attempts")).toBe("2");
      const trace = await gateway.traceOf(response);
      expect(trace).toMatchObject({ outcome: "complete", stream: true, finish_reason: "stop", target: "second" });
      expect(trace.attempts).toMatchObject([{ outcome, status }, { outcome: "answered" }]);
    },
  );

  it("a stream whose first event is an error of the caller's is returned with that status, not failed over", async () => {
    upstream.script("a", {
      headers: STREAM_HEADERS,
      body: [event({ error: { message: "bad tool schema", type: "invalid_request_error", code: 400 } })],
    });
    const response = await gateway.post(PATH, chat("route::chain", { stream: true }));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { message: "bad tool schema" } });
    expect(upstream.calls()).toHaveLength(1);
  });

  it("the same body reaches every attempt, but for the target's model", async () => {
    upstream.script("a", { status: 503 });
    await (await gateway.post(PATH, chat("route::chain", { n: 12345678901234567890n.toString() }))).text();
    const [first, second] = upstream.calls().map((call) => call.body.toString());
    expect(first?.replace("model-a", "M")).toBe(second?.replace("model-b", "M"));
  });
});

describe("a connection that gives way at once", () => {
  it.each(["reset", "close"] as const)("by a %s is tried again before the next target is, once", async (noAnswer) => {
    upstream.script("a", { noAnswer }, { noAnswer });
    upstream.script("b", { headers: JSON_HEADERS, body: completion("from b") });
    const response = await gateway.post(PATH, chat("route::chain"));
    expect(await response.text()).toBe(completion("from b"));
    expect(upstream.calls().map((call) => call.provider)).toEqual(["a", "a", "b"]);
    expect((await gateway.traceOf(response)).attempts).toMatchObject([
      { target: "first", outcome: "unreachable" },
      { target: "first", outcome: "unreachable", waited_ms: 0 },
      { target: "second", outcome: "answered" },
    ]);
  });
});

describe("when no target is left", () => {
  it.each<[string, Step, number, string]>([
    ["nobody reachable", { noAnswer: "reset" }, 502, "upstream_unreachable"],
    ["silence", { noAnswer: "silence" }, 504, "upstream_timeout"],
    ["HTML", { headers: { "content-type": "text/html" }, body: "<html>" }, 502, "upstream_invalid_response"],
    ["a refused credential", { status: 401, body: errorBody("Incorrect API key provided: key-of-a") }, 502, "upstream_auth"],
  ])("%s: the caller is told, in OpenAI's shape", async (_name, step, status, code) => {
    upstream.always("a", step);
    upstream.always("b", step === "normal" ? step : { status: 500 });
    upstream.always("b", step);
    const response = await gateway.post(PATH, chat("route::alone", { stream: true }));
    expect(response.status).toBe(status);
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect(response.headers.get("x-to11-error-code")).toBe(code);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ error: { code } });
    expect(text).not.toContain("key-of-a");
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "failed", status, error_code: code });
  });

  it("an upstream's own error is returned as it was, with its Retry-After", async () => {
    upstream.always("a", { status: 429, headers: { ...JSON_HEADERS, "retry-after": "20" }, body: errorBody("slow down", "rate_limit") });
    const response = await gateway.post(PATH, chat("route::alone"));
    expect(response.status).toBe(429);
    expect(await response.text()).toBe(errorBody("slow down", "rate_limit"));
    expect(response.headers.get("retry-after")).toBe("20");
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect(response.headers.get("x-to11-error-code")).toBe("upstream_error");
    expect(upstream.calls(), "longer than 10 s is not waited for").toHaveLength(1);
  });

  it("the total timeout ends the chain", async () => {
    upstream.always("a", { noAnswer: "silence" });
    const response = await gateway.post(PATH, chat("route::hurried"));
    expect(response.status).toBe(504);
    expect((await response.json()) as unknown).toMatchObject({ error: { message: expect.stringContaining("total_timeout_ms") as string } });
  });
});

describe("retries", () => {
  it("a 503 is tried again on the same target", async () => {
    upstream.script("a", { status: 503 });
    const response = await gateway.post(PATH, chat("route::alone"));
    expect(response.status).toBe(200);
    expect(response.headers.get("x-to11-attempts")).toBe("2");
    expect((await gateway.traceOf(response)).attempts).toMatchObject([{ status: 503, waited_ms: 0 }, { outcome: "answered" }]);
  });

  it("a timeout is never tried again on the same target", async () => {
    upstream.script("a", { noAnswer: "silence" });
    expect((await gateway.post(PATH, chat("route::alone"))).status).toBe(504);
    expect(upstream.calls()).toHaveLength(1);
  });

  it.each([400, 404, 413, 422])("a %i is the caller's own: returned as it is, once", async (status) => {
    upstream.script("a", { status, headers: JSON_HEADERS, body: errorBody("yours") });
    const response = await gateway.post(PATH, chat("route::chain"));
    expect(response.status).toBe(status);
    expect(await response.text()).toBe(errorBody("yours"));
    expect(response.headers.get("x-should-retry")).toBeNull();
    expect(upstream.calls()).toHaveLength(1);
  });

  it("a 404 goes on where the route says so", async () => {
    upstream.script("a", { status: 404, body: errorBody("no such model") });
    expect((await gateway.post(PATH, chat("route::lenient"))).headers.get("x-to11-target")).toBe("second");
  });

  it("a context too long goes on; if nobody can, the first such error is returned", async () => {
    const tooLong = errorBody("This model's maximum context length is 8 tokens", "context_length_exceeded");
    upstream.script("a", { status: 400, headers: JSON_HEADERS, body: tooLong });
    expect((await gateway.post(PATH, chat("route::chain"))).headers.get("x-to11-target")).toBe("second");
    upstream.script("a", { status: 400, headers: JSON_HEADERS, body: tooLong });
    upstream.script("b", { status: 503, body: "down" });
    const response = await gateway.post(PATH, chat("route::chain"));
    expect(response.status).toBe(400);
    expect(await response.text()).toBe(tooLong);
  });
});

describe("after the first content", () => {
  const BEGUN = [ROLE, chunk({ content: "one" })];

  const stall = { outcome: "timed_out", timeout: "idle" } as const;
  it.each<[string, Step, { outcome: string; timeout?: string }]>([
    ["a reset", { headers: STREAM_HEADERS, body: BEGUN, ending: "reset" }, { outcome: "cut" }],
    ["a clean end without a finish reason", { headers: STREAM_HEADERS, body: BEGUN }, { outcome: "cut" }],
    ["a stall", { headers: STREAM_HEADERS, body: BEGUN, ending: "silence" }, stall],
    [
      "a stall under comments",
      {
        headers: STREAM_HEADERS,
        body: [...BEGUN, ...Array.from({ length: 40 }, () => ({ data: COMMENT, delayMs: 20 }))],
        ending: "silence",
      },
      stall,
    ],
    [
      "an error event",
      { headers: STREAM_HEADERS, body: [...BEGUN, event({ error: { message: "gpu on fire" } }), DONE] },
      { outcome: "cut" },
    ],
  ])("%s is said in the last event, and nothing is tried again", async (_name, step, end) => {
    upstream.script("a", step);
    const response = await gateway.post(PATH, chat("route::chain", { stream: true }));
    const text = await response.text();
    expect(text.startsWith(BEGUN.join(""))).toBe(true);
    expect(text).not.toContain("[DONE]");
    const last = text.trimEnd().split("\n\n").at(-1) ?? "";
    expect(JSON.parse(last.replace("data: ", ""))).toMatchObject({ error: { code: "stream_truncated" } });
    expect(upstream.calls()).toHaveLength(1);
    const trace = await gateway.traceOf(response);
    expect(trace).toMatchObject({ outcome: "truncated", status: 200, error_code: "stream_truncated", reported_model: "served-model" });
    expect(trace.attempts).toMatchObject([end]);
  });

  it.each([
    ["in one write with all around it", {}, [[...BEGUN, event({ error: { message: "gpu on fire" } }), DONE].join("")]],
    ["in a write of its own", {}, [...BEGUN, event({ error: { message: "gpu on fire" } }), DONE]],
    [
      "of which usage was asked for",
      { stream_options: { include_usage: true } },
      [[...BEGUN, event({ error: "gpu on fire" }), DONE].join("")],
    ],
  ])("an error event %s gives way to the gateway's own, which repeats it, and nothing follows", async (_name, more, body) => {
    upstream.script("a", { headers: STREAM_HEADERS, body });
    const text = await (await gateway.post(PATH, chat("route::chain", { stream: true, ...more }))).text();
    const last = text.slice(BEGUN.join("").length);
    expect(text).toBe(BEGUN.join("") + last);
    expect(JSON.parse(last.replace("data: ", ""))).toMatchObject({
      error: { code: "stream_truncated", message: "The upstream gave up in the middle of its answer: gpu on fire" },
    });
  });

  it("an error event that has begun to go on goes on to its end, before the gateway's own", async () => {
    const error = event({ error: { message: "gpu on fire" } });
    upstream.script("a", { headers: STREAM_HEADERS, body: [...BEGUN, error.slice(0, 20), { data: error.slice(20) + DONE, delayMs: 20 }] });
    const text = await (await gateway.post(PATH, chat("route::chain", { stream: true }))).text();
    expect(text.startsWith(BEGUN.join("") + error)).toBe(true);
    expect(text.split("\n\n")).toHaveLength(BEGUN.length + 3);
    expect(text).not.toContain("[DONE]");
  });

  it("an error event behind the finish reason takes nothing from the answer", async () => {
    upstream.script("a", { headers: STREAM_HEADERS, body: [...BEGUN, FINISH, event({ error: { message: "late" } }), DONE] });
    const response = await gateway.post(PATH, chat("route::chain", { stream: true }));
    expect(await response.text()).toBe([...BEGUN, FINISH].join(""));
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "complete", finish_reason: "stop" });
  });

  it("a stream without [DONE] is complete once its finish reason came", async () => {
    const body = [...BEGUN, FINISH];
    upstream.script("a", { headers: STREAM_HEADERS, body });
    const response = await gateway.post(PATH, chat("route::chain", { stream: true }));
    expect(await response.text()).toBe(body.join(""));
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "complete", finish_reason: "stop" });
  });

  it("an upstream that keeps a finished stream open is closed", async () => {
    upstream.script("a", { headers: STREAM_HEADERS, body: [...BEGUN, FINISH, DONE], ending: "silence" });
    const response = await gateway.post(PATH, chat("route::chain", { stream: true }));
    expect(await response.text()).toBe([...BEGUN, FINISH, DONE].join(""));
    const [call] = upstream.calls();
    if (call !== undefined) expect((await upstream.waitForClose(call)).ending).toBe("left");
  });

  it("a malformed event is carried", async () => {
    const body = [...BEGUN, "data: {nonsense\n\n", FINISH, DONE];
    upstream.script("a", { headers: STREAM_HEADERS, body });
    expect(await (await gateway.post(PATH, chat("route::chain", { stream: true }))).text()).toBe(body.join(""));
  });

  it("usage is asked for, kept from a caller who did not ask, and traced", async () => {
    upstream.always("a", { headers: STREAM_HEADERS, body: [...BEGUN, FINISH, USAGE, DONE] });
    const silent = await gateway.post(PATH, chat("route::chain", { stream: true }));
    expect(await silent.text()).toBe([...BEGUN, FINISH, DONE].join(""));
    expect(JSON.parse(upstream.calls()[0]?.body.toString() ?? "")).toMatchObject({ stream_options: { include_usage: true } });
    expect((await gateway.traceOf(silent)).usage).toEqual({ ...USAGE_NOT_REPORTED, input_tokens: 9, output_tokens: 2 });
    const asking = await gateway.post(PATH, chat("route::chain", { stream: true, stream_options: { include_usage: true } }));
    expect(await asking.text()).toBe([...BEGUN, FINISH, USAGE, DONE].join(""));
  });

  it("a caller who leaves closes the upstream", async () => {
    upstream.script("a", {
      headers: STREAM_HEADERS,
      body: [...BEGUN, ...Array.from({ length: 200 }, () => ({ data: chunk({ content: "x" }), delayMs: 10 }))],
    });
    const leave = new AbortController();
    const response = await fetch(`${gateway.url}${PATH}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-to11-authorization": "Bearer to11_test-key-of-the-gateway-000000000000001" },
      body: JSON.stringify(chat("route::chain", { stream: true })),
      signal: leave.signal,
    });
    await response.body?.getReader().read();
    leave.abort();
    const [call] = upstream.calls();
    if (call !== undefined) expect((await upstream.waitForClose(call, 1_000)).ending).toBe("left");
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "client_closed", attempts: [{ outcome: "cancelled" }] });
  });
});
