import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Gateway, GATEWAY_KEY, startGateway } from "../support/gateway.ts";
import { bearer, rawCall } from "../support/raw-call.ts";

let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway({
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.openai]
models = ["gpt"]
`,
  });
});
afterAll(async () => {
  await gateway?.close();
});

describe("a wrong address", () => {
  it.each([
    ["/chat/completions", "/v1/chat/completions", "/v1"],
    ["/models", "/v1/models", "/v1"],
    ["/models/gpt", "/v1/models/gpt", "/v1"],
    ["/responses", "/v1/responses", "/v1"],
    ["/embeddings", "/v1/embeddings", "/v1"],
    ["/openai/v1/chat/completions", "/v1/chat/completions", "/v1"],
    ["/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", "/v1/chat/completions", "/v1"],
    ["//v1/chat/completions", "/v1/chat/completions", "/v1"],
    ["/v1/v1/chat/completions", "/v1/chat/completions", "/v1"],
    ["/v1/v1/models", "/v1/models", "/v1"],
    ["/v1/chat", "/v1/chat/completions", "/v1"],
    ["/v1/chat/completion", "/v1/chat/completions", "/v1"],
    ["/v1/chat/completions/", "/v1/chat/completions", "/v1"],
    ["/v1/embedding", "/v1/embeddings", "/v1"],
  ])("%s: a 404 in JSON that says %s", async (wrong, right, base) => {
    const response = await gateway.fetch(wrong, { method: "POST", body: "{}" });
    expect([response.status, response.headers.get("x-to11-error-code")]).toEqual([404, "unknown_path"]);
    const [path = ""] = wrong.split("?");
    expect(await response.json()).toEqual({
      error: {
        message: `There is no ${path}; did you mean ${right}? A client's base URL is the gateway's address and ${base} here.`,
        type: "not_found_error",
        param: null,
        code: "unknown_path",
      },
    });
  });

  it.each(["/messages", "/v1/v1/messages", "/anthropic/v1/messages"])(
    "%s: in the form of Anthropic's errors, whose clients add /v1 themselves",
    async (path) => {
      const response = await gateway.fetch(path, { method: "POST", body: "{}" });
      expect([response.status, response.headers.get("x-to11-error-code")]).toEqual([404, "unknown_path"]);
      expect(await response.json()).toEqual({
        type: "error",
        error: {
          type: "not_found_error",
          message: `There is no ${path}; did you mean /v1/messages? A client's base URL is the gateway's address without a path here.`,
        },
        request_id: response.headers.get("x-to11-request-id"),
      });
    },
  );

  it("of which nobody can tell what it was meant to be lists the right ones", async () => {
    const { error } = (await (await gateway.fetch("/backend/query")).json()) as { error: { message: string } };
    expect(error.message).toMatch(
      /^There is no \/backend\/query\. The gateway answers \/v1\/chat\/completions, .*\/v1\/models, \/v1\/key\.$/,
    );
  });
});

describe("a WebSocket", () => {
  const UPGRADE = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  };

  it.each(["/v1/responses", "/v1/chat/completions", "/v1/models", "/v1/realtime"])("at %s is refused in JSON: 426", async (path) => {
    const response = await rawCall(gateway.url + path, { headers: { ...UPGRADE, ...bearer(GATEWAY_KEY), "x-to11-session-id": path } });
    expect([response.status, response.headers["x-to11-error-code"], response.headers["x-should-retry"]]).toEqual([
      426,
      "websocket_unsupported",
      "false",
    ]);
    expect(JSON.parse(response.body.toString())).toEqual({
      error: {
        message: `There are no WebSockets at ${path}: send the request as a POST, or open one at /providers/{id}/….`,
        type: "invalid_request_error",
        param: null,
        code: "websocket_unsupported",
      },
    });
    expect(await gateway.traceOfSession(encodeURIComponent(path))).toMatchObject({ status: 426, outcome: "rejected", path });
  });

  it("without a key is told no more than that", async () => {
    expect((await rawCall(`${gateway.url}/v1/responses`, { headers: UPGRADE })).status).toBe(401);
  });
});
