import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Simulator, startSimulator, type Step } from "../../src/simulator/index.ts";
import { ADMIN_KEY, type Gateway, GATEWAY_KEY, startGateway } from "../support/gateway.ts";
import { chat, chunk, errorBody, event, JSON_HEADERS, redirectTo, refusing, ROLE, STREAM_HEADERS } from "../support/upstream.ts";

const CHAT = "/v1/chat/completions";

/** A secret that is known again by any third of it. */
function planted(name: string): string {
  return `begin-of-${name}.middle-of-${name}.end-of-${name}`;
}

const STORED = {
  A_API_KEY: planted("bearer"),
  Q_API_KEY: planted("query-key"),
  LENT_API_KEY: planted("lent"),
  HEADER_SECRET: planted("header"),
  QUERY_SECRET: planted("query"),
  TARGET_KEY: planted("target"),
};
const CALLERS_KEY = planted("caller");
const WRONG_KEY = `to11_${planted("unknown-gateway-key").replaceAll(".", "-")}`;
const WRONG_ADMIN_KEY = planted("wrong-admin-key");
const LITERAL = planted("literal-in-a-file");

/** Every planted text, whole and in parts. */
const TRACES_OF_SECRETS = [
  GATEWAY_KEY,
  ADMIN_KEY,
  ...[...Object.values(STORED), CALLERS_KEY, WRONG_KEY, WRONG_ADMIN_KEY, LITERAL].flatMap((secret) =>
    secret.split(/\.|-(?=middle-of|end-of)/),
  ),
];

let upstream: Simulator;
let gateway: Gateway;
/** All that callers were told: a line per answer. */
const told: string[] = [];

function routesToml(): string {
  return `
[auth]
api_keys = ["env::TO11_API_KEY"]
[defaults.provider]
timeout_ms = 150
[providers.a]
base_url = "${upstream.baseUrl("a")}"
models = ["model-a"]
headers = { x-signed = "env::HEADER_SECRET" }
query = { sig = "env::QUERY_SECRET" }
[providers.q]
base_url = "${upstream.baseUrl("q")}"
models = ["model-q"]
auth_type = "query_param"
[providers.lent]
base_url = "${upstream.baseUrl("lent")}"
models = ["lent-model"]
passthrough = "stored"
[providers.gone]
base_url = "http://127.0.0.1:9/v1"
models = ["gone-model"]
credential = "env::A_API_KEY"
[providers.unset]
base_url = "${upstream.baseUrl("unset")}"
models = ["unset-model"]
[targets.first]
model = "model-a"
credential = "env::TARGET_KEY"
[targets.plain]
model = "model-a"
[targets.second]
model = "model-q"
[targets.gone]
model = "gone-model"
[targets.unset]
model = "unset-model"
[routes.chain]
strategy = "fallback"
targets = ["unset", "gone", "first", "second"]
retry = { max_retries = 0 }
[routes.alone]
targets = ["first"]
retry = { max_retries = 1, backoff_base_ms = 1 }
[routes.plain]
targets = ["plain"]
[routes.gone]
targets = ["gone"]
retry = { max_retries = 0 }
[routes.unset]
targets = ["unset"]
`;
}

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  gateway = await startGateway({ toml: routesToml(), bindings: { ...STORED, TO11_DEV: "127.0.0.1" } });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

/** Keeps what an answer said. `own`: its body is the caller's own matter (an upstream's answer to the caller's own key). */
async function hear(name: string, asked: Promise<Response>, body: "kept" | "own" = "kept"): Promise<Response> {
  const response = await asked;
  const text = await response.text();
  expect(text.length + response.status).toBeGreaterThan(0);
  told.push(`${name}: ${response.status} ${JSON.stringify([...response.headers])} ${body === "kept" ? text : ""}`);
  return response;
}

function findings(text: string): readonly string[] {
  return TRACES_OF_SECRETS.filter((secret) => text.includes(secret));
}

/** An upstream that tells in every way which keys it got. */
const ECHOES = (): readonly (readonly [string, Step])[] => {
  const keys = Object.values(STORED).join(" ");
  const refused = [401, 402, 403].map(
    (status) => [`a ${status}`, refusing(status, `Incorrect API key provided: ${keys}`, { "set-cookie": keys })] as const,
  );
  return [
    ...refused,
    ["a 401 in HTML", { status: 401, headers: { "content-type": "text/html" }, body: keys }],
    ["an error in a 200", { headers: JSON_HEADERS, body: errorBody(keys, "invalid_api_key") }],
    ["an error as the first event", { headers: STREAM_HEADERS, body: [ROLE, event({ error: { message: keys, code: 401 } })] }],
    ["a page of HTML", { headers: { "content-type": "text/html", "x-key": keys }, body: `<html>${keys}` }],
    ["JSON that is none", { headers: JSON_HEADERS, body: `{"key":"${keys}",${keys}` }],
    ["a redirect", redirectTo(`https://elsewhere.example.com/?key=${encodeURIComponent(keys)}`)],
    ["a stream without content", { headers: STREAM_HEADERS, body: [`: ${keys}\n\n`, ROLE] }],
    ["garbage", { raw: [`${keys}\r\n\r\n`] }],
    ["a reset", { noAnswer: "reset" }],
    ["silence", { noAnswer: "silence" }],
    ["a cut body", { headers: { ...JSON_HEADERS, "x-key": keys }, body: [`{"a":"${keys}`], ending: "reset" }],
    ["an error without a word of it", refusing(500, "down", { "x-key": keys, "set-cookie": keys })],
  ];
};

describe("no secret is told to anybody but the provider it is for", () => {
  it("successes of every layer", async () => {
    const own = { authorization: `Bearer ${CALLERS_KEY}` };
    for (const stream of [false, true]) {
      for (const model of ["route::chain", "route::alone", "route::plain", "lent-model"]) {
        expect((await hear(model, gateway.post(CHAT, chat(model, { stream })))).status).toBe(200);
      }
      expect((await hear("passthrough", gateway.post(CHAT, chat("a::model-a", { stream }), own))).status).toBe(200);
      expect((await hear("by query", gateway.post(CHAT, chat("q::model-q", { stream }), own))).status).toBe(200);
    }
    const received = JSON.stringify(upstream.calls().map(({ headers, query }) => [headers, [...query]]));
    for (const secret of [...Object.values(STORED).filter((value) => value !== STORED.Q_API_KEY), CALLERS_KEY])
      expect(received).toContain(secret);
    expect(received).not.toContain(GATEWAY_KEY);
  });

  it("every failure of an upstream that echoes what it got", async () => {
    for (const [name, step] of ECHOES()) {
      for (const provider of ["a", "q", "lent"]) upstream.always(provider, step);
      for (const model of ["route::chain", "route::alone", "lent-model"]) {
        const response = await hear(`${name}, ${model}`, gateway.post(CHAT, chat(model, { stream: name.includes("event") })));
        expect(response.status, name).toBeGreaterThanOrEqual(500);
      }
      await hear(name, gateway.post(CHAT, chat("a::model-a"), { authorization: `Bearer ${CALLERS_KEY}` }), "own");
    }
    upstream.reset();
  });

  it("targets that cannot be reached or have no secret", async () => {
    expect((await hear("gone", gateway.post(CHAT, chat("route::gone")))).status).toBe(502);
    expect((await hear("unset", gateway.post(CHAT, chat("route::unset")))).status).toBe(500);
  });

  it("a stream that breaks", async () => {
    upstream.script("a", {
      headers: { ...STREAM_HEADERS, "x-key": STORED.TARGET_KEY },
      body: [ROLE, chunk({ content: "one" })],
      ending: "reset",
    });
    expect((await hear("broken", gateway.post(CHAT, chat("route::alone", { stream: true })))).status).toBe(200);
  });

  it("callers who put their keys where they do not belong", async () => {
    const everywhere = `?key=${CALLERS_KEY}&api_key=${WRONG_KEY}`;
    const json = { "content-type": "application/json" };
    const own = { ...json, authorization: `Bearer ${CALLERS_KEY}` };
    await hear("query", gateway.post(CHAT + everywhere, chat("route::plain")));
    await hear("path", gateway.post(`/v1/nothing${everywhere}`, chat("route::plain")));
    await hear("no path of ours", gateway.fetch(`/nothing${everywhere}`));
    await hear("body", gateway.fetch(CHAT, { method: "POST", headers: own, body: `${CALLERS_KEY} is not JSON` }));
    await hear("in JSON", gateway.fetch(CHAT, { method: "POST", headers: own, body: `{"${CALLERS_KEY}":1,"model":2}` }));
    await hear("metadata", gateway.post(CHAT, chat("route::plain"), { "x-to11-metadata": CALLERS_KEY }));
    await hear("traceparent", gateway.post(CHAT, chat("route::plain"), { traceparent: CALLERS_KEY }));
    await hear("encoding", gateway.post(CHAT, chat("route::plain"), { "content-encoding": "br", authorization: CALLERS_KEY }));
    await hear("unknown model", gateway.post(CHAT, chat("nobody"), own));
    for (const header of ["x-to11-authorization", "authorization", "x-api-key", "api-key"]) {
      const headers = { ...json, [header]: `Bearer ${WRONG_KEY}` };
      const init = { method: "POST", headers, body: JSON.stringify(chat("route::plain")) };
      expect((await hear(header, fetch(gateway.url + CHAT, init))).status).toBe(401);
    }
  });

  it("the control API, whatever is sent to it", async () => {
    const paths = ["traces?limit=200", "config", "config/versions", "providers", "credentials", "projects", "openapi.json", "nothing"];
    for (const path of paths) await hear(path, gateway.api(`/api/${path}`));
    await hear("health", gateway.api("/health"));
    await hear("health for anyone", fetch(`${gateway.url}/health`));
    const wrong = { authorization: `Bearer ${WRONG_ADMIN_KEY}` };
    expect((await hear("wrong admin key", fetch(`${gateway.url}/api/config`, { headers: wrong }))).status).toBe(401);
    const signIn = (key: string): Promise<Response> =>
      fetch(`${gateway.url}/api/session`, { method: "POST", headers: JSON_HEADERS, body: JSON.stringify({ key }) });
    expect((await hear("wrong sign-in", signIn(WRONG_ADMIN_KEY))).status).toBe(401);
    expect((await hear("sign-in", signIn(ADMIN_KEY))).status).toBe(204);
    await hear("odd sign-in", fetch(`${gateway.url}/api/session`, { method: "POST", headers: JSON_HEADERS, body: `{"${ADMIN_KEY}":1}` }));
    await hear(
      "explain",
      gateway.api("/api/explain", { method: "POST", headers: JSON_HEADERS, body: JSON.stringify({ model: "lent-model", path: CHAT }) }),
    );
  });

  it.each([
    ["a literal credential", `[providers.new]\nbase_url = "https://new.example.com"\ncredential = "${LITERAL}"\n`],
    ["a literal header", `[providers.new]\nbase_url = "https://new.example.com"\nheaders = { authorization = "Bearer ${LITERAL}" }\n`],
    ["a literal query", `[providers.new]\nbase_url = "https://new.example.com"\nquery = { key = "${LITERAL}" }\n`],
    ["user info", `[providers.new]\nbase_url = "https://user:${LITERAL}@new.example.com/v1"\n`],
    ["a query in the address", `[providers.new]\nbase_url = "https://new.example.com/v1?key=${LITERAL}"\n`],
    ["a literal gateway key", `[auth]\napi_keys = ["${LITERAL}"]\n`],
    ["a broken line", `[providers.new]\ncredential = ${LITERAL}\n`],
  ])("%s in a published file is refused and not repeated", async (name, toml) => {
    for (const [path, method] of [
      ["/api/config", "PUT"],
      ["/api/config/check", "POST"],
    ] as const) {
      const headers = { "content-type": "application/toml", "if-match": "*" };
      const response = await hear(`${name}, ${path}`, gateway.api(path, { method, headers, body: toml }));
      expect(response.status).toBe(method === "PUT" ? 400 : 200);
    }
  });

  it("is found nowhere: answers, traces, logs, KV, health", async () => {
    const headers = { "content-type": "application/toml", "if-match": "*" };
    const publication = await gateway.api("/api/config", { method: "PUT", headers, body: `${routesToml()}\n# changed\n` });
    expect(publication.status).toBe(200);
    const last = await hear("last", gateway.post(CHAT, chat("route::plain")));
    await gateway.traceOf(last);
    const traces = JSON.stringify(await gateway.traces(60));
    const kv = await gateway.kv();
    const { keys } = await kv.list();
    const stored = await Promise.all(keys.map(async ({ name }) => `${name} ${await kv.get(name)}`));
    expect(keys.length).toBe(2);
    const health = await (await gateway.api("/health")).text();
    const places = { answers: told.filter((line) => findings(line).length > 0), traces: findings(traces), logs: findings(gateway.logs()) };
    expect({ ...places, kv: findings(stored.join("\n")), health: findings(health) }).toEqual({
      answers: [],
      traces: [],
      logs: [],
      kv: [],
      health: [],
    });
  });
});
