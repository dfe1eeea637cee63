import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { OtlpSpan } from "../../src/core/trace/otlp.ts";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { chat, refusing } from "../support/upstream.ts";

const CHAT = "/v1/chat/completions";
const SECRET = "Bearer otlp-secret-of-the-test";

/** What a collector was sent. */
interface Export {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly spans: readonly OtlpSpan[];
}

/** Statuses of the next answers; then 200. `hang`: none. */
let script: (number | "hang")[] = [];
let exports: Export[] = [];
let collector: Server;
let upstream: Simulator;
let gateway: Gateway;

function tomlFor(address: string): string {
  return `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.a]
base_url = "${upstream.baseUrl("a")}"
models = ["model-a"]
[providers.b]
base_url = "${upstream.baseUrl("b")}"
models = ["model-b"]
[targets.first]
model = "model-a"
[targets.second]
model = "model-b"
[routes.main]
strategy = "fallback"
targets = ["first", "second"]
retry = { max_retries = 0 }
[traces]
otlp_endpoint = "${address}/v1/traces"
otlp_headers = { authorization = "env::OTLP_AUTH", x-team = "blue" }
`;
}

const BINDINGS = { A_API_KEY: "key-of-a", B_API_KEY: "key-of-b", OTLP_AUTH: SECRET };

beforeAll(async () => {
  collector = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      const { resourceSpans } = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: OtlpSpan[] }[] }[] };
      const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
      exports.push({ url: request.url ?? "", headers: request.headers, spans });
      const status = script.shift() ?? 200;
      if (status !== "hang") response.writeHead(status, { "content-type": "application/json" }).end("{}");
    });
  });
  collector.listen(0, "127.0.0.1");
  await once(collector, "listening");
  upstream = await startSimulator({ tokenDelayMs: 0 });
  gateway = await startGateway({ toml: tomlFor(addressOf(collector)), bindings: BINDINGS });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
  collector.closeAllConnections();
  collector.close();
});
beforeEach(() => {
  script = [];
  exports = [];
  upstream.reset();
});

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The exports, once there are as many. */
async function exported(count: number): Promise<readonly Export[]> {
  await expect.poll(() => exports.length, { timeout: 3_000, interval: 20 }).toBeGreaterThanOrEqual(count);
  return exports;
}

async function health(
  of: Gateway = gateway,
): Promise<{ readonly lost_exports: number; readonly lost_traces: number; readonly problems: string[] }> {
  return (await (await of.api("/health")).json()) as { lost_exports: number; lost_traces: number; problems: string[] };
}

test("a request and its attempts reach the collector as spans of the caller's trace, after the answer", async () => {
  upstream.script("a", refusing(503, "down"));
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const response = await gateway.post(CHAT, chat("route::main"), { traceparent: `00-${traceId}-b7ad6b7169203331-01` });
  expect(response.status).toBe(200);
  const trace = await gateway.traceOf(response);
  const [only] = await exported(1);
  expect(only?.url).toBe("/v1/traces");
  expect(only?.headers).toMatchObject({ authorization: SECRET, "x-team": "blue", "content-type": "application/json" });
  expect(only?.spans.map(({ name, traceId: id, parentSpanId }) => [name, id, parentSpanId])).toEqual([
    ["POST /v1/chat/completions", traceId, "b7ad6b7169203331"],
    ["chat model-a", traceId, trace.span_id],
    ["chat model-b", traceId, trace.span_id],
  ]);
  const last = Object.fromEntries((only?.spans[2]?.attributes ?? []).map(({ key, value }) => [key, value]));
  expect(last).toMatchObject({
    "gen_ai.provider.name": { stringValue: "openai" },
    "server.address": { stringValue: "127.0.0.1" },
    "server.port": { intValue: new URL(upstream.baseUrl("b")).port },
    "gen_ai.usage.input_tokens": { intValue: String(trace.usage.input_tokens) },
  });
});

test("requests that end together are one export", async () => {
  const responses = await Promise.all(Array.from({ length: 8 }, () => gateway.post(CHAT, chat("route::main"))));
  await Promise.all(responses.map((response) => response.text()));
  await gateway.traceOf(responses[7] ?? Response.error());
  await expect.poll(() => exports.flatMap(({ spans }) => spans).length, { timeout: 3_000, interval: 20 }).toBe(16);
  expect(exports.length).toBeLessThan(4);
});

test("a collector that is not ready is asked once more", async () => {
  script = [503];
  const before = (await health()).lost_exports;
  await (await gateway.post(CHAT, chat("route::main"))).text();
  const [first, second] = await exported(2);
  expect(second?.spans).toEqual(first?.spans);
  expect((await health()).lost_exports).toBe(before);
});

test("a collector that takes less at once gets the same spans in parts", async () => {
  script = [413];
  const before = (await health()).lost_exports;
  const responses = await Promise.all(Array.from({ length: 8 }, () => gateway.post(CHAT, chat("route::main"))));
  await Promise.all(responses.map((response) => response.text()));
  const taken = (): readonly string[] => exports.slice(1).flatMap(({ spans }) => spans.map(({ spanId }) => spanId));
  await expect.poll(() => new Set(taken()).size, { timeout: 3_000, interval: 20 }).toBe(16);
  expect(taken()).toHaveLength(16);
  expect(exports[0]?.spans.every(({ spanId }) => taken().includes(spanId))).toBe(true);
  expect((await health()).lost_exports).toBe(before);
});

test("a collector that refuses takes nothing from answers and traces, and is told of", async () => {
  script = [400];
  const before = (await health()).lost_exports;
  const response = await gateway.post(CHAT, chat("route::main"));
  expect(response.status).toBe(200);
  expect((await gateway.traceOf(response)).outcome).toBe("complete");
  await exported(1);
  await expect.poll(async () => (await health()).lost_exports, { timeout: 3_000, interval: 20 }).toBe(before + 1);
  expect((await health()).problems.join()).toContain("otlp_endpoint");
});

test("a collector that never answers keeps nobody waiting", async () => {
  script = ["hang"];
  const beganMs = performance.now();
  const response = await gateway.post(CHAT, chat("route::main"));
  await response.text();
  expect(performance.now() - beganMs).toBeLessThan(1_000);
  expect((await gateway.traceOf(response)).outcome).toBe("complete");
});

test("without a collector, and without its secret, answers and traces are as ever", async () => {
  const gone = createServer();
  gone.listen(0, "127.0.0.1");
  await once(gone, "listening");
  const address = addressOf(gone);
  gone.close();
  await once(gone, "close");
  const dead = await startGateway({ toml: tomlFor(address), bindings: BINDINGS });
  const keyless = await startGateway({ toml: tomlFor(addressOf(collector)), bindings: { ...BINDINGS, OTLP_AUTH: undefined } });
  try {
    for (const each of [dead, keyless]) {
      const response = await each.post(CHAT, chat("route::main"));
      expect(response.status).toBe(200);
      expect((await each.traceOf(response)).outcome).toBe("complete");
      await expect.poll(async () => (await health(each)).lost_exports, { timeout: 3_000, interval: 20 }).toBe(1);
      expect((await health(each)).lost_traces).toBe(0);
      expect(each.logs()).toContain("a collector did not take traces");
      expect(each.logs()).not.toContain("otlp-secret");
    }
    expect(exports.filter(({ headers }) => headers.authorization !== SECRET)).toEqual([]);
  } finally {
    await dead.close();
    await keyless.close();
  }
});
