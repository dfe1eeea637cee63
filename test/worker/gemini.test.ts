import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { answering, chat, JSON_HEADERS, jsonAnswer, STREAM_HEADERS } from "../support/upstream.ts";

// Callers of each dialect, answered by an upstream that speaks Gemini's.

let upstream: Simulator;
let gateway: Gateway;

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  gateway = await startGateway({
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.gemini]
base_url = "${upstream.url}/gemini/v1beta"
models = ["gemini-3-flash", "gemini-2.5-pro", "*"]
[providers.openai]
base_url = "${upstream.baseUrl("openai")}"
models = ["gpt"]
[targets.gemini]
model = "gemini-3-flash"
[targets.older]
model = "gemini-2.5-pro"
[targets.gpt]
model = "gpt"
[routes.flash]
models = ["gemini-3-flash"]
targets = ["gemini"]
retry = { max_retries = 0 }
[routes.pro]
models = ["gemini-2.5-pro"]
targets = ["older"]
[routes.chain]
strategy = "fallback"
targets = ["gemini", "gpt"]
retry = { max_retries = 0 }
`,
    bindings: { OPENAI_API_KEY: "key-of-openai", GEMINI_API_KEY: "key-of-gemini" },
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
beforeEach(() => upstream.reset());

const MODEL = "gemini-3-flash";
const HELLO = 'This is the simulator, standing in for gemini-3-flash of gemini. You said: "Hello"';
const CITY = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };

const fixture = (file: string): string => readFileSync(`test/fixtures/${file}`, "utf8");

/** What one dialect's callers ask, and where the words of its answers are. */
interface Caller {
  readonly id: string;
  readonly path: string;
  readonly request: object;
  readonly tools: object;
  words(answer: Answer): unknown;
  /** The words of a stream. */
  streamed(text: string): string;
  /** The request that follows: what was answered, and what the tool gave. */
  next(answer: Answer): object;
}

/** An answer of which a test knows the shape. */
// oxlint-disable-next-line typescript/no-explicit-any
type Answer = any;

const deltas = (text: string, pattern: RegExp): string =>
  [...text.matchAll(pattern)].map(([, literal]) => String(JSON.parse(literal ?? '""'))).join("");

const CALLERS: readonly Caller[] = [
  {
    id: "chat",
    path: "/v1/chat/completions",
    request: chat(MODEL),
    tools: { tools: [{ type: "function", function: { name: "weather", parameters: CITY } }] },
    words: (answer) => answer.choices[0].message.content,
    streamed: (text) => deltas(text, /"content":("(?:[^"\\]|\\.)*")/g),
    next: ({ choices: [{ message }] }) => ({
      messages: [{ role: "user", content: "Hello" }, message, { role: "tool", tool_call_id: message.tool_calls[0].id, content: "sunny" }],
    }),
  },
  {
    id: "messages",
    path: "/v1/messages",
    request: { ...chat(MODEL), max_tokens: 100 },
    tools: { tools: [{ name: "weather", input_schema: CITY }] },
    words: (answer) => answer.content.at(-1).text,
    streamed: (text) => deltas(text, /"type":"text_delta","text":("(?:[^"\\]|\\.)*")/g),
    next: ({ content }) => ({
      messages: [
        { role: "user", content: "Hello" },
        { role: "assistant", content },
        { role: "user", content: [{ type: "tool_result", tool_use_id: content.at(-1).id, content: "sunny" }] },
      ],
    }),
  },
  {
    id: "responses",
    path: "/v1/responses",
    request: { model: MODEL, input: "Hello", store: false },
    tools: { tools: [{ type: "function", name: "weather", parameters: CITY }] },
    words: (answer) => answer.output.at(-1).content[0].text,
    streamed: (text) => deltas(text, /"delta":("(?:[^"\\]|\\.)*")/g),
    next: ({ output }) => ({
      input: [
        { role: "user", content: "Hello" },
        ...output,
        { type: "function_call_output", call_id: output.at(-1).call_id, output: "sunny" },
      ],
    }),
  },
];

/** What the upstream was asked, call by call. */
function asked(): { path: string; query: string; body: Answer }[] {
  return upstream.calls("gemini").map(({ path, query, body }) => ({ path, query: query.toString(), body: JSON.parse(body.toString()) }));
}

describe.each(CALLERS)("a caller of $id", (caller) => {
  test("gets a whole answer, from the model that its address names, for the key in Google's header", async () => {
    const response = await gateway.post(caller.path, caller.request, { "anthropic-beta": "x", "anthropic-version": "2023-06-01" });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-to11-translated")).toBe(`${caller.id}->gemini`);
    expect(caller.words(await response.json())).toBe(HELLO);
    expect(asked()).toMatchObject([
      { path: "/v1beta/models/gemini-3-flash:generateContent", query: "", body: { contents: [{ role: "user" }] } },
    ]);
    const [call] = upstream.calls("gemini");
    expect(call?.headers).toMatchObject({ "x-goog-api-key": "key-of-gemini" });
    expect(Object.keys(call?.headers ?? {}).filter((name) => /^(authorization|anthropic-)/.test(name))).toEqual([]);
    expect(await gateway.traceOf(response)).toMatchObject({
      outcome: "complete",
      finish_reason: "STOP",
      usage: { output_tokens: 14 },
      upstream_model: MODEL,
    });
  });

  test("gets a stream of the same words, asked for by the other method", async () => {
    const response = await gateway.post(caller.path, { ...caller.request, stream: true });
    expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
    expect(caller.streamed(await response.text())).toBe(HELLO);
    expect(asked()).toMatchObject([{ path: "/v1beta/models/gemini-3-flash:streamGenerateContent", query: "alt=sse" }]);
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "complete", finish_reason: "STOP", usage: { output_tokens: 14 } });
  });

  test("brings the signature of a call back with its result", async () => {
    const first: Answer = await (await gateway.post(caller.path, { ...caller.request, ...caller.tools })).json();
    const response = await gateway.post(caller.path, { ...caller.request, ...caller.tools, ...caller.next(first) });
    expect(caller.words(await response.json())).toContain('The tool said: "sunny"');
    const [, second] = asked();
    const signature = Buffer.from("signed by the simulator").toString("base64");
    expect(second?.body.contents[1].parts).toEqual([
      { functionCall: { id: "simulator_1", name: "weather", args: { city: "sample" } }, thoughtSignature: signature },
    ]);
    expect(second?.body.contents[2].parts).toEqual([
      { functionResponse: { id: "simulator_1", name: "weather", response: { output: "sunny" } } },
    ]);
  });

  test.each(["an object", "a list"])("is told why it was refused, in its own words, where that came in %s", async (form) => {
    const error = { code: 429, message: "Resource has been exhausted.", status: "RESOURCE_EXHAUSTED" };
    const body = JSON.stringify(form === "a list" ? [{ error }] : { error });
    upstream.script("gemini", { status: 429, headers: { "content-type": "application/json", "retry-after": "7" }, body });
    const response = await gateway.post(caller.path, { ...caller.request, stream: true });
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "7"]);
    expect(await response.json()).toMatchObject({ error: { message: "Resource has been exhausted." } });
  });

  test("is told in a header how long to wait, where Google says it in the error", async () => {
    upstream.script("gemini", { status: 429, headers: JSON_HEADERS, body: fixture("error-gemini-429.json") });
    const response = await gateway.post(caller.path, caller.request);
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "34"]);
  });

  test("of a stream that breaks gets no clean end", async () => {
    upstream.script("gemini", { fault: { cut_after: 3 } });
    const text = await (await gateway.post(caller.path, { ...caller.request, stream: true })).text();
    expect(caller.streamed(text)).toBe("This is the");
    expect(text).toContain("stream_truncated");
    expect(text).not.toMatch(/message_stop|response\.completed|"finish_reason":"/);
  });
});

describe("an answer that holds nothing that can be used", () => {
  const whole = { candidates: [{ content: {}, finishReason: "MALFORMED_FUNCTION_CALL" }], modelVersion: "m" };

  test.each([
    ["whole", false, jsonAnswer(whole)],
    ["in a stream", true, { headers: STREAM_HEADERS, body: fixture("gemini-malformed.sse") }],
  ])("%s is a failed attempt: the next target is asked", async (_name, stream, step) => {
    upstream.script("gemini", step);
    upstream.script("openai", answering("Here."));
    const response = await gateway.post("/v1/chat/completions", { ...chat("route::chain"), stream });
    expect([response.status, response.headers.get("x-to11-target")]).toEqual([200, "gpt"]);
  });

  test("behind words breaks the stream", async () => {
    const said = `data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text: "I look." }] } }] })}\r\n\r\n`;
    upstream.script("gemini", { headers: STREAM_HEADERS, body: said + fixture("gemini-malformed.sse") });
    const text = await (await gateway.post("/v1/chat/completions", { ...chat(MODEL), stream: true })).text();
    expect(text).toContain("Malformed function call");
    expect(text).not.toContain('"finish_reason":"');
  });
});

test("a prompt that is blocked is an answer that says so", async () => {
  upstream.script("gemini", { headers: STREAM_HEADERS, body: fixture("gemini-blocked.sse") });
  const response = await gateway.post("/v1/chat/completions", { ...chat(MODEL), stream: true });
  expect(await response.text()).toContain('"finish_reason":"content_filter"');
  expect(await gateway.traceOf(response)).toMatchObject({
    outcome: "complete",
    finish_reason: "PROHIBITED_CONTENT",
    usage: { input_tokens: 9 },
  });
});

test("an answer by a schema beside functions is one where the model answers with a function", async () => {
  const call = { functionCall: { name: "json", args: { celsius: 7 } } };
  upstream.script("gemini", jsonAnswer({ candidates: [{ content: { parts: [call] }, finishReason: "STOP" }] }));
  const [{ tools } = { tools: {} }] = CALLERS;
  const schema = { type: "object", properties: { celsius: { type: "number" } } };
  const response_format = { type: "json_schema", json_schema: { name: "weather", schema } };
  const response = await gateway.post("/v1/chat/completions", { ...chat("gemini-2.5-pro"), ...tools, response_format });
  expect(response.headers.get("x-to11-dropped")).toBe("response_format");
  expect(await response.json()).toMatchObject({ choices: [{ message: { content: '{"celsius":7}' }, finish_reason: "stop" }] });
});

test("several answers to one request are refused, before anybody is asked", async () => {
  const response = await gateway.post("/v1/chat/completions", { ...chat(MODEL), n: 2 });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { code: "not_translatable", param: "n" } });
  expect(upstream.calls()).toEqual([]);
});

test.each(["../../v1/files", "a/b?key=c#d", "x:countTokens", "{model}"])(
  "a model that is called %s stays one segment of the path",
  async (model) => {
    await gateway.post("/v1/chat/completions", chat(`gemini::${model}`), { authorization: "Bearer key-of-the-caller" });
    const [call] = upstream.calls();
    expect(call?.path).toBe(`/v1beta/models/${encodeURIComponent(model)}:generateContent`);
    expect(call?.headers["x-goog-api-key"]).toBe("key-of-the-caller");
  },
);
