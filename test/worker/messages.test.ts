import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { USAGE_NOT_REPORTED } from "../../src/core/usage/usage.ts";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { chat, errorBody, jsonAnswer, refusing, STREAM_HEADERS } from "../support/upstream.ts";

let upstream: Simulator;
let gateway: Gateway;

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  gateway = await startGateway({
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.anthropic]
base_url = "${upstream.baseUrl("anthropic")}"
models = ["claude", "claude-second"]
[providers.openai]
base_url = "${upstream.baseUrl("openai")}"
models = ["gpt"]
[targets.gpt]
model = "gpt"
[routes.gpt]
targets = ["gpt"]
[targets.first]
model = "claude"
[targets.second]
model = "claude-second"
[routes.chain]
strategy = "fallback"
targets = ["first", "second"]
retry = { max_retries = 0 }
[routes.mixed]
strategy = "fallback"
targets = ["gpt", "first"]
[routes.arms.variants.hot]
target = "first"
temperature = 0.9
`,
    bindings: { OPENAI_API_KEY: "key-of-openai", ANTHROPIC_API_KEY: "key-of-anthropic" },
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
beforeEach(() => upstream.reset());

const PATH = "/v1/messages";
const asked = (model: string) => ({ ...chat(model), max_tokens: 9, stream: true });

test("a message that is whole in its first event is an answer: nobody else is asked", async () => {
  const body = readFileSync("test/fixtures/anthropic-messages-continuation.sse", "utf8");
  upstream.script("anthropic", { headers: STREAM_HEADERS, body });
  const response = await gateway.post(PATH, asked("route::chain"));
  expect([response.status, await response.text()]).toEqual([200, body]);
  expect(upstream.calls()).toHaveLength(1);
  expect(await gateway.traceOf(response)).toMatchObject({ outcome: "complete", finish_reason: "tool_use", tool_calls: 1 });
});

/** What an answer's error says, in Anthropic's form. */
interface AnthropicError {
  readonly type: string;
  readonly error: { readonly type: string; readonly message: string };
  readonly request_id: string | null;
}

async function errorOf(response: Response): Promise<AnthropicError> {
  return (await response.json()) as AnthropicError;
}

test.each([
  ["an unknown model", () => gateway.post(PATH, asked("claudette")), 404, "not_found_error", "unknown_model"],
  ["no JSON", () => gateway.fetch(PATH, { method: "POST", body: "{" }), 400, "invalid_request_error", "invalid_request"],
  ["another method", () => gateway.fetch(PATH, { method: "PUT" }), 405, "invalid_request_error", "method_not_allowed"],
  ["an unknown path under it", () => gateway.post(`${PATH}/nothing`, {}), 404, "not_found_error", "unknown_path"],
  ["no provider key", () => gateway.post(PATH, asked("anthropic::claude")), 401, "authentication_error", "missing_provider_key"],
  ["a wrong gateway key", () => fetch(gateway.url + PATH, { method: "POST" }), 401, "authentication_error", "missing_api_key"],
])("%s is refused in Anthropic's form, with the ids its client looks for, and not to be tried again", async (_what, call, ...told) => {
  const [status, type, code] = told;
  const response = await call();
  expect([response.status, response.headers.get("x-to11-error-code")]).toEqual([status, code]);
  const id = response.headers.get("x-to11-request-id");
  expect([response.headers.get("request-id"), response.headers.get("x-request-id")]).toEqual([id, id]);
  expect(response.headers.get("x-should-retry")).toBe("false");
  expect(await errorOf(response)).toEqual({ type: "error", error: { type, message: expect.stringMatching(/\w/) }, request_id: id });
});

test("an error before the first content keeps its type: a client tells an overloaded provider from a broken one", async () => {
  const body = readFileSync("test/fixtures/anthropic-messages-overloaded.sse", "utf8");
  upstream.always("anthropic", { headers: { ...STREAM_HEADERS, "request-id": "req_of_anthropic" }, body });
  const response = await gateway.post(PATH, asked("route::chain"));
  expect([response.status, response.headers.get("request-id")]).toEqual([529, "req_of_anthropic"]);
  expect(await errorOf(response)).toEqual({
    type: "error",
    error: { type: "overloaded_error", message: "Overloaded" },
    request_id: "req_of_anthropic",
  });
});

test("where no target answered, the refusal is Anthropic's too", async () => {
  upstream.always("anthropic", refusing(401, "bad key"));
  const response = await gateway.post(PATH, asked("route::chain"));
  expect([response.status, response.headers.get("x-should-retry")]).toEqual([502, "false"]);
  expect((await errorOf(response)).error.type).toBe("api_error");
});

test("a provider's own refusal goes on as it came", async () => {
  const body = readFileSync("test/fixtures/error-anthropic-context.json", "utf8");
  upstream.script("anthropic", { status: 400, headers: { "content-type": "application/json" }, body });
  const response = await gateway.post(PATH, asked("anthropic::claude"), { "x-api-key": "sk-own" });
  expect([response.status, await response.text()]).toEqual([400, body]);
});

describe("count_tokens", () => {
  const COUNT = `${PATH}/count_tokens`;

  test.each(["route::chain", "anthropic::claude"])("of %s is the provider's own count, asked like a message", async (model) => {
    upstream.script("anthropic", jsonAnswer({ input_tokens: 14 }));
    const request = { model, messages: [{ role: "user", content: "Hello" }], thinking: { type: "disabled" } };
    const response = await gateway.post(COUNT, request, { "anthropic-beta": "context-1m", "x-api-key": "sk-own" });
    expect([response.status, await response.json()]).toEqual([200, { input_tokens: 14 }]);
    const [call] = upstream.calls("anthropic");
    expect([call?.path, call?.headers["anthropic-version"], call?.headers["anthropic-beta"]]).toEqual([COUNT, "2023-06-01", "context-1m"]);
    expect(call?.headers["x-api-key"]).toBe(model.startsWith("route") ? "key-of-anthropic" : "sk-own");
    expect(JSON.parse(call?.body.toString() ?? "")).toEqual({ ...request, model: "claude" });
    expect(await gateway.traceOf(response)).toMatchObject({
      endpoint: "chat",
      path: COUNT,
      outcome: "complete",
      usage: USAGE_NOT_REPORTED,
      cost_usd: null,
    });
  });

  test("passes the target by whose provider cannot count", async () => {
    const response = await gateway.post(COUNT, chat("route::mixed"));
    expect([response.status, response.headers.get("x-to11-target")]).toEqual([200, "first"]);
    expect(upstream.calls()).toHaveLength(1);
  });

  test("is unknown where no provider can count: nobody guesses", async () => {
    const response = await gateway.post(COUNT, chat("route::gpt"));
    expect([response.status, response.headers.get("x-to11-error-code")]).toEqual([404, "unknown_path"]);
    expect((await errorOf(response)).error).toEqual({
      type: "not_found_error",
      message: expect.stringContaining('the route "gpt" can serve it: the providers openai cannot be called at /v1/messages/count_tokens'),
    });
    expect(upstream.calls()).toHaveLength(0);
  });

  test("is not given the parameters of an experiment, which a count refuses", async () => {
    await (await gateway.post(COUNT, chat("route::arms"))).text();
    await (await gateway.post(PATH, { ...asked("route::arms"), stream: false })).text();
    expect(upstream.calls().map(({ body }) => (JSON.parse(body.toString()) as { temperature?: number }).temperature)).toEqual([
      undefined,
      0.9,
    ]);
  });

  test("a provider's refusal goes on as it came", async () => {
    upstream.script("anthropic", refusing(400, "messages: Field required"));
    const response = await gateway.post(COUNT, chat("route::chain"));
    expect([response.status, await response.text()]).toEqual([400, errorBody("messages: Field required")]);
  });
});
