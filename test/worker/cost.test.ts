import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { chat, jsonAnswer, refusing, STREAM_HEADERS } from "../support/upstream.ts";

const CHAT = "/v1/chat/completions";
const USAGE = { prompt_tokens: 1000, completion_tokens: 500, prompt_tokens_details: { cached_tokens: 400 } };

let upstream: Simulator;
let gateway: Gateway;

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  gateway = await startGateway({
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.dear]
base_url = "${upstream.baseUrl("dear")}"
models = ["shared", "unpriced"]
[providers.cheap]
base_url = "${upstream.baseUrl("cheap")}"
models = ["shared", "own"]
speaks = ["/v1/chat/completions", "/v1/messages"]
[models.own]
price = { input = 1, output = 1 }
[targets.first]
model = "shared"
provider = "dear"
[targets.second]
model = "shared"
provider = "cheap"
[routes.both]
strategy = "fallback"
targets = ["first", "second"]
retry = { max_retries = 0 }
`,
    bindings: { DEAR_API_KEY: "key-of-dear", CHEAP_API_KEY: "key-of-cheap" },
    prices: {
      date: "2026-09-23",
      models: {
        dear: { shared: { input: 10, cached_input: 5, output: 20 } },
        cheap: { shared: { input: 1, cache_write: 1.25, output: 2 }, own: { input: 9, output: 9 } },
      },
    },
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
beforeEach(() => upstream.reset());

async function costOf(model: string, headers: Record<string, string> = {}): Promise<number | null> {
  const response = await gateway.post(CHAT, chat(model), headers);
  expect(response.status).toBe(200);
  return (await gateway.traceOf(response)).cost_usd;
}

const answer = jsonAnswer({ model: "m", choices: [{ index: 0, message: { content: "ok" }, finish_reason: "stop" }], usage: USAGE });

test("a request costs what the provider that answered asks, cached input apart", async () => {
  upstream.script("dear", answer);
  expect(await costOf("route::both")).toBeCloseTo((600 * 10 + 400 * 5 + 500 * 20) / 1e6, 12);
  upstream.script("dear", refusing(500, "down"));
  upstream.script("cheap", answer);
  expect(await costOf("route::both")).toBeCloseTo((1000 * 1 + 500 * 2) / 1e6, 12);
});

test("passthrough costs what its provider asks, the file's own price first, null where none is known", async () => {
  upstream.script("cheap", answer, answer);
  upstream.script("dear", answer);
  const own = { authorization: "Bearer sk-own" };
  expect(await costOf("cheap::shared", own)).toBeCloseTo((1000 * 1 + 500 * 2) / 1e6, 12);
  expect(await costOf("own", own)).toBeCloseTo((1000 * 1 + 500 * 1) / 1e6, 12);
  expect(await costOf("unpriced", own)).toBeNull();
});

test("what is written to the cache costs what writing costs, told in the first event of a stream and not again in its last", async () => {
  upstream.script("cheap", { headers: STREAM_HEADERS, body: readFileSync("test/fixtures/anthropic-messages-cache.sse", "utf8") });
  const response = await gateway.post(
    "/v1/messages",
    { ...chat("cheap::shared"), max_tokens: 99, stream: true },
    { "x-api-key": "sk-own" },
  );
  expect(response.status).toBe(200);
  await response.text();
  const { usage, cost_usd: cost } = await gateway.traceOf(response);
  expect(usage).toEqual({
    input_tokens: 4000,
    cached_input_tokens: 900,
    cache_write_tokens: 3000,
    cache_write_1h_tokens: 2000,
    output_tokens: 40,
    reasoning_tokens: 25,
  });
  expect(cost).toBeCloseTo((100 * 1 + 900 * 1 + 1000 * 1.25 + 2000 * 2 + 40 * 2) / 1e6, 12);
});
