import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { ADMIN_KEY, type Gateway, GATEWAY_KEY, startGateway } from "../support/gateway.ts";
import { type RawCall, rawCall, type RawResponse } from "../support/raw-call.ts";
import { chat } from "../support/upstream.ts";

const TEAM_KEY = "to11_key-of-the-team-project-00000000000000002";
const UNKNOWN_KEY = "to11_key-that-nobody-was-given-00000000000003";
const FORMLESS_KEY = "a-secret-that-is-long-but-no-gateway-key-at-all";
const APP = "https://app.example.com";
const EVIL = "https://evil.example.com";

let upstream: Simulator;
/** As deployed: keys, no TO11_DEV. */
let deployed: Gateway;
/** As `to11 dev` starts it where no key is set. */
let local: Gateway;
/** Deployed with an admin key that is too short. */
let careless: Gateway;

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  const providers = `
[providers.a]
base_url = "${upstream.baseUrl("a")}"
models = ["model-a"]
[routes.managed]
endpoint = "chat"
targets = ["first"]
[targets.first]
model = "model-a"
`;
  [deployed, local, careless] = await Promise.all([
    startGateway({
      toml: `[auth]\napi_keys = ["env::TO11_API_KEY", "env::FORMLESS_KEY"]\ncors_origins = ["${APP}"]\n${providers}`,
      bindings: { A_API_KEY: "key-of-a", TEAM_KEY, FORMLESS_KEY },
    }),
    startGateway({
      toml: `[auth]\napi_keys = ["env::TO11_API_KEY"]\ncors_origins = ["${APP}"]\n${providers}`,
      bindings: { A_API_KEY: "key-of-a", TO11_DEV: "127.0.0.1", TO11_API_KEY: undefined, TO11_ADMIN_KEY: undefined },
    }),
    startGateway({ toml: `[auth]\nopen = true\n${providers}`, bindings: { TO11_ADMIN_KEY: "short-admin-key" } }),
  ]);
  await Promise.all(PROJECTS.map(publish));
});
afterAll(async () => {
  await Promise.all([deployed.close(), local.close(), careless.close()]);
  await upstream.close();
});
beforeEach(() => upstream.reset());

/** Projects that are published besides the deployed one, by the `[auth]` they have. */
const PROJECTS: readonly (readonly [string, string])[] = [
  ["no-keys", ""],
  ["empty-keys", "api_keys = []"],
  ["unset-key", 'api_keys = ["env::NOBODY_SET_THIS"]'],
  ["formless-key", 'api_keys = ["env::FORMLESS_KEY"]'],
  ["said-open", "open = true"],
  ["team", 'api_keys = ["env::TEAM_KEY"]'],
];

async function publish([id, auth]: readonly [string, string]): Promise<void> {
  const body = `[project]\nid = "${id}"\n[auth]\n${auth}\n[providers.own]\nbase_url = "https://own.example.com/v1"\nmodels = ["model-of-${id}"]\nauth_type = "none"\n`;
  const headers = { "content-type": "application/toml", "if-match": "none" };
  const response = await deployed.api(`/api/config?project=${id}`, { method: "PUT", headers, body });
  expect(response.status, await response.text()).toBe(200);
}

/** `GET /v1/models`: what may come in gets a 200. */
function models(gateway: Gateway, headers: Readonly<Record<string, string>>): Promise<RawResponse> {
  return rawCall(`${gateway.url}/v1/models`, { headers });
}

function bearer(key: string): { "x-to11-authorization": string } {
  return { "x-to11-authorization": `Bearer ${key}` };
}

function post(gateway: Gateway, path: string, call: RawCall & { readonly json: unknown }): Promise<RawResponse> {
  const headers = { "content-type": "application/json", ...call.headers };
  return rawCall(gateway.url + path, { method: "POST", headers, body: JSON.stringify(call.json) });
}

function codeOf(response: RawResponse): unknown {
  return (JSON.parse(response.body.toString()) as { error: { code: unknown } }).error.code;
}

describe("closed unless opened", () => {
  it.each(["no-keys", "empty-keys", "unset-key", "formless-key"])(
    "project %s refuses whoever calls, with every key there is",
    async (id) => {
      for (const key of [GATEWAY_KEY, TEAM_KEY, UNKNOWN_KEY, FORMLESS_KEY, ADMIN_KEY, ""]) {
        const response = await models(deployed, { "x-to11-project-id": id, ...bearer(key) });
        expect(response.status, key).toBe(401);
      }
      expect((await models(deployed, { "x-to11-project-id": id })).status).toBe(401);
    },
  );

  it("open = true lets anyone in, with any key or none", async () => {
    const project = { "x-to11-project-id": "said-open" };
    for (const headers of [project, { ...project, ...bearer(UNKNOWN_KEY) }]) expect((await models(deployed, headers)).status).toBe(200);
  });

  it.each<[string, Record<string, string>, string]>([
    ["no key", {}, "missing_api_key"],
    ["a provider's key only", { authorization: "Bearer sk-of-the-caller" }, "missing_api_key"],
    ["an unknown key", bearer(UNKNOWN_KEY), "invalid_api_key"],
    ["a key cut short", bearer(GATEWAY_KEY.slice(0, -1)), "invalid_api_key"],
    ["a key with more behind it", bearer(`${GATEWAY_KEY}x`), "invalid_api_key"],
    ["a configured secret that is no gateway key", bearer(FORMLESS_KEY), "invalid_api_key"],
    ["the admin key", bearer(ADMIN_KEY), "invalid_api_key"],
    ["an empty header", { "x-to11-authorization": "" }, "invalid_api_key"],
    ["the key of another project", bearer(TEAM_KEY), "invalid_api_key"],
    ["an unknown key for an unknown project", { ...bearer(UNKNOWN_KEY), "x-to11-project-id": "nowhere" }, "invalid_api_key"],
    ["the key in a header that is none of the four", { "x-goog-api-key": GATEWAY_KEY }, "missing_api_key"],
  ])("%s is refused", async (_name, headers, code) => {
    const response = await post(deployed, "/v1/chat/completions", { headers, json: chat("route::managed") });
    expect(response.status).toBe(401);
    expect(codeOf(response)).toBe(code);
    expect(response.headers["x-to11-error-code"]).toBe(code);
    expect(upstream.calls()).toHaveLength(0);
  });

  it("a refused key is told the same whatever was wrong with it", async () => {
    const refusals = await Promise.all([
      models(deployed, bearer(UNKNOWN_KEY)),
      models(deployed, bearer(TEAM_KEY)),
      models(deployed, bearer(FORMLESS_KEY)),
      models(deployed, { ...bearer(GATEWAY_KEY), "x-to11-project-id": "team" }),
      models(deployed, { ...bearer(UNKNOWN_KEY), "x-to11-project-id": "nowhere" }),
      models(deployed, { ...bearer(UNKNOWN_KEY), "x-to11-project-id": "no-keys" }),
    ]);
    expect(new Set(refusals.map(({ body }) => body.toString())).size).toBe(1);
  });
});

describe("the gateway key", () => {
  it.each<[string, string]>([
    ["x-to11-authorization", `Bearer ${GATEWAY_KEY}`],
    ["x-to11-authorization", GATEWAY_KEY],
    ["authorization", `Bearer ${GATEWAY_KEY}`],
    ["authorization", `bearer   ${GATEWAY_KEY}`],
    ["x-api-key", GATEWAY_KEY],
    ["api-key", GATEWAY_KEY],
  ])("counts in %s (%s) and never reaches the upstream", async (name, value) => {
    const response = await post(deployed, "/v1/chat/completions", { headers: { [name]: value }, json: chat("route::managed") });
    expect(response.status).toBe(200);
    const [call] = upstream.calls();
    expect(call?.headers["authorization"]).toBe("Bearer key-of-a");
    expect(JSON.stringify(call?.rawHeaders)).not.toContain("to11_");
  });

  it.each<[string, Record<string, string>]>([
    ["beside the caller's provider key", { "x-api-key": GATEWAY_KEY, authorization: "Bearer sk-of-the-caller" }],
    ["in its own header", { ...bearer(GATEWAY_KEY), authorization: "Bearer sk-of-the-caller" }],
    ["in two headers", { ...bearer(GATEWAY_KEY), "api-key": GATEWAY_KEY, authorization: "Bearer sk-of-the-caller" }],
    ["and a second one, unknown", { ...bearer(GATEWAY_KEY), "api-key": UNKNOWN_KEY, authorization: "Bearer sk-of-the-caller" }],
  ])("%s: the provider gets the caller's own key and no other", async (_name, headers) => {
    expect((await post(deployed, "/v1/chat/completions", { headers, json: chat("a::model-a") })).status).toBe(200);
    const [call] = upstream.calls();
    expect(call?.headers["authorization"]).toBe("Bearer sk-of-the-caller");
    expect(JSON.stringify(call?.rawHeaders)).not.toContain("to11_");
  });

  it("a key in a provider's header does not stand in for the caller's provider key", async () => {
    const response = await post(deployed, "/v1/chat/completions", { headers: { "x-api-key": GATEWAY_KEY }, json: chat("a::model-a") });
    expect(response.status).toBe(401);
    expect(codeOf(response)).toBe("missing_provider_key");
    expect(upstream.calls()).toHaveLength(0);
  });

  it("the trace names its secret, not the key", async () => {
    const response = await deployed.post("/v1/chat/completions", chat("route::managed"));
    await response.text();
    expect((await deployed.traceOf(response)).api_key).toBe("TO11_API_KEY");
  });
});

describe("projects", () => {
  it("each answers to its own keys with its own models", async () => {
    const team = await models(deployed, { ...bearer(TEAM_KEY), "x-to11-project-id": "team" });
    expect(team.status).toBe(200);
    expect(team.body.toString()).toContain("model-of-team");
    const own = await models(deployed, bearer(GATEWAY_KEY));
    expect(own.body.toString()).not.toContain("model-of-team");
    expect((await models(deployed, { ...bearer(GATEWAY_KEY), "x-to11-project-id": "default" })).body).toEqual(own.body);
  });

  it.each(["nowhere", "No Such Project!", "../default", "x".repeat(300), "%00"])(
    "unknown project %s: 404 with a key, 401 without",
    async (id) => {
      const known = await models(deployed, { ...bearer(GATEWAY_KEY), "x-to11-project-id": id });
      expect(known.status).toBe(404);
      expect(codeOf(known)).toBe("unknown_project");
      expect((await models(deployed, { "x-to11-project-id": id })).status).toBe(401);
      expect((await models(deployed, { ...bearer(TEAM_KEY), "x-to11-project-id": id })).status).toBe(401);
    },
  );
});

describe("the Host header", () => {
  it.each(["localhost", "localhost:4000", "127.0.0.1", "[::1]:4000"])(
    "%s opens nothing on a Worker that to11 dev did not start",
    async (host) => {
      expect((await models(deployed, { host })).status).toBe(401);
      expect((await rawCall(`${deployed.url}/api/traces`, { headers: { host } })).status).toBe(401);
    },
  );

  it.each(["localhost:4000", "LOCALHOST", "127.0.0.1:4000", "[::1]:4000"])("%s is served under to11 dev without any key", async (host) => {
    expect((await models(local, { host })).status).toBe(200);
    expect((await rawCall(`${local.url}/api/traces`, { headers: { host } })).status).toBe(200);
  });

  it.each(["evil.example.com", "localhost.evil.example.com", "127.0.0.1.evil.example.com", "evil.example.com:4000", "192.168.1.2:4000"])(
    "%s stays closed under to11 dev: a page may have bound its name to this machine",
    async (host) => {
      expect((await models(local, { host })).status).toBe(401);
      expect((await rawCall(`${local.url}/api/traces`, { headers: { host } })).status).toBe(401);
    },
  );
});

describe("a page of another origin", () => {
  const host = "localhost:4000";

  it.each<[string, Record<string, string>]>([
    ["its Origin", { origin: EVIL }],
    ["a null Origin", { origin: "null" }],
    ["another port of this machine", { origin: "http://localhost:3000" }],
    ["Sec-Fetch-Site", { "sec-fetch-site": "cross-site" }],
  ])("is refused by %s while to11 dev holds the gateway open", async (_name, headers) => {
    const response = await post(local, "/v1/chat/completions", {
      headers: { host, ...headers, "content-type": "text/plain" },
      json: chat("route::managed"),
    });
    expect(response.status).toBe(403);
    expect(codeOf(response)).toBe("forbidden");
    expect(upstream.calls()).toHaveLength(0);
  });

  it.each<[string, Record<string, string>]>([
    ["the gateway's own page", { origin: `http://${host}`, "sec-fetch-site": "same-origin" }],
    ["a page of cors_origins", { origin: APP, "sec-fetch-site": "cross-site" }],
    ["no page at all", {}],
    ["the address line", { "sec-fetch-site": "none" }],
  ])("%s may call", async (_name, headers) => {
    expect((await post(local, "/v1/chat/completions", { headers: { host, ...headers }, json: chat("route::managed") })).status).toBe(200);
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
      const call = await models(deployed, { origin, ...bearer(GATEWAY_KEY) });
      expect(call.headers["access-control-allow-origin"], origin).toBeUndefined();
    }
  });

  it("lets the listed page read answers and refusals, and the gateway's own headers", async () => {
    const answer = await post(deployed, "/v1/chat/completions", {
      headers: { origin: APP, ...bearer(GATEWAY_KEY) },
      json: chat("route::managed"),
    });
    expect(answer.status).toBe(200);
    expect(answer.headers["access-control-allow-origin"]).toBe(APP);
    expect(answer.headers["access-control-expose-headers"]).toContain("x-to11-request-id");
    const refusal = await models(deployed, { origin: APP });
    expect(refusal.status).toBe(401);
    expect(refusal.headers["access-control-allow-origin"]).toBe(APP);
  });
});

describe("the control API", () => {
  const PATHS = [
    "/api/traces",
    "/api/config",
    "/api/config/",
    "/api/config/versions",
    "/api/providers",
    "/api/credentials",
    "/api/projects",
    "/api/openapi.json",
  ];

  it.each(PATHS)("%s is closed without the admin key", async (path) => {
    for (const headers of [{}, { authorization: `Bearer ${GATEWAY_KEY}` }, { authorization: `Bearer ${ADMIN_KEY}x` }, bearer(ADMIN_KEY)]) {
      expect((await rawCall(deployed.url + path, { headers })).status).toBe(401);
    }
    expect((await deployed.api(path)).status).toBe(200);
  });

  it("a path that does not exist tells nothing to strangers either", async () => {
    expect((await rawCall(`${deployed.url}/api/nothing`)).status).toBe(401);
    expect((await deployed.api("/api/nothing")).status).toBe(404);
  });

  it("an admin key under 32 characters opens nothing", async () => {
    const headers = { authorization: "Bearer short-admin-key" };
    expect((await rawCall(`${careless.url}/api/config`, { headers })).status).toBe(401);
    const signIn = await post(careless, "/api/session", { json: { key: "short-admin-key" } });
    expect(signIn.status).toBe(401);
    expect(signIn.headers["set-cookie"]).toBeUndefined();
  });

  it("health tells what is wrong only to operators", async () => {
    expect(JSON.parse((await rawCall(`${deployed.url}/health`)).body.toString())).toEqual({ status: "ok", version: expect.any(String) });
    expect(await (await deployed.api("/health")).json()).toMatchObject({ problems: [], config: { source: "bundled" } });
  });

  it("health counts the calls that were not let in; they leave no trace", async () => {
    const refused = async (): Promise<number> => ((await (await deployed.api("/health")).json()) as { refused_calls: number }).refused_calls;
    const before = await refused();
    expect((await models(deployed, {})).status).toBe(401);
    expect((await models(deployed, bearer("to11_wrong-key-of-the-right-length-0001"))).status).toBe(401);
    expect(await refused()).toBe(before + 2);
  });

  it("signs in with the key, out again, and the cookie is a session of its own", async () => {
    const wrong = await post(deployed, "/api/session", { json: { key: `${ADMIN_KEY}x` } });
    expect(wrong.status).toBe(401);
    const right = await post(deployed, "/api/session", { json: { key: ADMIN_KEY } });
    expect(right.status).toBe(204);
    const [setCookie = ""] = right.headers["set-cookie"] ?? [];
    expect(setCookie).toMatch(/^__Host-to11_session=[0-9a-f]{64}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    const cookie = setCookie.slice(0, setCookie.indexOf(";"));
    const withCookie = (headers: Readonly<Record<string, string>> = {}): Promise<RawResponse> =>
      rawCall(`${deployed.url}/api/config`, { headers: { cookie, ...headers } });
    expect((await withCookie()).status).toBe(200);
    expect((await withCookie({ origin: EVIL })).status).toBe(403);
    expect((await withCookie({ authorization: "Bearer wrong" })).status, "a key that is sent must be right").toBe(401);
    expect((await models(deployed, { cookie })).status, "an operator's session is no caller's key").toBe(401);
    expect((await rawCall(`${deployed.url}/api/session`, { method: "DELETE", headers: { cookie } })).status).toBe(204);
    expect((await withCookie()).status).toBe(401);
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])(
    "a write sent as %s is refused: any page could send it unasked",
    async (type) => {
      const headers = { "content-type": type, "if-match": "*", authorization: `Bearer ${ADMIN_KEY}` };
      expect((await rawCall(`${deployed.url}/api/config`, { method: "PUT", headers, body: "[auth]\nopen = true\n" })).status).toBe(400);
      expect((await models(deployed, {})).status).toBe(401);
    },
  );
});
