import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from "vitest";
import { type Call, type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { ADMIN_KEY, type Gateway, GATEWAY_KEY, startGateway } from "../support/gateway.ts";
import { bearer, rawCall } from "../support/raw-call.ts";
import { encodedJson, errorBody, jsonAnswer, redirectTo, refusing } from "../support/upstream.ts";

let upstream: Simulator;
let gateway: Gateway;

const OWN = { authorization: "Bearer sk-caller" };

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  gateway = await startGateway({
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY"]
cors_origins = ["https://app.example.com"]
[providers.openai]
base_url = "${upstream.baseUrl("openai")}"
models = ["gpt"]
forward_headers = ["x-team", "X-Region"]
[providers.anthropic]
base_url = "${upstream.baseUrl("anthropic")}"
passthrough = "stored"
headers = { x-team = "blue" }
query = { api-version = "2024" }
[providers.local]
base_url = "${upstream.url}/local/v1"
auth_type = "none"
[providers.vllm]
base_url = "${upstream.url}/vllm/v1"
[providers.gemini]
base_url = "${upstream.url}/gemini/v1beta"
auth_type = "api_key_header"
auth_header_name = "x-goog-api-key"
passthrough = "stored"
[providers.in-query]
base_url = "${upstream.url}/in-query/v1"
auth_type = "query_param"
passthrough = "stored"
[targets.gpt]
model = "gpt"
[routes.managed]
targets = ["gpt"]
`,
    bindings: {
      OPENAI_API_KEY: "stored-openai",
      ANTHROPIC_API_KEY: "stored-anthropic",
      GEMINI_API_KEY: "stored-gemini",
      IN_QUERY_API_KEY: "stored-in-query",
    },
  });
});
afterAll(async () => {
  await gateway?.close();
  await upstream?.close();
});
beforeEach(() => {
  upstream.reset();
  for (const id of ["openai", "anthropic", "local", "vllm", "gemini", "in-query"]) upstream.always(id, jsonAnswer({ by: id }));
});

function call(method: string, path: string, more: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
  return gateway.fetch(path, { method, ...more });
}

function lastCall(): Call {
  const last = upstream.calls().at(-1);
  if (last === undefined) throw new Error("nobody was called");
  return last;
}

async function codeOf(response: Response): Promise<readonly [number, unknown]> {
  const { error } = (await response.json()) as { error: { code?: unknown } };
  return [response.status, error.code ?? response.headers.get("x-to11-error-code")];
}

describe("a provider's own API", () => {
  test.each(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])(
    "is called with %s as the caller would have called it",
    async (method) => {
      const body = method === "GET" ? {} : { body: "the body" };
      const headers = {
        ...OWN,
        "content-type": "text/x-odd",
        range: "bytes=0-9",
        "user-agent": "client/1",
        cookie: "a=b",
        "x-team": "red",
      };
      const response = await call(method, "/providers/openai/files/f%2F1?limit=2&order=a%20b&x[]=1", { headers, ...body });
      expect([response.status, await response.json()]).toEqual([200, { by: "openai" }]);
      const sent = lastCall();
      expect([sent.method, sent.path, sent.body.toString()]).toEqual([method, "/v1/files/f%2F1", method === "GET" ? "" : "the body"]);
      expect([...sent.query]).toEqual([["limit", "2"], ["order", "a b"], ["x[]", "1"]]); // prettier-ignore
      expect(sent.headers).toMatchObject({
        ...OWN,
        "content-type": "text/x-odd",
        range: "bytes=0-9",
        "user-agent": "client/1",
        "x-team": "red",
      });
      expect(Object.keys(sent.headers).filter((name) => name === "cookie" || name.startsWith("x-to11"))).toEqual([]);
      expect(await gateway.traceOf(response)).toMatchObject({
        endpoint: null,
        path: "/providers/openai/files/f/1",
        layer: "passthrough",
        strategy: "passthrough",
        provider: "openai",
        target: "openai",
        requested_model: null,
        upstream_model: null,
        status: 200,
        outcome: "complete",
        request_bytes: method === "GET" ? 0 : 8,
        response_bytes: 15,
        api_key: "TO11_API_KEY",
        attempts: [{ target: "openai", provider: "openai", status: 200, outcome: "answered" }],
      });
    },
  );

  it("answers HEAD and 204 without a body", async () => {
    const head = await call("HEAD", "/providers/openai/files/1", { headers: OWN });
    expect([head.status, await head.text(), lastCall().method]).toEqual([200, "", "HEAD"]);
    upstream.script("openai", { status: 204 });
    const gone = await call("DELETE", "/providers/openai/files/1", { headers: OWN });
    expect([gone.status, await gone.text()]).toEqual([204, ""]);
    expect(await gateway.traceOf(gone)).toMatchObject({ status: 204, outcome: "complete", response_bytes: 0 });
  });

  it.each([
    ["/providers/openai/v1/files", "/v1/files"],
    ["/providers/openai/files", "/v1/files"],
    ["/providers/gemini/v1beta/models/gemini-pro:generateContent", "/v1beta/models/gemini-pro:generateContent"],
    ["/providers/gemini/models/gemini-pro:generateContent", "/v1beta/models/gemini-pro:generateContent"],
    ["/providers/openai/v1x/files", "/v1/v1x/files"],
  ])("%s is %s there: clients that add the version to each path need not know", async (path, expected) => {
    expect((await call("GET", path, { headers: OWN })).status).toBe(200);
    expect(lastCall().path).toBe(expected);
  });

  it.each([
    ["anthropic", "/files", { "x-api-key": "stored-anthropic", "anthropic-version": "2023-06-01", "x-team": "blue" }],
    ["gemini", "/models", { "x-goog-api-key": "stored-gemini" }],
    ["local", "/files", {}],
  ])("of %s is called with the key and settings that routes.toml lends", async (id, path, headers) => {
    expect((await call("GET", `/providers/${id}${path}`)).status).toBe(200);
    expect(lastCall().headers).toMatchObject(headers);
    expect(lastCall().headers["authorization"]).toBeUndefined();
  });

  it("takes a lent key in the query string, where the caller's of that name gives way", async () => {
    expect((await call("GET", "/providers/in-query/files?key=mine&a=1")).status).toBe(200);
    expect([...lastCall().query]).toEqual([["key", "stored-in-query"], ["a", "1"]]); // prettier-ignore
  });

  it("is called with the caller's own key where there is one, in the form it came in", async () => {
    expect((await call("GET", "/providers/anthropic/files?api-version=1&b=2", { headers: OWN })).status).toBe(200);
    expect(lastCall().headers).toMatchObject(OWN);
    expect(lastCall().headers["x-api-key"]).toBeUndefined();
    expect([...lastCall().query]).toEqual([["api-version", "2024"], ["b", "2"]]); // prettier-ignore
  });

  it.each([
    ["without a key of the caller's", "/providers/openai/files", {}, [401, "missing_provider_key"]],
    [
      "with the gateway's own secret for one",
      "/providers/openai/files",
      { authorization: `Bearer ${ADMIN_KEY}` },
      [401, "missing_provider_key"],
    ],
    ["of nobody", "/providers/opanai/files", OWN, [404, "unknown_path"]],
    ["with labels that are none", "/providers/openai/files", { ...OWN, "x-to11-metadata": "no" }, [400, "invalid_request"]],
  ])("%s is refused, and nobody called", async (_what, path, headers, expected) => {
    const response = await call("GET", path, { headers });
    expect(await codeOf(response)).toEqual(expected);
    expect(upstream.calls()).toEqual([]);
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "rejected", status: expected[0] });
  });

  it("is nobody's without a gateway key", async () => {
    const response = await fetch(`${gateway.url}/providers/anthropic/files`);
    expect(await codeOf(response)).toEqual([401, "missing_api_key"]);
    expect(upstream.calls()).toEqual([]);
  });

  it("may be called by pages of cors_origins, with all its methods", async () => {
    const headers = { origin: "https://app.example.com", "access-control-request-method": "DELETE" };
    const response = await fetch(`${gateway.url}/providers/openai/files/1`, { method: "OPTIONS", headers });
    expect([response.status, response.headers.get("access-control-allow-methods")]).toEqual([204, "GET,POST,PUT,PATCH,DELETE"]);
  });
});

describe("a call stays where routes.toml sends it", () => {
  it.each([
    "/providers/openai/%2e%2e%2fadmin",
    "/providers/openai/files/..%2f..%2f..%2fadmin",
    "/providers/openai/files/%252e%252e/%252e%252e/admin",
    "/providers/openai/files/..%5c..%5cadmin",
    "/providers/openai/files/..;/..;/admin",
    "/providers/openai/files/%c0%ae%c0%ae/admin",
    "/providers/openai/files/a%00b",
    "/providers/openai/%25252525252525252e%2525252525252e",
    "/v1/files/..%2f..%2fadmin",
  ])("%s is refused", async (path) => {
    const response = await rawCall(gateway.url + path, { headers: { ...bearer(GATEWAY_KEY), ...OWN, "x-to11-provider": "openai" } });
    expect([response.status, response.headers["x-to11-error-code"]]).toEqual([400, "invalid_request"]);
    expect(upstream.calls()).toEqual([]);
  });

  it.each(["/providers/openai/files/../../../admin", "/providers/openai/%2e%2e/%2e%2e/admin", "/providers/../admin"])(
    "%s is another address before anybody looks at it",
    async (path) => {
      const response = await rawCall(gateway.url + path, { headers: { ...bearer(GATEWAY_KEY), ...OWN } });
      expect(response.status).toBe(404);
      expect(upstream.calls()).toEqual([]);
    },
  );

  it.each(["//evil.example/x", "/@evil.example/x", "/https://evil.example/x", "/.evil.example"])(
    "%s behind a provider is a path of its",
    async (path) => {
      const response = await rawCall(`${gateway.url}/providers/openai${path}`, { headers: { ...bearer(GATEWAY_KEY), ...OWN } });
      expect(response.status).toBe(200);
      expect(lastCall().path).toBe(`/v1${path}`);
    },
  );

  it("a redirect is not followed, and not handed on", async () => {
    upstream.script("openai", redirectTo(`${upstream.url}/anthropic/v1/files`));
    const response = await call("GET", "/providers/openai/files", { headers: OWN, redirect: "manual" });
    expect([response.headers.get("location"), ...(await codeOf(response))]).toEqual([null, 502, "upstream_invalid_response"]);
    expect(upstream.calls()).toHaveLength(1);
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "failed", attempts: [{ outcome: "invalid", status: 307 }] });
  });

  it("no secret of the gateway's goes on in a header, query string or answer", async () => {
    const path = `/providers/openai/files?a=stored-openai&${GATEWAY_KEY}=b&c=${encodeURIComponent(GATEWAY_KEY)}&d=%73tored-anthropic&e=5`;
    const headers = { ...OWN, "x-team": `Bearer ${GATEWAY_KEY}`, range: "stored-openai", "x-region": "eu" };
    upstream.script("openai", { status: 400, headers: { "content-type": "application/json" }, body: errorBody("you sent stored-openai") });
    const response = await call("GET", path, { headers });
    const { query, headers: sent } = lastCall();
    expect([[...query], sent["x-team"], sent["range"], sent["x-region"]]).toEqual([[["e", "5"]], undefined, undefined, "eu"]);
    expect([response.status, await response.text()]).toEqual([400, errorBody("you sent [redacted]")]);
    expect(response.headers.get("x-to11-error-code")).toBe("upstream_error");
    const trace = await gateway.traceOf(response);
    expect(trace).toMatchObject({ outcome: "failed", status: 400, error_code: "upstream_error" });
    expect(JSON.stringify(trace)).not.toContain("stored-");
  });

  it("a refusal of the lent key is told in the gateway's own words; of the caller's as it came", async () => {
    upstream.always("anthropic", refusing(401, "invalid x-api-key stored-an…"));
    expect(await codeOf(await call("GET", "/providers/anthropic/files"))).toEqual([502, "upstream_auth"]);
    const own = await call("GET", "/providers/anthropic/files", { headers: OWN });
    expect([own.status, await own.text()]).toEqual([401, errorBody("invalid x-api-key stored-an…")]);
  });

  it("an answer is in the sandbox, with the headers that files need and none of the upstream's site", async () => {
    const headers = {
      "content-type": "text/html",
      "content-disposition": 'attachment; filename="a.jsonl"',
      etag: '"1"',
      "set-cookie": "a=b",
      "openai-organization": "org-1",
      "access-control-allow-origin": "*",
      "x-request-id": "req-1",
    };
    upstream.script("openai", { headers, body: "<script>1</script>" });
    const response = await call("GET", "/providers/openai/files/1/content", { headers: OWN });
    expect(await response.text()).toBe("<script>1</script>");
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/plain; charset=utf-8",
      "content-security-policy": "sandbox",
      "x-content-type-options": "nosniff",
      "content-disposition": 'attachment; filename="a.jsonl"',
      etag: '"1"',
      "openai-organization": "org-1",
      "x-request-id": "req-1",
      "x-to11-upstream-provider": "openai",
      "x-to11-layer": "passthrough",
    });
    for (const name of ["set-cookie", "access-control-allow-origin"]) expect(response.headers.get(name), name).toBeNull();
  });

  it("what the runtime cannot decode keeps its encoding", async () => {
    upstream.script("openai", encodedJson("zstd", { a: 1 }));
    const response = await rawCall(`${gateway.url}/providers/openai/files`, { headers: { ...bearer(GATEWAY_KEY), ...OWN } });
    expect([response.status, response.headers["content-encoding"]]).toEqual([200, "zstd"]);
  });
});

describe("a path of /v1 that names no model", () => {
  it.each([
    ["/v1/moderations", {}, "openai", "/v1/moderations"],
    ["/v1/batches/b1/cancel", {}, "openai", "/v1/batches/b1/cancel"],
    ["/v1/fine_tuning/jobs", {}, "openai", "/v1/fine_tuning/jobs"],
    ["/v1/rerank", {}, "vllm", "/v1/rerank"],
    ["/v1/messages/batches", {}, "anthropic", "/v1/messages/batches"],
    ["/v1/files", { "x-to11-provider": "anthropic" }, "anthropic", "/v1/files"],
    ["/v1/responses/resp_1", { "x-to11-provider": "openai" }, "openai", "/v1/responses/resp_1"],
    ["/v1/responses/compact", { "x-to11-provider": "openai" }, "openai", "/v1/responses/compact"],
    ["/v1/anything/at/all", { "x-to11-provider": "local" }, "local", "/v1/anything/at/all"],
  ])("%s with %j goes to %s", async (path, headers, id, expected) => {
    const response = await call("POST", path, { headers: { ...OWN, ...headers }, body: "{}" });
    expect([response.status, await response.json()]).toEqual([200, { by: id }]);
    expect(lastCall().path).toBe(expected);
    expect(await gateway.traceOf(response)).toMatchObject({ path, endpoint: null, provider: id, layer: "passthrough" });
  });

  it.each([
    [
      "/v1/files",
      {},
      400,
      "openai, anthropic may all have /v1/files: say which is meant in x-to11-provider (one of openai, anthropic, local, vllm, gemini, in-query).",
    ],
    [
      "/v1/responses/resp_1",
      {},
      400,
      "openai, vllm may all have /v1/responses/resp_1: say which is meant in x-to11-provider (one of openai, anthropic, local, vllm, gemini, in-query).",
    ],
    [
      "/v1/fine-tunes",
      {},
      400,
      "None of the providers is known to have /v1/fine-tunes: say which is meant in x-to11-provider (one of openai, anthropic, local, vllm, gemini, in-query).",
    ],
    ["/v1/files", { "x-to11-provider": "opena" }, 400, 'There is no provider "opena": did you mean "openai"?'],
  ])("%s with %j is nobody's: %d", async (path, headers, status, message) => {
    const response = await call("POST", path, { headers: { ...OWN, ...headers }, body: "{}" });
    expect([response.status, await response.json()]).toEqual([
      status,
      { error: { message, type: "invalid_request_error", param: "x-to11-provider", code: "invalid_request" } },
    ]);
    expect(upstream.calls()).toEqual([]);
  });

  it("an endpoint's call goes by its model, whatever provider the header names", async () => {
    upstream.always("openai", "normal");
    const body = { model: "route::managed", messages: [{ role: "user", content: "Hello" }] };
    const response = await gateway.post("/v1/chat/completions", body, { "x-to11-provider": "local", "x-team": "red" });
    expect([response.status, response.headers.get("x-to11-route")]).toEqual([200, "managed"]);
    expect([lastCall().headers["x-team"], lastCall().headers["authorization"]]).toEqual(["red", "Bearer stored-openai"]);
  });
});
