import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Simulator, startSimulator, type Step } from "../../src/simulator/index.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { chat, chunk, DONE, errorBody, event, FINISH, ROLE, STREAM_HEADERS, USAGE } from "../support/upstream.ts";

let upstream: Simulator;
let gateway: Gateway;

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  const routes = ["prefill", "restart"].map(
    (how) => `
[routes.${how}]
strategy = "fallback"
targets = ["first", "second", "third"]
retry = { max_retries = 0 }
rescue = "${how}"`,
  );
  const providers = ["a", "b", "c"].map(
    (id) => `
[providers.${id}]
type = "openai"
base_url = "${upstream.baseUrl(id)}"
models = ["model-${id}"]
auth_type = "none"
speaks = ["/v1/chat/completions", "/v1/completions", "/v1/messages", "/v1/responses"]
timeout_ms = 400
idle_timeout_ms = 200`,
  );
  gateway = await startGateway({
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY"]
${providers.join("\n")}
[targets.first]
model = "model-a"
[targets.second]
model = "model-b"
[targets.third]
model = "model-c"
${routes.join("\n")}
`,
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
beforeEach(() => upstream.reset());

const PATH = "/v1/chat/completions";
const stream = (...body: string[]): Step => ({ headers: STREAM_HEADERS, body });
const words = (...texts: string[]): string[] => texts.map((content) => chunk({ content }));
const BROKEN: Step = { headers: STREAM_HEADERS, body: [ROLE, ...words("Once ", "upon ")], ending: "reset", endDelayMs: 5 };

interface Seen {
  readonly content: string;
  readonly finishReasons: readonly string[];
  readonly dones: number;
  readonly errors: readonly string[];
  readonly text: string;
}

/** What a client makes of a streamed answer. Throws on an event that is no JSON. */
function read(text: string): Seen {
  const seen = { content: "", finishReasons: [] as string[], dones: 0, errors: [] as string[], text };
  for (const data of text.split("\n\n").flatMap((each) => (each.startsWith("data: ") ? [each.slice(6)] : []))) {
    if (data === "[DONE]") {
      seen.dones += 1;
      continue;
    }
    const value = JSON.parse(data) as {
      error?: { code: string };
      choices?: { delta: { content?: string }; finish_reason: string | null }[];
    };
    if (value.error !== undefined) seen.errors.push(value.error.code);
    for (const choice of value.choices ?? []) {
      seen.content += choice.delta.content ?? "";
      if (choice.finish_reason !== null) seen.finishReasons.push(choice.finish_reason);
    }
  }
  return seen;
}

async function ask(route: string, more: Record<string, unknown> = {}): Promise<{ response: Response; seen: Seen }> {
  const response = await gateway.post(PATH, chat(`route::${route}`, { stream: true, ...more }));
  return { response, seen: read(await response.text()) };
}

const WHOLE = { content: "Once upon a time", finishReasons: ["stop"], dones: 1, errors: [] };
const sentMessages = (index: number): unknown =>
  (JSON.parse(upstream.calls()[index]?.body.toString() ?? "{}") as { messages?: unknown }).messages;

describe("prefill", () => {
  it("gives the next target what was said and streams the rest", async () => {
    upstream.script("a", BROKEN);
    upstream.script("b", stream(ROLE, ...words("a ", "time"), FINISH, USAGE, DONE));
    const { response, seen } = await ask("prefill");
    expect(seen).toMatchObject(WHOLE);
    expect(sentMessages(1)).toEqual([
      { role: "user", content: "Hello" },
      { role: "assistant", content: "Once upon " },
    ]);
    const trace = await gateway.traceOf(response);
    expect(trace).toMatchObject({ outcome: "rescued", status: 200, target: "second", error_code: null, finish_reason: "stop" });
    expect(trace.attempts).toMatchObject([
      { target: "first", outcome: "cut", status: 200 },
      { target: "second", outcome: "answered", status: 200 },
    ]);
  });

  it.each<[string, Step]>([
    ["a stall", { headers: STREAM_HEADERS, body: [ROLE, ...words("Once ", "upon ")], ending: "silence" }],
    ["an end without a finish reason", stream(ROLE, ...words("Once ", "upon "))],
    ["an error event, which is not shown", stream(ROLE, ...words("Once ", "upon "), event({ error: { message: "gone", code: 500 } }))],
    [
      "a cut in the middle of an event, of which nothing is shown",
      { headers: STREAM_HEADERS, body: [ROLE, ...words("Once ", "upon "), 'data: {"choices":[{"del'], ending: "reset", endDelayMs: 5 },
    ],
  ])("finishes after %s", async (_name, step) => {
    upstream.script("a", step);
    upstream.script("b", stream(ROLE, ...words("a ", "time"), FINISH, DONE));
    expect((await ask("prefill")).seen).toMatchObject(WHOLE);
  });

  it("asks a target that refuses it to start again, and never shows the refusal", async () => {
    upstream.script("a", BROKEN);
    upstream.script(
      "b",
      { status: 400, body: errorBody("last message must be from the user") },
      stream(ROLE, ...words("Once up", "on a time"), FINISH, DONE),
    );
    const { response, seen } = await ask("prefill");
    expect(seen).toMatchObject(WHOLE);
    expect(sentMessages(2)).toEqual([{ role: "user", content: "Hello" }]);
    expect((await gateway.traceOf(response)).attempts).toMatchObject([
      { outcome: "cut" },
      { outcome: "refused", status: 400 },
      { outcome: "answered" },
    ]);
  });

  it("goes on to the next target but one where the next is dead too", async () => {
    upstream.script("a", BROKEN);
    upstream.script("b", { status: 503 });
    upstream.script("c", stream(...words("a ", "time"), FINISH, DONE));
    expect((await ask("prefill")).seen).toMatchObject(WHOLE);
  });

  it("rescues a rescue", async () => {
    upstream.script("a", BROKEN);
    upstream.script("b", { headers: STREAM_HEADERS, body: [ROLE, ...words("a ")], ending: "reset", endDelayMs: 5 });
    upstream.script("c", stream(ROLE, ...words("time"), FINISH, DONE));
    const { response, seen } = await ask("prefill");
    expect(seen).toMatchObject(WHOLE);
    expect(sentMessages(2)).toMatchObject([{}, { role: "assistant", content: "Once upon a " }]);
    expect((await gateway.traceOf(response)).attempts).toMatchObject([{ outcome: "cut" }, { outcome: "cut" }, { outcome: "answered" }]);
  });

  it("ends as truncated, and says so once, where nobody can", async () => {
    upstream.script("a", BROKEN);
    upstream.always("b", { status: 503 });
    upstream.always("c", { noAnswer: "reset" });
    const { response, seen } = await ask("prefill");
    expect(seen).toMatchObject({ content: "Once upon ", finishReasons: [], dones: 0, errors: ["stream_truncated"] });
    const trace = await gateway.traceOf(response);
    expect(trace).toMatchObject({ outcome: "truncated", error_code: "stream_truncated" });
    expect(trace.attempts).toMatchObject([
      { target: "first", outcome: "cut" },
      { target: "second" },
      { target: "third", outcome: "unreachable" },
    ]);
  });
});

describe("restart", () => {
  it.each([
    ["at a border between events", ["Once upon ", "a time"]],
    ["inside an event", ["Once up", "on a ti", "me"]],
    ["in the first event", ["Once upon a time"]],
    ["character by character", [..."Once upon a time"]],
  ])("forwards only what follows, where the delivered text ends %s", async (_name, texts) => {
    upstream.script("a", BROKEN);
    upstream.script("b", stream(ROLE, ...words(...texts), FINISH, DONE));
    const { response, seen } = await ask("restart");
    expect(seen).toMatchObject(WHOLE);
    expect(sentMessages(1)).toEqual([{ role: "user", content: "Hello" }]);
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "rescued", target: "second" });
  });

  it.each([
    ["differs", ["Once, ", "there was"]],
    ["is shorter", ["Once "]],
  ])("ends as truncated where the new text %s", async (_name, texts) => {
    upstream.script("a", BROKEN);
    upstream.script("b", stream(ROLE, ...words(...texts), FINISH, DONE));
    const { response, seen } = await ask("restart");
    expect(seen).toMatchObject({ content: "Once upon ", finishReasons: [], dones: 0, errors: ["stream_truncated"] });
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "truncated" });
  });
});

describe("no rescue", () => {
  const call = chunk({ tool_calls: [{ index: 0, id: "t", type: "function", function: { name: "f", arguments: "" } }] });

  it.each<[string, string[], Record<string, unknown>]>([
    ["once a tool call has begun", [ROLE, ...words("Once "), call], {}],
    ["of reasoning", [ROLE, chunk({ reasoning_content: "hm" }), ...words("Once ")], {}],
    ["where several answers were asked for", [ROLE, ...words("Once ")], { n: 2 }],
  ])("%s", async (_name, body, more) => {
    upstream.script("a", { headers: STREAM_HEADERS, body, ending: "reset", endDelayMs: 5 });
    const { seen } = await ask("prefill", more);
    expect(seen.errors).toEqual(["stream_truncated"]);
    expect(upstream.calls()).toHaveLength(1);
  });

  it("after the finish reason: the answer is whole", async () => {
    upstream.script("a", { headers: STREAM_HEADERS, body: [ROLE, ...words("Once upon a time"), FINISH], ending: "reset", endDelayMs: 5 });
    expect((await ask("prefill")).seen).toMatchObject({ ...WHOLE, dones: 0 });
    expect(upstream.calls()).toHaveLength(1);
  });
});

describe("other dialects", () => {
  const messagesEvent = (type: string, value: Record<string, unknown>): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...value })}\n\n`;
  const start =
    messagesEvent("message_start", { message: { id: "m", model: "x", usage: { input_tokens: 1 } } }) +
    messagesEvent("content_block_start", { index: 0, content_block: { type: "text", text: "" } });
  const delta = (text: string): string => messagesEvent("content_block_delta", { index: 0, delta: { type: "text_delta", text } });
  const end =
    messagesEvent("content_block_stop", { index: 0 }) +
    messagesEvent("message_delta", { delta: { stop_reason: "end_turn" }, usage: { output_tokens: 4 } }) +
    messagesEvent("message_stop", {});

  it.each(["prefill", "restart"])("Messages: one message, one block, by %s", async (how) => {
    upstream.script("a", { headers: STREAM_HEADERS, body: [start, delta("Once ")], ending: "reset", endDelayMs: 5 });
    upstream.script("b", stream(start, ...(how === "prefill" ? [delta("upon")] : [delta("On"), delta("ce upon")]), end));
    const response = await gateway.post("/v1/messages", { ...chat(`route::${how}`), max_tokens: 9, stream: true });
    expect(await response.text()).toBe(start + delta("Once ") + delta("upon") + end);
  });

  it("the tokens are those of the target that ends the answer, not a mixture", async () => {
    const cached = start.replace('"input_tokens":1', '"input_tokens":1,"cache_read_input_tokens":900');
    upstream.script("a", { headers: STREAM_HEADERS, body: [cached, delta("Once ")], ending: "reset", endDelayMs: 5 });
    upstream.script("b", stream(start, delta("upon"), end));
    const response = await gateway.post("/v1/messages", { ...chat("route::prefill"), max_tokens: 9, stream: true });
    await response.text();
    expect((await gateway.traceOf(response)).usage).toMatchObject({ input_tokens: 1, cached_input_tokens: null, output_tokens: 4 });
  });

  it("completions: the text is put behind the prompt", async () => {
    const part = (text: string, finish: string | null = null): string =>
      event({ object: "text_completion", choices: [{ index: 0, text, finish_reason: finish }] });
    upstream.script("a", { headers: STREAM_HEADERS, body: [part('say "hi" ')], ending: "reset", endDelayMs: 5 });
    upstream.script("b", stream(part("twice", "stop"), DONE));
    const response = await gateway.post("/v1/completions", { model: "route::prefill", prompt: "Please ", stream: true });
    expect(await response.text()).toBe(part('say "hi" ') + part("twice", "stop") + DONE);
    expect(JSON.parse(upstream.calls()[1]?.body.toString() ?? "")).toMatchObject({ prompt: 'Please say "hi" ' });
  });
});
