import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { jsonAnswer } from "../support/upstream.ts";

const TRANSCRIPTIONS = "/v1/audio/transcriptions";
const BOUNDARY = "----boundary-of-the-test";
const FORM = `multipart/form-data; boundary=${BOUNDARY}`;

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
models = ["ear-a", "eye-a"]
[providers.b]
base_url = "${upstream.baseUrl("b")}"
models = ["ear-b", "eye-b"]
[targets.ear-a]
model = "ear-a"
[targets.ear-b]
model = "ear-b"
[targets.eye-a]
model = "eye-a"
[targets.eye-b]
model = "eye-b"
[routes.hear]
endpoint = "audio_transcription"
models = ["ear"]
strategy = "fallback"
targets = ["ear-a", "ear-b"]
retry = { max_retries = 0 }
[routes.draw]
endpoint = "image_generation"
strategy = "fallback"
targets = ["eye-a", "eye-b"]
retry = { max_retries = 0 }
[routes.trial]
endpoint = "audio_transcription"
strategy = "experiment"
[routes.trial.variants.english]
model = "ear-a"
weight = 1
language = "en"
timestamp_granularities = ["word", "segment"]
`,
    bindings: { A_API_KEY: "key-of-a", B_API_KEY: "key-of-b" },
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
beforeEach(() => {
  upstream.reset();
  upstream.always("a", jsonAnswer({ text: "heard", data: [{ b64_json: "" }] }));
  upstream.always("b", jsonAnswer({ text: "heard", data: [{ b64_json: "" }] }));
});

/** A file's bytes: every value, line ends, and what looks like the form's own lines. */
const FILE = Buffer.concat([
  Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 31 + (index >> 8)) % 256)),
  Buffer.from(`\r\n--${BOUNDARY}X\r\n--${BOUNDARY.slice(0, -1)}\r\nContent-Disposition: form-data; name="model"\r\n\r\nfake\r\n`),
]);

function field(name: string, value: string): Buffer {
  return Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
}

function file(name: string): Buffer {
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"; filename="märz; name=\\"model\\".wav"\r\nContent-Type: audio/x-odd\r\nX-Own: kept\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), FILE, Buffer.from("\r\n")]);
}

function form(...parts: readonly Buffer[]): Buffer<ArrayBuffer> {
  return Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

function send(path: string, body: Buffer<ArrayBuffer> | string, contentType = FORM): Promise<Response> {
  return gateway.fetch(path, { method: "POST", headers: { "content-type": contentType }, body });
}

describe("a form is routed by its model, wherever it stands", () => {
  it.each<[string, string, (model: string) => Buffer<ArrayBuffer>]>([
    ["behind the file", TRANSCRIPTIONS, (model) => form(file("file"), field("language", "de"), field("model", model))],
    ["before the file", TRANSCRIPTIONS, (model) => form(field("model", model), file("file"))],
    [
      "between two fields",
      TRANSCRIPTIONS,
      (model) => form(field("prompt", '"model"'), field("model", model), file("file"), field("prompt", "x")),
    ],
    ["in a translation", "/v1/audio/translations", (model) => form(file("file"), field("model", model))],
  ])("%s; the same bytes reach every attempt but for the model", async (_name, path, body) => {
    upstream.script("a", { status: 503 });
    const response = await send(path, body("route::hear"));
    expect(response.status, await response.text()).toBe(200);
    const [first, second] = upstream.calls();
    expect([first?.provider, second?.provider]).toEqual(["a", "b"]);
    expect(first?.body.equals(body("ear-a"))).toBe(true);
    expect(second?.body.equals(body("ear-b"))).toBe(true);
    expect(second?.headers["content-type"]).toBe(FORM);
  });

  it.each(["/v1/images/edits", "/v1/images/variations"])("at %s", async (path) => {
    const body = (model: string): Buffer<ArrayBuffer> => form(file("image"), field("model", model), file("mask"));
    upstream.script("a", { status: 503 });
    const response = await send(path, body("route::draw"));
    expect(response.status, await response.text()).toBe(200);
    expect(upstream.calls().map(({ body: sent }) => sent.equals(body("eye-a")) || sent.equals(body("eye-b")))).toEqual([true, true]);
    expect(upstream.calls()[1]?.path).toBe(path);
  });

  it("asked for by a covered model", async () => {
    const response = await send(TRANSCRIPTIONS, form(file("file"), field("model", "ear")));
    expect(response.headers.get("x-to11-route")).toBe("hear");
    await response.text();
    expect(await gateway.traceOf(response)).toMatchObject({ endpoint: "audio_transcription", requested_model: "ear", outcome: "complete" });
  });

  it("with passthrough: not one byte differs where the model has no prefix", async () => {
    const body = form(file("file"), field("model", "ear-b"));
    const headers = { "content-type": FORM, "x-api-key": "sk-caller" };
    // A bare model that no route covers.
    expect((await gateway.fetch("/v1/images/edits", { method: "POST", headers, body })).status).toBe(200);
    expect(upstream.calls("b")[0]?.body.equals(body)).toBe(true);
  });

  it("plain text as the answer", async () => {
    upstream.script("a", { headers: { "content-type": "text/plain; charset=utf-8" }, body: "1\n00:00 --> 00:01\nheard\n" });
    const response = await send(TRANSCRIPTIONS, form(file("file"), field("model", "ear"), field("response_format", "srt")));
    expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(await response.text()).toBe("1\n00:00 --> 00:01\nheard\n");
  });
});

describe("a variant's parameters become fields", () => {
  it("a list one field per item", async () => {
    expect((await send(TRANSCRIPTIONS, form(file("file"), field("model", "route::trial")))).status).toBe(200);
    const added = [field("language", "en"), field("timestamp_granularities[]", "word"), field("timestamp_granularities[]", "segment")];
    expect(upstream.calls()[0]?.body.equals(form(...added, file("file"), field("model", "ear-a")))).toBe(true);
  });

  it("unless the caller sent them, by either name", async () => {
    const own = [field("language", "de"), field("timestamp_granularities[]", "word"), file("file")];
    expect((await send(TRANSCRIPTIONS, form(...own, field("model", "route::trial")))).status).toBe(200);
    expect(upstream.calls()[0]?.body.equals(form(...own, field("model", "ear-a")))).toBe(true);
  });
});

describe("a form that cannot be routed", () => {
  it.each<[string, Buffer<ArrayBuffer> | string, string, string]>([
    ["no model", form(file("file")), FORM, '"model" is missing'],
    ["two models", form(field("model", "ear"), file("file"), field("model", "ear")), FORM, "more than once"],
    ["an empty model", form(file("file"), field("model", "")), FORM, '"model" is empty'],
    ["a model of 300 characters", form(file("file"), field("model", "x".repeat(300))), FORM, "at most 256"],
    ["nothing", "", FORM, "empty"],
    ["JSON", '{"model":"ear"}', "application/json", "multipart/form-data"],
    ["no boundary named", form(field("model", "ear")), "multipart/form-data", "boundary"],
    ["another boundary named", form(field("model", "ear")), "multipart/form-data; boundary=other", "malformed"],
    ["cut off", form(field("model", "ear")).subarray(0, -10), FORM, "malformed"],
    ["two boundaries named", form(field("model", "ear")), `${FORM}; boundary=other`, "more than one boundary"],
    ["two content types", form(field("model", "ear")), `${FORM}, ${FORM}`, "more than one content type"],
    ["another charset", form(field("model", "ear")), `${FORM}; charset=utf-16`, "charset other than UTF-8"],
    ["a second model in capitals", form(field("model", "ear"), field("Model", "x")), FORM, 'once more as "Model"'],
    ["a model that is a file", form(file("model")), FORM, "is a file"],
    ["a preamble", Buffer.concat([Buffer.from("preamble\r\n"), form(field("model", "ear"))]), FORM, "as the first line"],
    ["an epilogue", Buffer.concat([form(field("model", "ear")), field("model", "x")]), FORM, "nothing behind the boundary's last line"],
    ["a part without a name", Buffer.from(`--${BOUNDARY}\r\n\r\near\r\n--${BOUNDARY}--\r\n`), FORM, "malformed"],
  ])("%s: 400, and the next request is served", async (_name, body, contentType, message) => {
    const response = await send(TRANSCRIPTIONS, body, contentType);
    const text = await response.text();
    expect(response.status, text).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ error: { code: "invalid_request", message: expect.stringContaining(message) as string } });
    expect(upstream.calls()).toHaveLength(0);
    expect((await send(TRANSCRIPTIONS, form(file("file"), field("model", "ear")))).status).toBe(200);
  });

  it("a form where JSON is asked for: 400", async () => {
    const response = await send("/v1/chat/completions", form(field("model", "ear")));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "invalid_request" } });
  });
});
