import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { type Gateway, GATEWAY_KEY, startGateway } from "../support/gateway.ts";
import { rawCall } from "../support/raw-call.ts";
import { chat, jsonAnswer } from "../support/upstream.ts";

const CHAT = "/v1/chat/completions";
const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const SPAN_ID = "b7ad6b7169203331";

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
[targets.only]
model = "model-a"
`,
    bindings: { A_API_KEY: "key-of-a" },
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
beforeEach(() => upstream.reset());

function post(headers: Record<string, string>, more: Record<string, unknown> = {}): Promise<Response> {
  return gateway.post(CHAT, chat("model-a", more), headers);
}

describe("labels of a request", () => {
  it("are kept in its trace, at most 256 characters of each", async () => {
    const response = await post({
      "x-to11-user-id": "u".repeat(300),
      "x-to11-session-id": "session-1",
      "x-to11-conversation-id": `c${"ö".repeat(255)}`,
      "x-to11-env": "",
      "x-to11-metadata": JSON.stringify({ feature: "search", ["k".repeat(300)]: "v".repeat(300) }),
    });
    expect(response.status).toBe(200);
    expect(await gateway.traceOf(response)).toMatchObject({
      user_id: "u".repeat(256),
      session_id: "session-1",
      environment: null,
      metadata: { feature: "search", ["k".repeat(256)]: "v".repeat(256) },
    });
  });

  it("are kept up to 2 KiB together, the first ones whole", async () => {
    const metadata = Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`key-${n}`, "m".repeat(256)]));
    const response = await post({ "x-to11-user-id": "u".repeat(256), "x-to11-metadata": JSON.stringify(metadata) });
    const trace = await gateway.traceOf(response);
    expect(trace.user_id).toBe("u".repeat(256));
    // 256 and 6 · (5 + 256) of 2,048 bytes leave 226 for the seventh.
    expect(Object.entries(trace.metadata)).toEqual(Array.from({ length: 7 }, (_, n) => [`key-${n}`, "m".repeat(n < 6 ? 256 : 221)]));
  });

  it("may hold any bytes that a header can carry", async () => {
    const headers = {
      "x-to11-authorization": GATEWAY_KEY,
      "content-type": "application/json",
      "x-to11-user-id": "Zo\u00eb",
      // UTF-8, which HTTP does not know, but clients send.
      "x-to11-session-id": Buffer.from("日本").toString("latin1"),
    };
    const response = await rawCall(gateway.url + CHAT, { method: "POST", headers, body: JSON.stringify(chat("model-a")) });
    expect(response.status).toBe(200);
    const traced = new Response(null, { headers: { "x-to11-request-id": String(response.headers["x-to11-request-id"]) } });
    expect(await gateway.traceOf(traced)).toMatchObject({ user_id: "Zoë", session_id: "日本" });
  });

  it("the body's user stands in for a header that is not sent, no longer than one", async () => {
    const [short, long, both] = await Promise.all([
      post({}, { user: "from-the-body" }),
      post({}, { user: "u".repeat(100_000) }),
      post({ "x-to11-user-id": "from-the-header" }, { user: "from-the-body" }),
    ]);
    const users = await Promise.all([short, long, both].map(async (response) => (await gateway.traceOf(response)).user_id));
    expect(users).toEqual(["from-the-body", "u".repeat(256), "from-the-header"]);
  });

  const SESSION_HEADERS = [
    "x-to11-session-id",
    "x-claude-code-session-id",
    "x-session-affinity",
    "session-id",
    "session_id",
    "thread-id",
    "x-opencode-session",
  ];

  it("the session is the first that a header names, in this order, then the body's", async () => {
    const body = { prompt_cache_key: "of the body", conversation: "c1" };
    for (let from = 0; from <= SESSION_HEADERS.length; from += 1) {
      const headers = Object.fromEntries(SESSION_HEADERS.slice(from).map((name) => [name, `by ${name}`]));
      const { session_id: session } = await gateway.traceOf(await post(headers, body));
      expect(session).toBe(from < SESSION_HEADERS.length ? `by ${SESSION_HEADERS[from]}` : "of the body");
    }
  });

  it("an empty header names no session, and a body's is no longer than a header's", async () => {
    const response = await post({ "x-claude-code-session-id": "" }, { prompt_cache_key: "k".repeat(1000) });
    expect(await gateway.traceOf(response)).toMatchObject({ session_id: "k".repeat(256), conversation_id: null });
  });

  it("the body's conversation stands in for a header that is not sent", async () => {
    const [body, header] = await Promise.all([
      post({}, { conversation: { id: "c1" } }),
      post({ "x-to11-conversation-id": "c2" }, { conversation: "c1" }),
    ]);
    expect((await gateway.traceOf(body)).conversation_id).toBe("c1");
    expect(await gateway.traceOf(header)).toMatchObject({ conversation_id: "c2", session_id: "c1" });
  });

  it("the client is who the user-agent names, and no key in it is kept", async () => {
    const [agent, key] = await Promise.all([
      post({ "user-agent": "claude-cli/2.1.105 (external, cli)" }),
      post({ "user-agent": `tool/1.0 ${GATEWAY_KEY}` }),
    ]);
    expect((await gateway.traceOf(agent)).client).toBe("claude-code/2.1");
    expect((await gateway.traceOf(key)).client).toBeNull();
  });

  it.each([
    "not json",
    "[]",
    '"text"',
    "5",
    "null",
    '{"a":1}',
    '{"a":null}',
    '{"a":{"b":"c"}}',
    JSON.stringify(Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, "v"]))),
  ])("x-to11-metadata %s is refused", async (metadata) => {
    const response = await post({ "x-to11-metadata": metadata });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "invalid_request", param: "x-to11-metadata" } });
    expect(upstream.calls()).toHaveLength(0);
  });

  it("refused metadata is traced as a rejected request", async () => {
    const response = await post({ "x-to11-metadata": "not json", "x-to11-user-id": "u-1" });
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "rejected", status: 400, metadata: {}, user_id: "u-1" });
  });

  it.each([
    "{}",
    "",
    " ",
    JSON.stringify(Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`k${index}`, "v"]))),
    '{"__proto__":"x"}',
  ])("x-to11-metadata %j is taken", async (metadata) => {
    expect((await post({ "x-to11-metadata": metadata })).status).toBe(200);
  });
});

it("an upstream's words in the trace are no longer than a caller's", async () => {
  const choices = [{ index: 0, message: { role: "assistant", content: "ok" }, finish_reason: "f".repeat(100_000) }];
  upstream.script("a", jsonAnswer({ model: "m".repeat(3_000_000), choices }));
  const response = await post({});
  expect(response.status).toBe(200);
  expect(await gateway.traceOf(response)).toMatchObject({ reported_model: "m".repeat(256), finish_reason: "f".repeat(256) });
});

describe("traceparent", () => {
  it("joins the caller's trace with a span of its own, upstream and back", async () => {
    const response = await post({ traceparent: `00-${TRACE_ID}-${SPAN_ID}-00`, tracestate: "vendor=1" });
    const own = response.headers.get("traceparent") ?? "";
    expect(own).toMatch(new RegExp(`^00-${TRACE_ID}-[0-9a-f]{16}-00$`));
    expect(own).not.toContain(SPAN_ID);
    expect(upstream.calls()[0]?.headers).toMatchObject({ traceparent: own, tracestate: "vendor=1" });
    const span = own.split("-")[2];
    expect(await gateway.traceOf(response)).toMatchObject({ trace_id: TRACE_ID, span_id: span, parent_span_id: SPAN_ID });
  });

  it.each([
    undefined,
    "",
    "garbage",
    `00-${"0".repeat(32)}-${SPAN_ID}-01`,
    `00-${TRACE_ID}-${"0".repeat(16)}-01`,
    `ff-${TRACE_ID}-${SPAN_ID}-01`,
    `00-${TRACE_ID.toUpperCase()}-${SPAN_ID}-01`,
  ])("%j begins a new trace", async (traceparent) => {
    const response = await post({ tracestate: "vendor=1", ...(traceparent === undefined ? {} : { traceparent }) });
    expect(response.status).toBe(200);
    const own = response.headers.get("traceparent") ?? "";
    expect(own).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(own).not.toContain(TRACE_ID);
    expect(upstream.calls()[0]?.headers["traceparent"]).toBe(own);
    expect(upstream.calls()[0]?.headers, "the state of a trace that was not joined").not.toHaveProperty("tracestate");
    expect((await gateway.traceOf(response)).parent_span_id).toBeNull();
  });

  it("a new one is another one", async () => {
    const [first, second] = await Promise.all([post({}), post({})]);
    expect(first.headers.get("traceparent")).not.toBe(second.headers.get("traceparent"));
  });
});

describe("requests that belong together are listed by", () => {
  const other = "c".repeat(32);
  const labels = [
    { traceparent: `00-${other}-${SPAN_ID}-01`, "x-to11-session-id": "grouped", "x-to11-env": "staging" },
    { traceparent: `00-${other}-${SPAN_ID}-01`, "x-to11-session-id": "grouped", "x-to11-user-id": "grouping-user" },
    { "x-to11-session-id": "grouped" },
    { "x-to11-session-id": "grouped-too" },
  ];
  const ids: string[] = [];

  beforeAll(async () => {
    for (const headers of labels) {
      const response = await post(headers);
      ids.push((await gateway.traceOf(response)).id);
    }
  });

  it.each([
    [`trace_id=${other}`, [1, 0]],
    ["session=grouped", [2, 1, 0]],
    ["environment=staging", [0]],
    ["user=grouping-user", [1]],
    [`trace_id=${other}&user=grouping-user`, [1]],
    ["session=group", []],
  ])("%s", async (query, expected) => {
    const { traces } = (await (await gateway.api(`/api/traces?${query}`)).json()) as { traces: { id: string }[] };
    expect(traces.map(({ id }) => ids.indexOf(id))).toEqual(expected);
  });
});

describe("whatever a caller sends", () => {
  const escaped = (unit: string, length: number): string => `"${unit.repeat(length)}"`;
  const metadata = JSON.stringify(Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`${n}${"🙂".repeat(120)}`, "日".repeat(256)])));
  const inLatin1 = Buffer.from(metadata).toString("latin1");
  const ODD: readonly (readonly [what: string, path: string, model: string, user: string, expected: object])[] = [
    ["emoji", CHAT, `"model-a"`, escaped("\\ud83d\\ude42", 200), { status: 200, user_id: "🙂".repeat(128) }],
    ["halves of characters", CHAT, `"model-a"`, escaped("\\ud83d", 300), { status: 200, user_id: "\ufffd".repeat(255) }],
    ["zeros", CHAT, `"model-a"`, escaped("\\u0000", 300), { status: 200, user_id: "\0".repeat(256) }],
    ["a model of zeros", CHAT, escaped("\\u0000", 256), `"u"`, { status: 404, requested_model: "\0".repeat(256) }],
    ["a model of halves", CHAT, escaped("\\udc00", 256), `"u"`, { status: 404, requested_model: "\ufffd".repeat(256) }],
    ["a model of 5,000 characters", CHAT, escaped("m", 5_000), `"u"`, { status: 400, requested_model: null }],
    ["a path of 8,000 characters", `/v1/${"p".repeat(8_000)}`, `"model-a"`, `"u"`, { status: 404, path: `/v1/${"p".repeat(252)}` }],
    ["a path of zeros", `/v1/${"%00".repeat(2_000)}`, `"model-a"`, `"u"`, { status: 404, path: `/v1/${"\0".repeat(252)}` }],
    ["a path of halves", `/v1/${"%ed%a0%80".repeat(200)}`, `"model-a"`, `"u"`, { status: 404 }],
  ];

  it("every trace is stored, its own and those of others", async () => {
    const others: Response[] = [];
    for (const [what, path, model, user, expected] of ODD) {
      const headers = { "x-to11-authorization": GATEWAY_KEY, "content-type": "application/json", "x-to11-metadata": inLatin1 };
      const body = `{"model":${model},"user":${user},"messages":[{"role":"user","content":"Hi"}]}`;
      const [odd, other] = await Promise.all([rawCall(gateway.url + path, { method: "POST", headers, body }), post({})]);
      const traced = new Response(null, { headers: { "x-to11-request-id": String(odd.headers["x-to11-request-id"]) } });
      expect(await gateway.traceOf(traced), what).toMatchObject(expected);
      others.push(other);
    }
    for (const other of others) expect((await gateway.traceOf(other)).status).toBe(200);
    const { lost_traces: lost } = (await (await gateway.api("/health")).json()) as { lost_traces: number };
    expect(lost).toBe(0);
  });
});
