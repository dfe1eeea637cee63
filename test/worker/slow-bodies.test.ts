import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { ADMIN_KEY, type Gateway, GATEWAY_KEY, startGateway } from "../support/gateway.ts";
import { bearer, rawPost } from "../support/raw-call.ts";
import { openRequest, type RawSocket } from "../support/raw-socket.ts";
import { answering, chat } from "../support/upstream.ts";

const MB = 1_000_000;
const JSON_TYPE = { "content-type": "application/json" };

/** So many that 2 MB for each are more than an isolate holds. */
const SLOW = 34;

let upstream: Simulator;
let gateway: Gateway;
let sockets: RawSocket[] = [];

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  gateway = await startGateway({
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.a]
base_url = "${upstream.baseUrl("a")}"
models = ["model-a"]
[targets.first]
model = "model-a"
[routes.managed]
targets = ["first"]
`,
    bindings: { A_API_KEY: "key-of-a" },
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
beforeEach(() => {
  upstream.reset();
  upstream.always("a", answering("ok"));
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
});

/** Opens requests whose bodies are announced, and sends so much of each. */
async function slowCallers(path: string, headers: Readonly<Record<string, string>>, sent = 0): Promise<void> {
  const opened = Array.from({ length: SLOW }, () => openRequest(gateway.url + path, { ...JSON_TYPE, ...headers }));
  sockets.push(...(await Promise.all(opened)));
  if (sent > 0) await Promise.all(sockets.map((socket) => socket.send(new Uint8Array(sent).fill(0x20))));
  // What was sent is read by now, as far as it is read at all.
  await sleep(300);
}

/** A prompt of so many bytes goes through. */
async function expectServed(bytes: number): Promise<void> {
  const response = await gateway.post("/v1/chat/completions", chat("route::managed", { padding: "x".repeat(bytes) }));
  expect(response.status, await response.text()).toBe(200);
}

describe(`${SLOW} callers who announce 2 MB each`, () => {
  const announced = { "content-length": String(2 * MB) };

  it("and send nothing change nothing for others", async () => {
    await slowCallers("/v1/chat/completions", { ...announced, ...bearer(GATEWAY_KEY) });
    for (const bytes of [10, MB, 20 * MB]) await expectServed(bytes);
  });

  it("and stand still before the end give way to others who need the room, and are told", async () => {
    await slowCallers("/v1/chat/completions", { ...announced, ...bearer(GATEWAY_KEY) }, 1.95 * MB);
    await sleep(2_000);
    await expectServed(10);
    const started = performance.now();
    await expectServed(20 * MB);
    expect(performance.now() - started).toBeLessThan(5_000);
    const told: number[] = [];
    const noAnswer = () => undefined; // Those who may stay are told nothing before the test ends them.
    for (const socket of sockets) void socket.answer().then(({ status }) => told.push(status), noAnswer);
    await sleep(500);
    expect(told.length).toBeGreaterThan(0);
    expect(told.length).toBeLessThan(SLOW);
    expect(new Set(told)).toEqual(new Set([503]));
  });

  it("without a key are refused at once, whatever they send", async () => {
    await slowCallers("/v1/chat/completions", announced);
    for (const socket of sockets) {
      const response = await socket.answer();
      expect([response.status, await response.text()]).toEqual([401, expect.stringContaining("missing_api_key")]);
    }
    await expectServed(20 * MB);
  });

  it.each([
    ["PUT", "/api/config", 401],
    ["POST", "/api/config/check", 401],
    ["POST", "/api/explain", 401],
    ["POST", "/api/session", 413],
  ])("at %s %s: without the admin key nothing of a body is waited for", async (method, path, status) => {
    const socket = await openRequest(gateway.url + path, { method, ...JSON_TYPE, ...announced });
    sockets.push(socket);
    expect((await socket.answer()).status).toBe(status);
  });
});

describe("the sign-in", () => {
  it("reads 4,096 bytes and no more, announced or not", async () => {
    const key = (bytes: number): string => JSON.stringify({ key: "x".repeat(bytes - '{"key":""}'.length) });
    const signIn = async (body: string, headers: Readonly<Record<string, string>>): Promise<number> => {
      const socket = await openRequest(`${gateway.url}/api/session`, { ...JSON_TYPE, "cf-connecting-ip": "192.0.2.77", ...headers });
      sockets.push(socket);
      await socket.send(body);
      return (await socket.answer()).status;
    };
    const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
    const chunked = { "transfer-encoding": "chunked" };
    expect(await signIn(key(4096), { "content-length": "4096" })).toBe(401);
    expect(await signIn(key(4097), { "content-length": "4097" })).toBe(413);
    expect(await signIn(`${chunk(key(4096))}0\r\n\r\n`, chunked)).toBe(401);
    expect(await signIn(chunk(key(4097)), chunked)).toBe(413);
  });

  it(`works while ${SLOW} strangers hold its body back, and so does everything else`, async () => {
    await slowCallers("/api/session", { "content-length": "4096" }, 4000);
    expect((await rawPost(`${gateway.url}/api/session`, { key: ADMIN_KEY })).status).toBe(204);
    await expectServed(20 * MB);
  });
});

describe("a body that stops coming", () => {
  it.each([
    ["small", 100, 10],
    ["of 1 MB", MB, 200_000],
  ])(
    "%s: is given up after 15 s, and the caller is told",
    async (_name, announced, sent) => {
      const head = { ...JSON_TYPE, ...bearer(GATEWAY_KEY), "content-length": String(announced) };
      const socket = await openRequest(`${gateway.url}/v1/chat/completions`, head);
      sockets.push(socket);
      const started = performance.now();
      await socket.send("{".padEnd(sent));
      const response = await socket.answer();
      expect(response.status).toBe(408);
      expect(await response.json()).toMatchObject({
        error: { type: "invalid_request_error", code: "request_timeout", message: expect.stringContaining("15 s") as string },
      });
      expect(performance.now() - started).toBeGreaterThan(14_900);
      expect(performance.now() - started).toBeLessThan(17_000);
      expect(await gateway.traceOf(response)).toMatchObject({ outcome: "rejected", status: 408, error_code: "request_timeout" });
    },
    30_000,
  );

  it("goes on being read as long as anything of it comes", async () => {
    const body = JSON.stringify(chat("route::managed"));
    const head = { ...JSON_TYPE, ...bearer(GATEWAY_KEY), "content-length": String(body.length) };
    const socket = await openRequest(`${gateway.url}/v1/chat/completions`, head);
    sockets.push(socket);
    const pieces = [body.slice(0, 5), body.slice(5, 6), body.slice(6, 7), body.slice(7)];
    for (const piece of pieces) {
      await socket.send(piece);
      if (piece !== pieces.at(-1)) await sleep(6_000);
    }
    expect((await socket.answer()).status).toBe(200);
  }, 30_000);

  it("is refused for its size all the same, though its end never comes", async () => {
    const head = { ...JSON_TYPE, ...bearer(GATEWAY_KEY), "content-length": String(40 * MB) };
    const socket = await openRequest(`${gateway.url}/v1/chat/completions`, head);
    sockets.push(socket);
    await socket.send("x".repeat(MB));
    expect((await socket.answer()).status).toBe(413);
  }, 30_000);
});
