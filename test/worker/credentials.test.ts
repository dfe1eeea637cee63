import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Call, type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { ADMIN_KEY, type Gateway, startGateway } from "../support/gateway.ts";
import { answering, chat, event, JSON_HEADERS, refusing, STREAM_HEADERS } from "../support/upstream.ts";

const fixture = (file: string): string => readFileSync(`test/fixtures/${file}`, "utf8");

const CHAT = "/v1/chat/completions";
const MESSAGES = "/v1/messages";

let upstream: Simulator;
let gateway: Gateway;

function routesToml(): string {
  const base = (provider: string): string => `base_url = "${upstream.baseUrl(provider)}"`;
  return `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.openai]
${base("openai")}
models = ["gpt-4o", "covered"]
[providers.own]
${base("own")}
models = ["own-model"]
credential = "env::OWN_KEY"
headers = { x-team = "blue", x-signed = "env::HEADER_SECRET" }
query = { api-version = "2024", sig = "env::QUERY_SECRET" }
[providers.in-header]
${base("in-header")}
models = ["in-header-model"]
auth_type = "api_key_header"
auth_header_name = "X-Custom-Key"
[providers.in-query]
${base("in-query")}
models = ["in-query-model"]
auth_type = "query_param"
auth_header_name = "k"
[providers.keyless]
${base("keyless")}
models = ["keyless-model"]
auth_type = "none"
[providers.azure]
${base("azure")}
models = ["azure-model"]
[providers.anthropic]
${base("anthropic")}
models = ["claude"]
[providers.lent]
${base("lent")}
models = ["lent-model"]
passthrough = "stored"
[providers.unset]
${base("unset")}
models = ["unset-model"]
[providers.unset-header]
${base("unset-header")}
models = ["unset-header-model"]
credential = "env::OWN_KEY"
headers = { x-signed = "env::NOT_SET_HEADER" }
[providers.unsendable]
${base("unsendable")}
models = ["unsendable-model"]
[targets.unsendable]
model = "unsendable-model"
[targets.by-convention]
model = "gpt-4o"
[targets.by-provider]
model = "own-model"
[targets.by-target]
model = "own-model"
credential = "env::TARGET_KEY"
[targets.in-header]
model = "in-header-model"
[targets.in-query]
model = "in-query-model"
[targets.keyless]
model = "keyless-model"
[targets.azure]
model = "azure-model"
[targets.anthropic]
model = "claude"
[targets.unset]
model = "unset-model"
[targets.unset-header]
model = "unset-header-model"
[routes.covering]
models = ["covered"]
targets = ["by-convention"]
[routes.by-convention]
targets = ["by-convention"]
[routes.by-provider]
targets = ["by-provider"]
[routes.by-target]
targets = ["by-target"]
[routes.unset]
targets = ["unset"]
[routes.unset-header]
targets = ["unset-header"]
[routes.unsendable]
targets = ["unsendable"]
[routes.own-first]
strategy = "fallback"
targets = ["by-provider", "by-convention"]
[routes.chain]
strategy = "fallback"
targets = ["unset", "unset-header", "by-convention"]
`;
}

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  gateway = await startGateway({
    toml: routesToml(),
    bindings: {
      OPENAI_API_KEY: "stored-openai",
      OWN_KEY: "stored-own",
      // As `echo` hands it over.
      TARGET_KEY: "stored-target\n",
      UNSENDABLE_API_KEY: "stored\nstored",
      HEADER_SECRET: "stored-header",
      QUERY_SECRET: "stored&query=",
      IN_HEADER_API_KEY: "stored-in-header",
      IN_QUERY_API_KEY: "stored-in-query",
      KEYLESS_API_KEY: "stored-keyless",
      AZURE_API_KEY: "stored-azure",
      ANTHROPIC_API_KEY: "stored-anthropic",
      LENT_API_KEY: "stored-lent",
      LEFT_OVER: "left-over-secret",
    },
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
beforeEach(() => upstream.reset());

/** Where providers take keys. */
const PLACES = ["authorization", "x-api-key", "api-key", "x-goog-api-key", "x-custom-key", "x-signed", "x-team", "anthropic-version"];

/** What `[providers.own]` sends besides its key. */
const SIGNED = { "x-team": "blue", "x-signed": "stored-header", "?api-version": "2024", "?sig": "stored&query=" };

/** What the upstream got that is or may be a credential. */
function sent(call: Call | undefined): Record<string, string> {
  const headers = PLACES.flatMap((name) => (call?.headers[name] === undefined ? [] : [[name, call.headers[name]]]));
  return { ...Object.fromEntries(headers), ...Object.fromEntries([...(call?.query ?? [])].map(([name, value]) => [`?${name}`, value])) };
}

async function errorOf(response: Response): Promise<{ code: string; message: string }> {
  return ((await response.json()) as { error: { code: string; message: string } }).error;
}

describe("a managed route sends its stored credential", () => {
  it.each<[string, string, Record<string, string>]>([
    ["by-convention", CHAT, { authorization: "Bearer stored-openai" }],
    ["by-provider", CHAT, { authorization: "Bearer stored-own", ...SIGNED }],
    ["by-target", CHAT, { authorization: "Bearer stored-target", ...SIGNED }],
    ["in-header", CHAT, { "x-custom-key": "stored-in-header" }],
    ["in-query", CHAT, { "?k": "stored-in-query" }],
    ["keyless", CHAT, {}],
    ["azure", CHAT, { "api-key": "stored-azure" }],
    ["anthropic", MESSAGES, { "x-api-key": "stored-anthropic", "anthropic-version": "2023-06-01" }],
    ["anthropic", CHAT, { "x-api-key": "stored-anthropic", "anthropic-version": "2023-06-01" }],
  ])("%s at %s, and nothing of the caller's", async (route, path, expected) => {
    const callers = { authorization: "Bearer sk-of-the-caller", "x-api-key": "sk-of-the-caller", "api-key": "sk-of-the-caller" };
    const response = await gateway.post(path, chat(`route::${route}`, { max_tokens: 5 }), callers);
    expect(response.status, await response.text()).toBe(200);
    expect(sent(upstream.calls()[0])).toEqual(expected);
  });

  it("the caller's own anthropic-version goes before the standing one", async () => {
    await gateway.post(MESSAGES, chat("route::anthropic", { max_tokens: 5 }), { "anthropic-version": "2024-10-01" });
    expect(upstream.calls()[0]?.headers["anthropic-version"]).toBe("2024-10-01");
  });
});

describe("a secret that is not set", () => {
  it("makes its target fail unsent, and the chain goes on", async () => {
    const response = await gateway.post(CHAT, chat("route::chain"));
    expect(response.status).toBe(200);
    expect(response.headers.get("x-to11-target")).toBe("by-convention");
    expect(upstream.calls()).toHaveLength(1);
    expect((await gateway.traceOf(response)).attempts).toMatchObject([
      { target: "unset", outcome: "unsent", status: null },
      { target: "unset-header", outcome: "unsent", status: null },
      { target: "by-convention", outcome: "answered", status: 200 },
    ]);
  });

  it.each([
    ["unset", "UNSET_API_KEY"],
    ["unset-header", "NOT_SET_HEADER"],
  ])("alone (%s) is a configuration error that names it", async (target, secret) => {
    const response = await gateway.post(CHAT, chat(`route::${target}`));
    expect(response.status).toBe(500);
    const { code, message } = await errorOf(response);
    expect(code).toBe("config_error");
    expect(message).toContain(`the secret ${secret} is not set`);
    expect(upstream.calls()).toHaveLength(0);
    expect(await gateway.traceOf(response)).toMatchObject({
      outcome: "failed",
      error_code: "config_error",
      attempts: [{ outcome: "unsent" }],
    });
  });

  it("is like one that no header can carry", async () => {
    const { code, message } = await errorOf(await gateway.post(CHAT, chat("route::unsendable")));
    expect(code).toBe("config_error");
    expect(message).toContain("the secret UNSENDABLE_API_KEY holds a character that a header cannot carry");
    expect(upstream.calls()).toHaveLength(0);
  });

  it("is told by /api/credentials and /health, by name", async () => {
    const { credentials } = (await (await gateway.api("/api/credentials")).json()) as { credentials: { name: string; set: boolean }[] };
    expect(credentials.filter(({ set }) => !set).map(({ name }) => name)).toEqual(["UNSET_API_KEY", "NOT_SET_HEADER"]);
    const { problems } = (await (await gateway.api("/health")).json()) as { problems: string[] };
    expect(problems.join()).toContain("UNSET_API_KEY is not set");
  });
});

describe("a 400 that is about the stored key", () => {
  it.each(["error-xai-key.json", "error-google-key.json", "error-anthropic-credit.json"])("(%s) goes to the next target", async (file) => {
    upstream.script("own", { status: 400, headers: JSON_HEADERS, body: fixture(file) });
    const response = await gateway.post(CHAT, chat("route::own-first"));
    expect(response.status).toBe(200);
    expect(response.headers.get("x-to11-target")).toBe("by-convention");
    const { attempts } = await gateway.traceOf(response);
    expect(attempts.map(({ target, outcome, status }) => [target, outcome, status])).toEqual([
      ["by-provider", "refused", 400],
      ["by-convention", "answered", 200],
    ]);
  });

  it("is told in the gateway's own words where it was the last, and never tried again", async () => {
    upstream.always("own", { status: 400, headers: JSON_HEADERS, body: fixture("error-xai-key.json") });
    const response = await gateway.post(CHAT, chat("route::by-provider"));
    expect(response.status).toBe(502);
    expect(await errorOf(response)).toMatchObject({
      code: "upstream_auth",
      message: expect.stringContaining("refused the gateway's credential with status 400") as string,
    });
    expect(upstream.calls()).toHaveLength(1);
  });

  it("is one in a stream's first event too", async () => {
    const failure = event({ error: { code: 400, message: "API key not valid. Please pass a valid API key.", status: "INVALID_ARGUMENT" } });
    upstream.script("own", { headers: STREAM_HEADERS, body: failure });
    const response = await gateway.post(CHAT, chat("route::own-first", { stream: true }));
    expect(response.headers.get("x-to11-target")).toBe("by-convention");
    await response.text();
  });

  it("is the caller's own where the key is, as it came", async () => {
    upstream.script("own", { status: 400, headers: JSON_HEADERS, body: fixture("error-xai-key.json") });
    const response = await gateway.post(CHAT, chat("own::own-model"), { authorization: "Bearer sk-caller" });
    expect(response.status).toBe(400);
    expect(await response.text()).toBe(fixture("error-xai-key.json"));
  });
});

describe("a provider that does not serve the region it is called from", () => {
  const REGIONS: readonly [string, number, string][] = [
    [
      "Country, region, or territory not supported",
      403,
      '{"error":{"code":"unsupported_country_region_territory","message":"Country, region, or territory not supported","param":null,"type":"request_forbidden"}}',
    ],
    ["Request not allowed", 403, '{"type":"error","error":{"type":"forbidden","message":"Request not allowed"}}'],
    [
      "User location is not supported for the API use.",
      400,
      '[{"error":{"code":400,"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}}]',
    ],
  ];

  it.each(REGIONS)("(%s) is no refused key: the next target is asked, and the trace has its words", async (said, status, body) => {
    upstream.script("own", { status, headers: JSON_HEADERS, body });
    const response = await gateway.post(CHAT, chat("route::own-first"));
    expect([response.status, response.headers.get("x-to11-target")]).toEqual([200, "by-convention"]);
    expect((await gateway.traceOf(response)).attempts).toMatchObject([
      { target: "by-provider", outcome: "refused", status, said },
      { target: "by-convention" },
    ]);
  });

  it.each(REGIONS)("(%s) is told as it came where nobody is left", async (said, status, body) => {
    upstream.script("own", { status, headers: JSON_HEADERS, body });
    const response = await gateway.post(CHAT, chat("route::by-provider"));
    expect([response.status, await response.text(), response.headers.get("x-to11-error-code")]).toEqual([status, body, "upstream_error"]);
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "failed", attempts: [{ said }] });
  });

  it("an ordinary 403 stays a refused key, and its words out of the trace", async () => {
    upstream.script("own", refusing(403, "You may not use this model"));
    const response = await gateway.post(CHAT, chat("route::by-provider"));
    expect((await errorOf(response)).code).toBe("upstream_auth");
    expect(Object.keys((await gateway.traceOf(response)).attempts[0] ?? {})).not.toContain("said");
  });
});

describe("passthrough sends the caller's own key", () => {
  it.each<[string, string, string, Record<string, string>]>([
    ["openai::gpt-4o", CHAT, "authorization", { authorization: "Bearer sk-caller" }],
    ["openai::gpt-4o", CHAT, "x-api-key", { "x-api-key": "sk-caller" }],
    ["openai::gpt-4o", CHAT, "x-goog-api-key", { "x-goog-api-key": "sk-caller" }],
    ["in-header::x", CHAT, "x-goog-api-key", { "x-custom-key": "sk-caller" }],
    ["in-header::x", CHAT, "authorization", { "x-custom-key": "sk-caller" }],
    ["in-query::x", CHAT, "authorization", { "?k": "sk-caller" }],
    ["azure::x", CHAT, "authorization", { authorization: "Bearer sk-caller" }],
    ["azure::x", CHAT, "api-key", { "api-key": "sk-caller" }],
    ["anthropic::claude", MESSAGES, "authorization", { authorization: "Bearer sk-caller", "anthropic-version": "2023-06-01" }],
    ["anthropic::claude", MESSAGES, "x-api-key", { "x-api-key": "sk-caller", "anthropic-version": "2023-06-01" }],
    ["anthropic::claude", CHAT, "x-api-key", { "x-api-key": "sk-caller", "anthropic-version": "2023-06-01" }],
    ["keyless::x", CHAT, "authorization", {}],
  ])("%s at %s: from %s, in the form it came in, or as only this provider takes it", async (model, path, header, expected) => {
    const value = header === "authorization" ? "Bearer sk-caller" : "sk-caller";
    const response = await gateway.post(path, chat(model, { max_tokens: 5 }), { [header]: value });
    expect(response.status, await response.text()).toBe(200);
    expect(sent(upstream.calls()[0])).toEqual(expected);
    expect(response.headers.get("x-to11-layer")).toBe("passthrough");
  });

  it("what routes.toml says of a parameter wins over the caller's", async () => {
    const response = await gateway.post(`${CHAT}?api-version=2030&beta=true`, chat("own::own-model"), {
      authorization: "Bearer sk-caller",
    });
    expect(response.status, await response.text()).toBe(200);
    expect(sent(upstream.calls()[0])).toEqual({ ...SIGNED, "?beta": "true", authorization: "Bearer sk-caller" });
  });

  it("a subscription's token goes on untouched, and stays nowhere", async () => {
    const token = "sk-ant-oat01-a-subscription's-token";
    const headers = { authorization: `bearer  ${token}`, "anthropic-beta": "oauth-2025-04-20" };
    const response = await gateway.post(MESSAGES, chat("anthropic::claude", { max_tokens: 5 }), headers);
    expect(response.status, await response.text()).toBe(200);
    const [call] = upstream.calls("anthropic");
    expect(call?.headers).toMatchObject(headers);
    expect(call?.headers["x-api-key"]).toBeUndefined();
    expect(JSON.stringify(await gateway.traceOf(response))).not.toContain("oat01");
    expect(gateway.logs()).not.toContain("oat01");
  });

  it.each(["openai::covered", "openai::a-model-that-nobody-listed"])("%s forces it, past the route and the list", async (model) => {
    const response = await gateway.post(CHAT, chat(model), { authorization: "Bearer sk-caller" });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-to11-strategy")).toBe("passthrough");
    const [call] = upstream.calls("openai");
    expect(JSON.parse(call?.body.toString() ?? "")).toMatchObject({ model: model.slice("openai::".length) });
    expect(sent(call)).toEqual({ authorization: "Bearer sk-caller" });
  });

  it("without the prefix the route covers the model", async () => {
    const response = await gateway.post(CHAT, chat("covered"), { authorization: "Bearer sk-caller" });
    expect(response.headers.get("x-to11-route")).toBe("covering");
    expect(sent(upstream.calls()[0])).toEqual({ authorization: "Bearer stored-openai" });
  });

  it.each<[string, string, string]>([
    ["azure::x", CHAT, '"api-key: <your azure key>"'],
    ["openai::x", CHAT, '"authorization: Bearer <your openai key>"'],
    ["anthropic::claude", MESSAGES, '"x-api-key: <your anthropic key>"'],
    ["in-query::x", CHAT, '"authorization: Bearer <your in-query key>"'],
  ])("%s without any is refused, saying which header to set", async (model, path, header) => {
    const response = await gateway.post(path, chat(model));
    expect(response.status).toBe(401);
    const { message } = await errorOf(response);
    expect(response.headers.get("x-to11-error-code")).toBe("missing_provider_key");
    expect(message).toContain(`No route covers "${model.split("::")[1]}" for chat`);
    expect(message).toContain(header);
    expect(upstream.calls()).toHaveLength(0);
  });

  it.each<[string, Record<string, string>]>([
    ["a stored key", { authorization: "Bearer stored-openai" }],
    ["another provider's", { authorization: "Bearer stored-anthropic" }],
    ["a stored key in Basic", { authorization: `Basic ${btoa("me:stored-openai")}` }],
    ["a stored key with more around it", { "x-api-key": "stored-openai," }],
    ["the operator's key", { authorization: `Bearer ${ADMIN_KEY}` }],
    ["a gateway key in Basic", { authorization: `Basic ${btoa(`to11_${"z".repeat(27)}:`)}` }],
    ["a secret that routes.toml does not name", { authorization: "Bearer left-over-secret" }],
  ])("%s is none: it is not sent", async (_what, headers) => {
    const response = await gateway.post(CHAT, chat("openai::gpt-4o"), headers);
    expect(response.status).toBe(401);
    expect((await errorOf(response)).code).toBe("missing_provider_key");
    expect(upstream.calls()).toHaveLength(0);
  });

  it("its 401 is the caller's own, with the body as it came", async () => {
    const refusal = refusing(401, "Incorrect API key provided: sk-caller");
    upstream.script("openai", refusal);
    const response = await gateway.post(CHAT, chat("openai::gpt-4o"), { authorization: "Bearer sk-caller" });
    expect(response.status).toBe(401);
    expect(await response.text()).toBe(refusal.body);
    expect(response.headers.get("x-should-retry")).toBeNull();
  });
});

describe('passthrough = "stored"', () => {
  it("lends the stored key to a listed model whose caller brings none", async () => {
    expect((await gateway.post(CHAT, chat("lent-model"))).status).toBe(200);
    expect((await gateway.post(CHAT, chat("lent::lent-model"))).status).toBe(200);
    expect(upstream.calls().map(sent)).toEqual([{ authorization: "Bearer stored-lent" }, { authorization: "Bearer stored-lent" }]);
  });

  it("not to a model that is not listed", async () => {
    const response = await gateway.post(CHAT, chat("lent::other-model"));
    expect((await errorOf(response)).code).toBe("missing_provider_key");
    expect(upstream.calls()).toHaveLength(0);
  });

  it("the caller's own key goes before it", async () => {
    await gateway.post(CHAT, chat("lent-model"), { authorization: "Bearer sk-caller" });
    expect(sent(upstream.calls()[0])).toEqual({ authorization: "Bearer sk-caller" });
  });

  it("a refusal of the lent key is told in the gateway's words: the upstream's may echo it", async () => {
    upstream.script("lent", refusing(401, "Incorrect API key provided: stored-lent"));
    const response = await gateway.post(CHAT, chat("lent-model"));
    expect(response.status).toBe(502);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ error: { code: "upstream_auth" } });
    expect(text).not.toContain("stored-lent");
  });

  it("the caller's choice of an account does not go with the lent key", async () => {
    upstream.always("lent", answering("ok"));
    await gateway.post(CHAT, chat("lent-model"), { "openai-organization": "org-1" });
    await gateway.post(CHAT, chat("lent-model"), { "openai-organization": "org-1", authorization: "Bearer sk-caller" });
    expect(upstream.calls().map(({ headers }) => headers["openai-organization"])).toEqual([undefined, "org-1"]);
  });
});
