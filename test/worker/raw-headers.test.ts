import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GATEWAY_KEY, type Gateway, startGateway } from "../support/gateway.ts";
import { errorCodeOf, rawPost, type RawResponse } from "../support/raw-call.ts";
import { answerWith, type RawUpstream, startRawUpstream } from "../support/raw-upstream.ts";
import { chat, completion, errorBody } from "../support/upstream.ts";

let upstream: RawUpstream;
let gateway: Gateway;

beforeAll(async () => {
  upstream = await startRawUpstream();
  gateway = await startGateway({
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.a]
base_url = "${upstream.baseUrl}"
models = ["model-a"]
auth_type = "none"
[targets.first]
model = "model-a"
[routes.only]
targets = ["first"]
retry = { max_retries = 0 }
`,
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

function call(): Promise<RawResponse> {
  return rawPost(`${gateway.url}/v1/chat/completions`, chat("route::only"), { "x-to11-authorization": `Bearer ${GATEWAY_KEY}` });
}

describe("a control character in an upstream's header is taken out: the caller's client would refuse the whole answer for it", () => {
  it.each<[string, string, string]>([
    ["SOH", "a\u0001b", "ab"],
    ["an escape sequence", "a\u001b[2Jb", "a[2Jb"],
    ["DEL", "a\u007fb", "ab"],
    ["C1", "a\u009bb", "ab"],
    ["nothing but control characters", "\u0001\u0002", ""],
    ["a tab stays", "a\tb", "a\tb"],
    ["other scripts stay", "é日本", "é日本"],
  ])("%s", async (_name, value, expected) => {
    for (const [status, body] of [
      [200, completion("ok")],
      [400, errorBody("no")],
    ] as const) {
      upstream.answers = answerWith(Buffer.from(`X-Request-Id: ${value}`), body, status);
      const response = await call();
      expect([response.status, response.body.toString()]).toEqual([status, body]);
      expect(Buffer.from(String(response.headers["x-request-id"]), "latin1").toString()).toBe(expected);
    }
  });

  it("in the content type too", async () => {
    upstream.answers = answerWith(Buffer.from("Content-Type: text/h\u0001tml"), errorBody("no"), 400);
    const response = await call();
    expect(response.headers["content-type"]).toBe("text/plain; charset=utf-8");
  });

  it("bytes that are no UTF-8 are replaced by the runtime, and the answer arrives", async () => {
    upstream.answers = answerWith(Buffer.from("X-Request-Id: a\xe9b", "latin1"), completion("ok"));
    const response = await call();
    expect(response.status).toBe(200);
    expect(Buffer.from(String(response.headers["x-request-id"]), "latin1").toString()).toBe("a\ufffdb");
  });
});

describe("what is no HTTP is an upstream that could not be reached: the runtime reads none of it", () => {
  it.each([
    ["a folded header", "X-Request-Id: a\r\n b"],
    ["a NUL", "X-Request-Id: a\0b"],
    ["a bare carriage return", "X-Request-Id: a\rb"],
    ["a name with a control character", "X-Request\u0001-Id: a"],
  ])("%s", async (_name, header) => {
    upstream.answers = answerWith(Buffer.from(header), completion("ok"));
    const response = await call();
    expect([response.status, errorCodeOf(response)]).toEqual([502, "upstream_unreachable"]);
  });
});
