import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { ADMIN_KEY, type Gateway, GATEWAY_KEY, startGateway } from "../support/gateway.ts";
import { bearer, errorCodeOf, rawModels, rawPost } from "../support/raw-call.ts";
import { chat } from "../support/upstream.ts";

const TEAM_KEY = "to11_key-of-the-team-project-00000000000000002";
const UNKNOWN_KEY = "to11_key-that-nobody-was-given-00000000000003";
const FORMLESS_KEY = "a-secret-that-is-long-but-no-gateway-key-at-all";

let upstream: Simulator;
/** As deployed: keys, no TO11_DEV. */
let deployed: Gateway;

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  deployed = await startGateway({
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY", "env::FORMLESS_KEY"]
[providers.a]
base_url = "${upstream.baseUrl("a")}"
models = ["model-a"]
[targets.first]
model = "model-a"
[routes.managed]
targets = ["first"]
`,
    bindings: { A_API_KEY: "key-of-a", TEAM_KEY, FORMLESS_KEY },
  });
  await Promise.all(PROJECTS.map(publish));
});
afterAll(async () => {
  await deployed.close();
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

describe("closed unless opened", () => {
  it.each(["no-keys", "empty-keys", "unset-key", "formless-key"])(
    "project %s refuses whoever calls, with every key there is",
    async (id) => {
      for (const key of [GATEWAY_KEY, TEAM_KEY, UNKNOWN_KEY, FORMLESS_KEY, ADMIN_KEY, ""]) {
        const response = await rawModels(deployed.url, { "x-to11-project-id": id, ...bearer(key) });
        expect(response.status, key).toBe(401);
      }
      expect((await rawModels(deployed.url, { "x-to11-project-id": id })).status).toBe(401);
    },
  );

  it("open = true lets anyone in, with any key or none", async () => {
    const project = { "x-to11-project-id": "said-open" };
    for (const headers of [project, { ...project, ...bearer(UNKNOWN_KEY) }])
      expect((await rawModels(deployed.url, headers)).status).toBe(200);
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
    ["the key in a header that is none of the five", { "x-auth-token": GATEWAY_KEY }, "missing_api_key"],
  ])("%s is refused", async (_name, headers, code) => {
    const response = await rawPost(`${deployed.url}/v1/chat/completions`, chat("route::managed"), headers);
    expect(response.status).toBe(401);
    expect(errorCodeOf(response)).toBe(code);
    expect(response.headers["x-to11-error-code"]).toBe(code);
    expect(upstream.calls()).toHaveLength(0);
  });

  it("a refused key is told the same whatever was wrong with it", async () => {
    const refusals = await Promise.all([
      rawModels(deployed.url, bearer(UNKNOWN_KEY)),
      rawModels(deployed.url, bearer(TEAM_KEY)),
      rawModels(deployed.url, bearer(FORMLESS_KEY)),
      rawModels(deployed.url, { ...bearer(GATEWAY_KEY), "x-to11-project-id": "team" }),
      rawModels(deployed.url, { ...bearer(UNKNOWN_KEY), "x-to11-project-id": "nowhere" }),
      rawModels(deployed.url, { ...bearer(UNKNOWN_KEY), "x-to11-project-id": "no-keys" }),
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
    ["x-goog-api-key", GATEWAY_KEY],
  ])("counts in %s (%s) and never reaches the upstream", async (name, value) => {
    const response = await rawPost(`${deployed.url}/v1/chat/completions`, chat("route::managed"), { [name]: value });
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
    expect((await rawPost(`${deployed.url}/v1/chat/completions`, chat("a::model-a"), headers)).status).toBe(200);
    const [call] = upstream.calls();
    expect(call?.headers["authorization"]).toBe("Bearer sk-of-the-caller");
    expect(JSON.stringify(call?.rawHeaders)).not.toContain("to11_");
  });

  it("a key in a provider's header does not stand in for the caller's provider key", async () => {
    const response = await rawPost(`${deployed.url}/v1/chat/completions`, chat("a::model-a"), { "x-api-key": GATEWAY_KEY });
    expect(response.status).toBe(401);
    expect(errorCodeOf(response)).toBe("missing_provider_key");
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
    const team = await rawModels(deployed.url, { ...bearer(TEAM_KEY), "x-to11-project-id": "team" });
    expect(team.status).toBe(200);
    expect(team.body.toString()).toContain("model-of-team");
    const own = await rawModels(deployed.url, bearer(GATEWAY_KEY));
    expect(own.body.toString()).not.toContain("model-of-team");
    expect((await rawModels(deployed.url, { ...bearer(GATEWAY_KEY), "x-to11-project-id": "default" })).body).toEqual(own.body);
  });

  it.each(["nowhere", "No Such Project!", "../default", "x".repeat(300), "%00"])(
    "unknown project %s: 404 with a key, 401 without",
    async (id) => {
      const known = await rawModels(deployed.url, { ...bearer(GATEWAY_KEY), "x-to11-project-id": id });
      expect(known.status).toBe(404);
      expect(errorCodeOf(known)).toBe("unknown_project");
      expect((await rawModels(deployed.url, { "x-to11-project-id": id })).status).toBe(401);
      expect((await rawModels(deployed.url, { ...bearer(TEAM_KEY), "x-to11-project-id": id })).status).toBe(401);
    },
  );
});

it("whoever was kept out left no trace", async () => {
  await rawModels(deployed.url, bearer(UNKNOWN_KEY));
  const last = await deployed.post("/v1/chat/completions", chat("route::managed"));
  await last.text();
  await deployed.traceOf(last);
  const refused = (await deployed.traces(1)).filter(({ status }) => status === 401);
  expect(refused.filter(({ error_code: code }) => code !== "missing_provider_key")).toEqual([]);
});
