import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { ADMIN_KEY, type Gateway, GATEWAY_KEY, startGateway } from "../support/gateway.ts";
import { bearer, errorCodeOf, rawCall, rawModels, rawPost } from "../support/raw-call.ts";
import { chat } from "../support/upstream.ts";

const APP = "https://app.example.com";
const EVIL = "https://evil.example.com";

let upstream: Simulator;
/** As deployed: keys, no TO11_DEV. */
let deployed: Gateway;
/** As `to11 dev` starts it where no key is set. */
let local: Gateway;

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  const toml = `
[auth]
api_keys = ["env::TO11_API_KEY"]
cors_origins = ["${APP}"]
[providers.a]
base_url = "${upstream.baseUrl("a")}"
models = ["model-a"]
[targets.first]
model = "model-a"
[routes.managed]
targets = ["first"]
`;
  const unset = { TO11_API_KEY: undefined, TO11_ADMIN_KEY: undefined };
  [deployed, local] = await Promise.all([
    startGateway({ toml, bindings: { A_API_KEY: "key-of-a" } }),
    startGateway({ toml, bindings: { A_API_KEY: "key-of-a", TO11_DEV: "127.0.0.1", ...unset } }),
  ]);
});
afterAll(async () => {
  await Promise.all([deployed.close(), local.close()]);
  await upstream.close();
});
beforeEach(() => upstream.reset());

describe("the Host header", () => {
  it.each(["localhost", "localhost:4000", "127.0.0.1", "[::1]:4000"])(
    "%s opens nothing on a Worker that to11 dev did not start",
    async (host) => {
      expect((await rawModels(deployed.url, { host })).status).toBe(401);
      expect((await rawCall(`${deployed.url}/api/traces`, { headers: { host } })).status).toBe(401);
    },
  );

  it.each(["localhost:4000", "LOCALHOST", "127.0.0.1:4000", "[::1]:4000"])("%s is served under to11 dev without any key", async (host) => {
    expect((await rawModels(local.url, { host })).status).toBe(200);
    expect((await rawCall(`${local.url}/api/traces`, { headers: { host } })).status).toBe(200);
  });

  it.each(["evil.example.com", "localhost.evil.example.com", "127.0.0.1.evil.example.com", "evil.example.com:4000", "192.168.1.2:4000"])(
    "%s stays closed under to11 dev: a page may have bound its name to this machine",
    async (host) => {
      expect((await rawModels(local.url, { host })).status).toBe(401);
      expect((await rawCall(`${local.url}/api/traces`, { headers: { host } })).status).toBe(401);
    },
  );
});

it.each(["bad host", "a:b:c", "[::1", "localhost:99999"])("a Host of %j is refused, not a failure of the gateway", async (host) => {
  for (const gateway of [deployed, local]) {
    for (const path of ["/v1/models", "/v1/chat/completions", "/api/config", "/api/session", "/health", "/", "/nothing"]) {
      const headers = { host, ...bearer(GATEWAY_KEY), authorization: `Bearer ${ADMIN_KEY}`, origin: `http://${host}` };
      for (const method of ["GET", "POST"]) {
        expect((await rawCall(gateway.url + path, { method, headers })).status, `${method} ${path}`).not.toBe(500);
      }
    }
  }
  const refused = await rawModels(deployed.url, { host, ...bearer(GATEWAY_KEY) });
  expect([refused.status, errorCodeOf(refused)]).toEqual([400, "invalid_request"]);
});

describe("a page of another origin", () => {
  const host = "localhost:4000";

  it.each<[string, Record<string, string>]>([
    ["its Origin", { origin: EVIL }],
    ["a null Origin", { origin: "null" }],
    ["another port of this machine", { origin: "http://localhost:3000" }],
    ["Sec-Fetch-Site", { "sec-fetch-site": "cross-site" }],
  ])("is refused by %s while to11 dev holds the gateway open", async (_name, headers) => {
    const response = await rawPost(`${local.url}/v1/chat/completions`, chat("route::managed"), {
      host,
      ...headers,
      "content-type": "text/plain",
    });
    expect(response.status).toBe(403);
    expect(errorCodeOf(response)).toBe("forbidden");
    expect(upstream.calls()).toHaveLength(0);
  });

  it.each<[string, Record<string, string>]>([
    ["the gateway's own page", { origin: `http://${host}`, "sec-fetch-site": "same-origin" }],
    ["a page of cors_origins", { origin: APP, "sec-fetch-site": "cross-site" }],
    ["no page at all", {}],
    ["the address line", { "sec-fetch-site": "none" }],
  ])("%s may call", async (_name, headers) => {
    expect((await rawPost(`${local.url}/v1/chat/completions`, chat("route::managed"), { host, ...headers })).status).toBe(200);
  });

  it.each(["local", "deployed"])("is refused by the control API of the %s gateway, key or not", async (name) => {
    const gateway = name === "local" ? local : deployed;
    for (const origin of [EVIL, APP]) {
      const headers = { host, origin, authorization: `Bearer ${ADMIN_KEY}` };
      expect((await rawCall(`${gateway.url}/api/config`, { headers })).status).toBe(403);
      const body = "[auth]\nopen = true\n";
      const write = { ...headers, "content-type": "application/toml", "if-match": "*" };
      expect((await rawCall(`${gateway.url}/api/config`, { method: "PUT", headers: write, body })).status).toBe(403);
    }
  });
});

describe("CORS", () => {
  const asked = { "access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type" };

  it("answers the preflight of a listed page without a key", async () => {
    const headers = { origin: APP, ...asked };
    const response = await rawCall(`${deployed.url}/v1/chat/completions`, { method: "OPTIONS", headers });
    expect(response.status).toBe(204);
    expect(response.headers).toMatchObject({
      "access-control-allow-origin": APP,
      "access-control-allow-headers": "authorization,content-type",
    });
    expect(response.headers["access-control-allow-methods"]).toContain("POST");
  });

  it("names no other page", async () => {
    for (const origin of [EVIL, "null", `${APP}.evil.example.com`, "http://app.example.com"]) {
      const preflight = await rawCall(`${deployed.url}/v1/chat/completions`, { method: "OPTIONS", headers: { origin, ...asked } });
      expect(preflight.headers["access-control-allow-origin"], origin).toBeUndefined();
      const call = await rawModels(deployed.url, { origin, ...bearer(GATEWAY_KEY) });
      expect(call.headers["access-control-allow-origin"], origin).toBeUndefined();
    }
  });

  it("lets the listed page read answers and refusals, and the gateway's own headers", async () => {
    const answer = await rawPost(`${deployed.url}/v1/chat/completions`, chat("route::managed"), { origin: APP, ...bearer(GATEWAY_KEY) });
    expect(answer.status).toBe(200);
    expect(answer.headers["access-control-allow-origin"]).toBe(APP);
    expect(answer.headers["access-control-expose-headers"]).toContain("x-to11-request-id");
    const refusal = await rawModels(deployed.url, { origin: APP });
    expect(refusal.status).toBe(401);
    expect(refusal.headers["access-control-allow-origin"]).toBe(APP);
  });
});
