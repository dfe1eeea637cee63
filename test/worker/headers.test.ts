import { gzipSync, zstdDecompressSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { ADMIN_KEY, type Gateway, GATEWAY_KEY, startGateway } from "../support/gateway.ts";
import { rawCall, type RawResponse } from "../support/raw-call.ts";
import { answering, chat, chunk, completion, DONE, encodedJson, FINISH, refusing, ROLE, STREAM_HEADERS } from "../support/upstream.ts";

const CHAT = "/v1/chat/completions";

let upstream: Simulator;
let gateway: Gateway;

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  gateway = await startGateway({
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.a]
base_url = "${upstream.baseUrl("a")}"
models = ["model-a", "modèle 日本"]
headers = { x-team = "blue", accept = "application/json" }
[targets.first]
model = "model-a"
[routes.managed]
targets = ["first"]
retry = { max_retries = 0 }
[functions.foreign]
models = ["modèle 日本"]
`,
    bindings: { A_API_KEY: "key-of-a", LEFT_OVER: "unnamed-secret" },
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

/** A call with these headers and no others but its key and content type. */
function call(model: string, headers: Readonly<Record<string, string>> = {}, query = ""): Promise<RawResponse> {
  const own = { "x-to11-authorization": `Bearer ${GATEWAY_KEY}`, "content-type": "application/json" };
  return rawCall(gateway.url + CHAT + query, { method: "POST", headers: { ...own, ...headers }, body: JSON.stringify(chat(model)) });
}

/** What a caller may send along. */
const ALLOWED = {
  "anthropic-version": "2024-10-01",
  "anthropic-beta": "tools-1",
  "openai-beta": "assistants=v2",
  "idempotency-key": "again-1",
  "user-agent": "client/1 (of somebody)",
};
const ACCOUNTS = { "openai-organization": "org-1", "openai-project": "proj-1" };
const FORBIDDEN = {
  cookie: "session=1",
  "x-to11-user-id": "u-1",
  "x-to11-odd-beta": "1",
  "x-forwarded-for": "192.0.2.1",
  "x-forwarded-host": "gateway.example.com",
  "x-forwarded-beta": "1",
  "cf-connecting-ip": "192.0.2.1",
  "cf-beta": "1",
  "x-real-ip": "192.0.2.1",
  forwarded: "for=192.0.2.1",
  via: "1.1 somebody",
  origin: "https://app.example.com",
  referer: "https://app.example.com/chat",
  "accept-language": "de",
  "x-team": "red",
  "x-anything": "1",
  "proxy-authorization": "Basic eDp5",
  "x-should-retry": "true",
};
/** What every call carries: the key, what routes.toml sets, and the runtime's own (`cf-worker` names the Worker). */
const STANDING = ["accept", "authorization", "cf-worker", "content-length", "content-type", "host", "traceparent", "x-team"];

describe("what goes upstream", () => {
  it("of a managed call: the allowed headers and no other", async () => {
    expect((await call("route::managed", { ...ALLOWED, ...ACCOUNTS, ...FORBIDDEN, authorization: "Bearer sk-caller" })).status).toBe(200);
    const [sent] = upstream.calls();
    expect(Object.keys(sent?.headers ?? {}).toSorted()).toEqual([...STANDING, ...Object.keys(ALLOWED)].toSorted());
    expect(sent?.headers).toMatchObject({ ...ALLOWED, authorization: "Bearer key-of-a", "x-team": "blue", accept: "application/json" });
  });

  it("of a passthrough call: those of the caller's account too", async () => {
    expect((await call("a::model-a", { ...ALLOWED, ...ACCOUNTS, ...FORBIDDEN, authorization: "Bearer sk-caller" })).status).toBe(200);
    const [sent] = upstream.calls();
    expect(Object.keys(sent?.headers ?? {}).toSorted()).toEqual(
      [...STANDING, ...Object.keys(ALLOWED), ...Object.keys(ACCOUNTS)].toSorted(),
    );
    expect(sent?.headers).toMatchObject({ ...ALLOWED, ...ACCOUNTS, authorization: "Bearer sk-caller" });
  });

  it("no value that bears a gateway key, known or not", async () => {
    const strange = `to11_${"z".repeat(27)}`;
    const headers = {
      "idempotency-key": `x ${strange} y`,
      "user-agent": `client/1 ${strange}`,
      "anthropic-beta": GATEWAY_KEY,
      "anthropic-version": `Bearer ${strange}`,
      tracestate: `a=${strange}`,
      "openai-organization": strange,
      authorization: "Bearer sk-caller",
    };
    expect((await call("a::model-a", headers)).status).toBe(200);
    expect(Object.keys(upstream.calls()[0]?.headers ?? {}).toSorted()).toEqual(STANDING);
    expect(JSON.stringify(upstream.calls()[0]?.rawHeaders)).not.toContain("to11_");
  });

  it.each([
    ["application/json; charset=utf-8", "application/json; charset=utf-8"],
    ["application/vnd.api+json", "application/vnd.api+json"],
    ["text/plain;charset=UTF-8", "application/json"],
    ["application/x-www-form-urlencoded", "application/json"],
    ["text/json", "application/json"],
    ["nonsense", "application/json"],
    ["", "application/json"],
  ])("content type %j of a JSON body as %j: the upstream reads what was routed", async (type, expected) => {
    for (const [model, more] of [["route::managed", {}], ["a::model-a", { authorization: "Bearer sk-caller" }]] as const) expect((await call(model, { ...more, "content-type": type })).status).toBe(200); // prettier-ignore
    expect(upstream.calls().map(({ headers }) => headers["content-type"])).toEqual([expected, expected]);
  });

  it("none at all of a JSON body, too", async () => {
    const headers = { "x-to11-authorization": `Bearer ${GATEWAY_KEY}` };
    const response = await rawCall(gateway.url + CHAT, { method: "POST", headers, body: JSON.stringify(chat("route::managed")) });
    expect([response.status, upstream.calls()[0]?.headers["content-type"]]).toEqual([200, "application/json"]);
  });

  it.each([
    ["is a secret", "key-of-a"],
    ["holds a secret", "again: key-of-a!"],
    ["holds a secret in Basic", `Basic ${btoa("me:key-of-a")}`],
    ["is a secret that routes.toml does not name", "unnamed-secret"],
    ["is such a secret in Basic", `Basic ${btoa("me:unnamed-secret")}`],
    ["is a gateway key in Basic", `Basic ${btoa(`to11_${"z".repeat(27)}:`)}`],
    ["is the admin key", ADMIN_KEY],
  ])("no value that %s", async (_what, value) => {
    const headers = { "idempotency-key": value, "openai-beta": value, "openai-organization": value, authorization: "Bearer sk-caller" };
    expect((await call("a::model-a", headers)).status).toBe(200);
    expect(Object.keys(upstream.calls()[0]?.headers ?? {}).toSorted()).toEqual(STANDING);
    expect(upstream.calls()[0]?.headers["authorization"]).toBe("Bearer sk-caller");
  });

  it.each([
    ["?beta=true", [["beta", "true"]]],
    [
      "?api-version=2024-10-01-preview&beta=1",
      [
        ["beta", "1"],
        ["api-version", "2024-10-01-preview"],
      ],
    ],
    ["?key=AIza-caller&model=x&access_token=y", []],
    [`?beta=${GATEWAY_KEY}&api-version=key-of-a`, []],
    ["?beta=a%20b%26c&api-version=", []],
  ])("of the query string %s what the dialects' clients mean by it, and no key", async (query, expected) => {
    for (const model of ["route::managed", "a::model-a"]) {
      expect((await call(model, { authorization: "Bearer sk-caller" }, query)).status).toBe(200);
    }
    expect(upstream.calls().map((each) => [...each.query])).toEqual([expected, expected]);
  });

  it("nothing of a query string is kept", async () => {
    await call("route::managed", { "x-to11-session-id": "queried" }, "?beta=true&key=AIza-caller");
    const trace = await gateway.traceOfSession("queried");
    expect([trace.path, JSON.stringify(trace).includes("AIza")]).toEqual([CHAT, false]);
  });
});

/** Whatever else an upstream may send. */
const UPSTREAM_HEADERS = {
  "x-ratelimit-remaining-requests": "59",
  "anthropic-ratelimit-tokens-reset": "2026-11-20T12:00:00Z",
  "ratelimit-limit": "60",
  "retry-after": "3",
  "retry-after-ms": "2900",
  "x-request-id": "req-1",
  "request-id": "req-2",
  "openai-processing-ms": "12",
  "openai-version": "2020-10-01",
};
const UPSTREAM_ACCOUNTS = {
  "openai-organization": "org-of-ours",
  "openai-project": "proj-of-ours",
  "anthropic-organization-id": "anthropic-ours",
};
const DROPPED = {
  "set-cookie": "__cf_bm=1; Path=/",
  server: "nginx",
  "keep-alive": "timeout=5",
  "proxy-authenticate": "Basic",
  upgrade: "h2c",
  "strict-transport-security": "max-age=1",
  "access-control-allow-origin": "*",
  "content-security-policy": "default-src *",
  "x-should-retry": "true",
  "x-to11-target": "faked",
  "x-to11-error-code": "faked",
  "x-to11-request-id": "faked",
  "x-gateway-variant": "faked",
  "cache-control": "public, max-age=60",
  etag: '"1"',
  link: "<https://evil.example.com>; rel=preload",
  "x-anything": "1",
};
/** What every answer of the gateway carries. */
const OWN = [
  "cache-control",
  "content-security-policy",
  "content-type",
  "traceparent",
  "x-content-type-options",
  "x-to11-attempts",
  "x-to11-config",
  "x-to11-layer",
  "x-to11-request-id",
  "x-to11-strategy",
  "x-to11-target",
  "x-to11-upstream-provider",
];

/** What keeps a browser from making a page of an answer. */
const INERT = { "x-content-type-options": "nosniff", "content-security-policy": "sandbox" };

function namesOf(response: RawResponse): readonly string[] {
  return Object.keys(response.headers)
    .filter((name) => !["connection", "content-length", "date", "transfer-encoding"].includes(name))
    .toSorted();
}

describe("what comes back", () => {
  it("on a managed route: rate limits, request ids, the gateway's own words", async () => {
    upstream.always("a", answering("ok", { ...UPSTREAM_HEADERS, ...UPSTREAM_ACCOUNTS, ...DROPPED }));
    const response = await call("route::managed");
    expect(namesOf(response)).toEqual([...OWN, "x-to11-route", ...Object.keys(UPSTREAM_HEADERS)].toSorted());
    expect(response.headers).toMatchObject({
      ...UPSTREAM_HEADERS,
      "content-type": "application/json",
      "cache-control": "no-store",
      ...INERT,
      "x-to11-layer": "route",
      "x-to11-route": "managed",
      "x-to11-strategy": "single",
      "x-to11-target": "first",
      "x-to11-upstream-provider": "a",
      "x-to11-attempts": "1",
      "x-to11-config": expect.stringMatching(/^[0-9a-f]{8}$/) as string,
    });
    expect(response.headers["x-to11-request-id"]).not.toBe("faked");
  });

  it("on passthrough: the caller's own account too", async () => {
    upstream.always("a", answering("ok", { ...UPSTREAM_HEADERS, ...UPSTREAM_ACCOUNTS, ...DROPPED }));
    const response = await call("a::model-a", { authorization: "Bearer sk-caller" });
    expect(namesOf(response)).toEqual([...OWN, ...Object.keys(UPSTREAM_HEADERS), ...Object.keys(UPSTREAM_ACCOUNTS)].toSorted());
    expect(response.headers).toMatchObject(UPSTREAM_ACCOUNTS);
  });

  it("with an upstream's error: the same, and what the gateway says of it", async () => {
    upstream.always("a", refusing(429, "slow", { ...UPSTREAM_HEADERS, ...UPSTREAM_ACCOUNTS, ...DROPPED }));
    const response = await call("route::managed");
    expect(response.status).toBe(429);
    const also = ["x-to11-route", "x-to11-error-code", "x-should-retry"];
    expect(namesOf(response)).toEqual([...OWN, ...also, ...Object.keys(UPSTREAM_HEADERS)].toSorted());
    expect(response.headers).toMatchObject({ "x-to11-error-code": "upstream_error", "x-should-retry": "false", "retry-after": "3" });
  });

  it.each(["text/html", "TEXT/HTML; charset=utf-8", "application/xhtml+xml", "image/svg+xml", "text/xml", "text/javascript"])(
    "an upstream's error in %s is shown as plain text, in a sandbox",
    async (type) => {
      const page = "<script>alert(1)</script>";
      upstream.always("a", { status: 503, headers: { "content-type": type }, body: page });
      const response = await call("route::managed");
      expect(response.status).toBe(503);
      expect(response.headers).toMatchObject({ "content-type": "text/plain; charset=utf-8", ...INERT });
      expect(response.body.toString()).toBe(page);
    },
  );

  it("an answer without a type is JSON where that is what it is, else bytes; one with a type of its own keeps it", async () => {
    upstream.always("a", { body: completion("ok") });
    expect((await call("route::managed")).headers["content-type"]).toBe("application/json");
    upstream.always("a", { ...refusing(503, "down"), headers: {} });
    expect((await call("route::managed")).headers["content-type"]).toBe("application/octet-stream");
    upstream.always("a", { ...refusing(503, "down"), headers: { "content-type": "application/problem+json" } });
    expect((await call("route::managed")).headers["content-type"]).toBe("application/problem+json");
  });

  it.each<[string, string, Readonly<Record<string, string>>, number]>([
    ["the list of models", "/v1/models", {}, 200],
    ["a model that is not there", "/v1/models/none", {}, 404],
    ["a call without a key", "/v1/models", { "x-to11-authorization": "" }, 401],
    ["another path", "/v1/nothing", {}, 404],
    ["another method", CHAT, {}, 405],
  ])("%s is in the sandbox, too", async (_name, path, headers, status) => {
    const response = await rawCall(gateway.url + path, { headers: { "x-to11-authorization": `Bearer ${GATEWAY_KEY}`, ...headers } });
    expect(response.status).toBe(status);
    expect(response.headers).toMatchObject(INERT);
  });

  it("a refusal of the gateway's own carries its request id and code", async () => {
    const response = await call("nobody-knows-this");
    expect(response.headers).toMatchObject({
      "content-type": "application/json",
      ...INERT,
      "x-to11-error-code": "unknown_model",
      "x-to11-request-id": expect.stringMatching(/./) as string,
    });
  });

  it.each([
    ["function::foreign", "mod%C3%A8le %E6%97%A5%E6%9C%AC"],
    ["a::日本🙂", "%E6%97%A5%E6%9C%AC%F0%9F%99%82"],
    ["a::x\r\nset-cookie: a=b", "x%0D%0Aset-cookie: a=b"],
    ["a::\ud800x", "%EF%BF%BDx"],
    ["a::\u0000\u007f", "%00%7F"],
  ])("names of any characters are percent-encoded: %j", async (model, expected) => {
    const response = await call(model, { authorization: "Bearer sk-caller" });
    expect(response.status).toBe(200);
    expect(response.headers["x-to11-target"]).toBe(expected);
    expect(response.headers["set-cookie"]).toBeUndefined();
  });
});

describe("compressed answers", () => {
  const VALUE = JSON.parse(completion("squeezed")) as unknown;

  it.each(["gzip", "br"] as const)("%s reaches the caller decoded, and says so by saying nothing", async (encoding) => {
    upstream.always("a", encodedJson(encoding, VALUE));
    const response = await call("route::managed", { "accept-encoding": "gzip, br, zstd" });
    expect(response.headers["content-encoding"]).toBeUndefined();
    expect(JSON.parse(response.body.toString())).toEqual(VALUE);
  });

  it("a gzip stream too", async () => {
    const events = [ROLE, chunk({ content: "squeezed" }), FINISH, DONE].join("");
    upstream.always("a", { headers: { ...STREAM_HEADERS, "content-encoding": "gzip" }, body: gzipSync(events) });
    const response = await gateway.post(CHAT, chat("route::managed", { stream: true }));
    expect(await response.text()).toBe(events);
  });

  it("zstd, which the runtime does not know, is passed on with its header", async () => {
    const step = encodedJson("zstd", VALUE);
    upstream.always("a", step);
    const response = await call("route::managed");
    expect(response.headers["content-encoding"]).toBe("zstd");
    expect(response.body.equals(Buffer.from(step.body as Uint8Array))).toBe(true);
    expect(JSON.parse(zstdDecompressSync(response.body).toString())).toEqual(VALUE);
  });

  it.each<[string, number]>([
    ["the caller's fault", 400],
    ["the last failure", 503],
  ])("an error in zstd (%s) is told in the gateway's words: nobody can see whether it repeats a key", async (_name, status) => {
    upstream.always("a", { ...encodedJson("zstd", { error: { message: "squeezed" } }), status });
    const response = await call("route::managed");
    expect(response.status).toBe(status);
    expect(response.headers["content-encoding"]).toBeUndefined();
    expect(response.headers["content-type"]).toBe("application/json");
    const message = `The upstream answered with status ${status}, in an encoding that the gateway cannot read.`;
    expect(JSON.parse(response.body.toString())).toEqual({ error: { message, type: "upstream_error", param: null, code: null } });
  });

  it("an error in gzip is decoded", async () => {
    upstream.always("a", { ...encodedJson("gzip", { error: { message: "squeezed" } }), status: 400 });
    const response = await call("route::managed");
    expect(response.headers["content-encoding"]).toBeUndefined();
    expect(JSON.parse(response.body.toString())).toEqual({ error: { message: "squeezed" } });
  });
});
