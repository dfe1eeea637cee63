import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { answering } from "../support/upstream.ts";

const CHAT = "/v1/chat/completions";
const MB = 1_000_000;

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
models = ["model-a", "modèle-日本"]
[targets.first]
model = "model-a"
[routes.managed]
targets = ["first"]
[routes.trial]
strategy = "experiment"
[routes.trial.variants.fast]
model = "model-a"
weight = 1
temperature = 0.2
stop = ["END"]
[routes.trial.variants.never]
model = "model-a"
weight = 0
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

function send(body: string | Uint8Array<ArrayBuffer> | ReadableStream, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  const init = { method: "POST", headers: { "content-type": "application/json", ...headers }, body, duplex: "half" };
  return gateway.fetch(CHAT, init);
}

function sentBodies(): readonly string[] {
  return upstream.calls().map(({ body }) => body.toString());
}

describe("a JSON body reaches the upstream byte for byte, but for the model's value", () => {
  // `M` stands where the model's value does.
  it.each<[string, string]>([
    ["key order, unknown and nested keys", '{"z":1,"messages":[],"model":M,"a":{"model":"x","b":[{"model":"y"}]},"metadata":null}'],
    [
      "numbers as they were written",
      '{"model":M,"seed":12345678901234567890,"a":1.0,"b":1e400,"c":-0,"d":0.1000000000000000055511151231257827}',
    ],
    ["white space", '\r\n\t {  "model"\t:\n M  ,  "messages" : [ ]\r\n}\n\n '],
    [
      "look-alikes in strings",
      String.raw`{"messages":[{"content":"\"model\":\"route::managed\", {\"model\": \"x\"}"}],"model":M,"x":"\\"}`,
    ],
    ["escapes", String.raw`{"a":"\u00e9\ud83d\ude00\/\\u0041\b\f\ud800","model":M,"\u006dodels":"x"}`],
    ["an escaped key", String.raw`{"mod\u0065l":M,"messages":[]}`],
    ["other keys given twice", '{"user":"a","model":M,"user":"b"}'],
    ["text of every script", '{"model":M,"content":"héllo 日本 🙂 \u2028 e\u0301"}'],
    ["deep nesting", `{"model":M,"a":${"[".repeat(500)}${"]".repeat(500)}}`],
    ["the model alone", '{"model":M}'],
  ])("%s", async (_name, body) => {
    const response = await send(body.replace("M", '"route::managed"'));
    expect(response.status, await response.text()).toBe(200);
    expect(sentBodies()).toEqual([body.replace("M", '"model-a"')]);
  });

  it("a model's name spelled in escapes is the same name", async () => {
    expect((await send(String.raw`{"model":"rout\u0065::man\u0061ged","a":1}`)).status).toBe(200);
    expect(sentBodies()).toEqual(['{"model":"model-a","a":1}']);
  });

  it("the same model upstream: not one byte differs", async () => {
    const body = String.raw`{ "model": "mod\u0065l-a" }`;
    expect((await send(body, { authorization: "Bearer sk-caller" })).status).toBe(200);
    expect(sentBodies()).toEqual([body]);
  });

  it("a model's name in any script", async () => {
    expect((await send('{"model":"a::modèle-日本"}', { authorization: "Bearer sk-caller" })).status).toBe(200);
    expect(sentBodies()).toEqual(['{"model":"modèle-日本"}']);
  });
});

describe("a variant's parameters", () => {
  it("are added", async () => {
    expect((await send('{"model":"route::trial","n":1}')).status).toBe(200);
    expect(JSON.parse(sentBodies()[0] ?? "")).toEqual({ model: "model-a", n: 1, temperature: 0.2, stop: ["END"] });
  });

  it("give way to what the caller sent in another case: some upstreams read that, and the last of two", async () => {
    expect((await send('{"Temperature":1,"model":"route::trial"}')).status).toBe(200);
    expect(JSON.parse(sentBodies()[0] ?? "")).toEqual({ model: "model-a", Temperature: 1, stop: ["END"] });
  });

  it("give way to what the caller sent, null included", async () => {
    expect((await send('{"model":"route::trial","temperature":null}')).status).toBe(200);
    expect(JSON.parse(sentBodies()[0] ?? "")).toEqual({ model: "model-a", temperature: null, stop: ["END"] });
  });
});

describe("a body that cannot be routed", () => {
  const NOT_UTF8 = new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]);

  it.each<[string, string | Uint8Array<ArrayBuffer>, string]>([
    ["nothing", "", "body is empty"],
    ["no JSON", "model=gpt-4o", "is not JSON"],
    ["JSON cut off", '{"model":"route::managed","messages":[', "is not JSON"],
    ["more behind the object", '{"model":"route::managed"}{}', "is not JSON"],
    ["a trailing comma", '{"model":"route::managed",}', "is not JSON"],
    ["bytes that are no text", NOT_UTF8, ""],
    ["an array", '["model"]', "no object"],
    ["a bare string", '"route::managed"', "no object"],
    ["null", "null", "no object"],
    ["brackets without end", "[".repeat(200_000), ""],
    ["no model", '{"messages":[]}', '"model" is missing'],
    ["a model inside only", '{"request":{"model":"route::managed"}}', '"model" is missing'],
    ["a number", '{"model":4}', '"model" must be a string'],
    ["null as the model", '{"model":null}', '"model" must be a string'],
    ["an object as the model", '{"model":{"id":"x"}}', '"model" must be a string'],
    ["an empty model", '{"model":""}', '"model" is empty'],
    ["two models", '{"model":"route::managed","model":"route::managed"}', "more than once"],
    ["two models, one in escapes", String.raw`{"model":"route::managed","\u006dodel":"other"}`, "more than once"],
    ["a second model in capitals", '{"model":"route::managed","MODEL":"other"}', 'once more as "MODEL"'],
    ["a model in capitals only", '{"Model":"route::managed"}', '"model" is missing ("Model" is another key)'],
    ["UTF-16", new Uint8Array(Buffer.from('{"model":"route::managed"}', "utf16le")), "UTF-16"],
    ["a byte order mark", '\u{FEFF}{"model":"route::managed"}', "byte order mark"],
    [
      "1,001 members",
      `{"model":"route::managed",${Array.from({ length: 1000 }, (_, at) => `"${at}":0`).join(",")}}`,
      "too many top-level members: expected at most 1000 members",
    ],
    ["a model of 10,000 characters", JSON.stringify({ model: "x".repeat(10_000) }), "at most 256"],
  ])("%s: 400, nobody is called, and the next request is served", async (_name, body, message) => {
    const response = await send(body);
    const text = await response.text();
    expect(response.status, text).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ error: { code: "invalid_request", message: expect.stringContaining(message) as string } });
    expect(response.headers.get("x-to11-error-code")).toBe("invalid_request");
    expect(upstream.calls()).toHaveLength(0);
    expect((await send('{"model":"route::managed"}')).status).toBe(200);
  });

  it.each([
    ["application/json; charset=utf-16", "charset other than UTF-8"],
    ["application/json; charset=iso-8859-1", "charset other than UTF-8"],
    ["application/json, application/json", "more than one content type"],
  ])("under content type %j: 400, and nobody is called", async (type, message) => {
    const response = await send('{"model":"route::managed"}', { "content-type": type });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: "invalid_request", param: "content-type", message: expect.stringContaining(message) as string },
    });
    expect(upstream.calls()).toHaveLength(0);
  });

  it.each([
    "route::",
    "function::",
    "::",
    "::model-a",
    "a::",
    "a",
    "nobody::model-a",
    "route::MANAGED",
    "日本",
    "🙂".repeat(60),
    "\0\r\n",
    "__proto__",
    "constructor",
  ])("model %j is unknown: 404", async (model) => {
    const response = await send(JSON.stringify({ model }));
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: "unknown_model", param: "model" } });
    expect((await send('{"model":"route::managed"}')).status).toBe(200);
  });

  it("an unknown name is answered with the nearest known one", async () => {
    const response = await send('{"model":"route::maneged"}');
    expect(await response.text()).toContain(String.raw`Did you mean \"managed\"?`);
  });

  it("is traced as rejected", async () => {
    const response = await send('{"model":4}');
    expect(await gateway.traceOf(response)).toMatchObject({
      outcome: "rejected",
      status: 400,
      error_code: "invalid_request",
      attempts: [],
    });
  });

  it.each(["gzip", "br", "x-unknown"])("content-encoding %s is refused: it would be sent on unread", async (encoding) => {
    const response = await send(new Uint8Array(gzipSync('{"model":"route::managed"}')), { "content-encoding": encoding });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: "invalid_request", message: expect.stringContaining(`content-encoding "${encoding}"`) as string },
    });
    expect((await send('{"model":"route::managed"}', { "content-encoding": "identity" })).status).toBe(200);
  });
});

/** A body of about `bytes` bytes. */
function large(bytes: number, model = "route::managed"): string {
  return `{"messages":[{"role":"user","content":"${"x".repeat(bytes)}"}],"model":"${model}"}`;
}

/** The same without its length told beforehand. */
function unannounced(text: string): ReadableStream {
  return new Blob([text]).stream();
}

describe("large bodies", () => {
  it("10 MB go through unchanged", async () => {
    expect((await send(large(10 * MB))).status).toBe(200);
    expect(sentBodies()[0] === large(10 * MB, "model-a")).toBe(true);
  });

  it.each<[string, () => string | ReadableStream]>([
    ["announced", () => large(40 * MB)],
    ["not announced", () => unannounced(large(40 * MB))],
  ])("40 MB, %s: 413, and the next request is served", async (_name, body) => {
    const response = await send(body());
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({
      error: { code: "payload_too_large", message: expect.stringContaining("[limits].max_body_bytes") as string },
    });
    expect(upstream.calls()).toHaveLength(0);
    expect((await send('{"model":"route::managed"}')).status).toBe(200);
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "rejected", status: 413, error_code: "payload_too_large" });
  });

  it("an isolate that holds 64 MiB refuses more, keeps what it has, and has room again afterwards", async () => {
    const release = Promise.withResolvers<undefined>();
    upstream.always("a", async (_call, response) => {
      await release.promise;
      response.writeHead(200, { "content-type": "application/json" }).end(answering("late").body);
    });
    const held = [send(large(30 * MB)), send(large(30 * MB))];
    await upstream.waitForCalls(2, 10_000);
    const refused = await send(large(10 * MB));
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(await refused.json()).toMatchObject({ error: { code: "overloaded" } });
    const small = send('{"model":"route::managed"}');
    await upstream.waitForCalls(3);
    release.resolve(undefined);
    for (const response of await Promise.all([...held, small])) {
      expect(response.status).toBe(200);
      expect(await response.text()).toBe(answering("late").body);
    }
    expect((await send(large(30 * MB))).status).toBe(200);
  });
});
