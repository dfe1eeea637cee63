import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { Inspector } from "../../bench/inspector.ts";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { freePort, quietMemoryOf } from "../support/memory.ts";
import { chat, chunk, DONE, FINISH, ROLE, STREAM_HEADERS } from "../support/upstream.ts";

// What of a request stays in memory while its answer flows.

const MEBIBYTE = 1024 * 1024;
const STREAMS = 24;
const BODY_BYTES = 2 * MEBIBYTE;

let upstream: Simulator;
let gateway: Gateway;
let inspector: Inspector;

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  const inspectorPort = await freePort();
  gateway = await startGateway({
    inspectorPort,
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.a]
base_url = "${upstream.baseUrl("a")}"
models = ["model-a"]
auth_type = "none"
[targets.first]
model = "model-a"
[routes.plain]
targets = ["first"]
[routes.rescued]
targets = ["first"]
rescue = "restart"
`,
  });
  inspector = await Inspector.open(inspectorPort);
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
beforeEach(() => upstream.reset());

/** Requests whose answers have begun and do not end; the result ends them. */
async function begun(model: string, count: number): Promise<() => Promise<void>> {
  upstream.always("a", { headers: STREAM_HEADERS, body: [ROLE, chunk({ content: "one" })], ending: "silence" });
  const leaving = new AbortController();
  const padding = "x".repeat(BODY_BYTES);
  for (let each = 0; each < count; each += 1) {
    const response = await gateway.post("/v1/chat/completions", chat(model, { stream: true, user: padding }));
    expect(response.status).toBe(200);
    const reader = response.body?.getReader();
    await reader?.read();
    leaving.signal.addEventListener("abort", () => void reader?.cancel());
  }
  return async () => {
    leaving.abort();
    upstream.reset();
    await new Promise((resolve) => setTimeout(resolve, 200));
  };
}

it("nothing of a request's body does from the commit on", { timeout: 60_000 }, async () => {
  const before = await quietMemoryOf(inspector, gateway);
  const end = await begun("route::plain", STREAMS);
  const during = await quietMemoryOf(inspector, gateway);
  await end();
  expect((during.liveBytes - before.liveBytes) / MEBIBYTE).toBeLessThan((STREAMS * BODY_BYTES) / MEBIBYTE / 8);
});

it("nor does it count, unless the route may rescue the answer: then to its end", { timeout: 60_000 }, async () => {
  // 80 MiB in all, one after the other: more than an isolate may hold.
  await (
    await begun("route::plain", 40)
  )();
  const end = await begun("route::rescued", 31);
  const [refused, small] = await Promise.all([
    gateway.post("/v1/chat/completions", chat("route::rescued", { stream: true, user: "x".repeat(BODY_BYTES) })),
    gateway.post("/v1/chat/completions", chat("route::rescued", { stream: true })),
  ]);
  expect([refused.status, refused.headers.get("x-to11-error-code"), small.status]).toEqual([503, "overloaded", 200]);
  await small.body?.cancel();
  await end();
  upstream.always("a", { headers: STREAM_HEADERS, body: [ROLE, chunk({ content: "one" }), FINISH, DONE] });
  const after = await gateway.post("/v1/chat/completions", chat("route::rescued", { stream: true, user: "x".repeat(BODY_BYTES) }));
  expect([after.status, (await after.text()).endsWith(DONE)]).toEqual([200, true]);
});
