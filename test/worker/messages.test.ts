import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { chat, STREAM_HEADERS } from "../support/upstream.ts";

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
[targets.first]
model = "claude"
[targets.second]
model = "claude-second"
[routes.chain]
strategy = "fallback"
targets = ["first", "second"]
retry = { max_retries = 0 }
`,
    bindings: { ANTHROPIC_API_KEY: "key-of-anthropic" },
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
