import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { WholeTrace } from "../../src/core/trace/trace-content.ts";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { ADMIN_KEY, type Gateway, GATEWAY_KEY, startGateway } from "../support/gateway.ts";
import { answering, chat, chunk, DONE, FINISH, jsonAnswer, refusing, ROLE, STREAM_HEADERS } from "../support/upstream.ts";

const CHAT = "/v1/chat/completions";
const KEY_OF_A = "sk-the/key+of-a";

let upstream: Simulator;
let gateway: Gateway;
let silent: Gateway;

function tomlFor(captures: boolean): string {
  return `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.a]
base_url = "${upstream.baseUrl("a")}"
models = ["model-a", "speech", "transcribe", "image"]
speaks = ["/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/messages", "/v1/embeddings", "/v1/audio/speech", "/v1/audio/transcriptions", "/v1/images/edits"]
[providers.b]
base_url = "${upstream.baseUrl("b")}"
models = ["model-b"]
[targets.main]
model = "model-a"
[targets.first]
model = "model-a"
[targets.next]
model = "model-b"
[targets.speech]
model = "speech"
[targets.transcribe]
model = "transcribe"
[targets.image]
model = "image"
[routes.rescued]
strategy = "fallback"
targets = ["first", "next"]
rescue = "restart"
[traces]
capture_content = ${captures}
`;
}

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  const bindings = { A_API_KEY: KEY_OF_A, B_API_KEY: "key-of-b" };
  [gateway, silent] = (await Promise.all([true, false].map((captures) => startGateway({ toml: tomlFor(captures), bindings })))) as [
    Gateway,
    Gateway,
  ];
});
afterAll(async () => {
  await gateway.close();
  await silent.close();
  await upstream.close();
});
beforeEach(() => upstream.reset());

/** What was kept of a request; the answer is read to its end. */
async function contentOf(response: Response, of: Gateway = gateway): Promise<WholeTrace["content"]> {
  await response.arrayBuffer();
  return ((await of.traceOf(response)) as WholeTrace).content;
}

const stream = (...events: readonly string[]) => ({ headers: STREAM_HEADERS, body: events.join("") });

describe("with capture_content", () => {
  test("the messages and the whole answer's text are kept beside the trace, and not in lists", async () => {
    upstream.script("a", answering("Well met"));
    const response = await gateway.post(CHAT, chat("model-a", { temperature: 1, user: "u" }));
    expect(await contentOf(response)).toEqual({
      request: '{"messages":[{"role":"user","content":"Hello"}]}',
      answer: "Well met",
      truncated: false,
    });
    const list = await (await gateway.api("/api/traces")).text();
    expect(list).toContain(response.headers.get("x-to11-request-id"));
    expect(list).not.toContain("Well met");
    expect(list).not.toContain('"content"');
  });

  test("a stream's text is kept whole, however it is cut", async () => {
    upstream.script("a", stream(ROLE, chunk({ content: "Well" }), chunk({ content: " met" }), FINISH, DONE));
    const response = await gateway.post(CHAT, chat("model-a", { stream: true }));
    expect((await contentOf(response))?.answer).toBe("Well met");
  });

  test("of a rescued answer, what the caller was given", async () => {
    upstream.script("a", { ...stream(ROLE, chunk({ content: "Well" })), ending: "reset" });
    upstream.script("b", stream(ROLE, chunk({ content: "Well" }), chunk({ content: " met" }), FINISH, DONE));
    const response = await gateway.post(CHAT, chat("route::rescued", { stream: true }));
    expect((await contentOf(response))?.answer).toBe("Well met");
    expect((await gateway.traceOf(response)).outcome).toBe("rescued");
  });

  test("of a stream that broke off, what came", async () => {
    upstream.script("a", { ...stream(ROLE, chunk({ content: "Well" })), ending: "reset" });
    const response = await gateway.post(CHAT, chat("model-a", { stream: true }));
    expect((await contentOf(response))?.answer).toBe("Well");
  });

  test.each([
    ["/v1/completions", { model: "model-a", prompt: "Say hi" }, '{"prompt":"Say hi"}'],
    ["/v1/responses", { model: "model-a", instructions: "Be kind", input: "Say hi" }, '{"instructions":"Be kind","input":"Say hi"}'],
    [
      "/v1/messages",
      { model: "model-a", max_tokens: 50, system: "Be kind", messages: [{ role: "user", content: "Hi" }] },
      '{"system":"Be kind","messages":[{"role":"user","content":"Hi"}]}',
    ],
  ])("%s: whole and streamed", async (path, body, request) => {
    for (const streamed of [false, true]) {
      const kept = await contentOf(await gateway.post(path, { ...body, stream: streamed }));
      expect(kept).toMatchObject({ request, truncated: false });
      expect(kept?.answer ?? "", streamed ? "streamed" : "whole").not.toBe("");
    }
  });

  test("of embeddings the input, of speech no bytes", async () => {
    expect(await contentOf(await gateway.post("/v1/embeddings", { model: "model-a", input: ["one", "two"] }))).toEqual({
      request: '{"input":["one","two"]}',
      answer: null,
      truncated: false,
    });
    expect(await contentOf(await gateway.post("/v1/audio/speech", { model: "speech", voice: "alloy", input: "Say hi" }))).toEqual({
      request: '{"input":"Say hi"}',
      answer: null,
      truncated: false,
    });
  });

  test("of a form its fields and never a file, of a transcription its text, plain or not", async () => {
    for (const headers of [{ "content-type": "text/plain" }, { "content-type": "application/json" }]) {
      const isPlain = headers["content-type"] === "text/plain";
      upstream.script("a", { headers, body: isPlain ? "Well met" : '{"text":"Well met"}' });
      const form = new FormData();
      form.set("prompt", "A greeting");
      form.set("file", new Blob(["the bytes of a file"], { type: "audio/wav" }), "hello.wav");
      form.set("model", "transcribe");
      const response = await gateway.fetch("/v1/audio/transcriptions", { method: "POST", body: form });
      expect(await contentOf(response)).toEqual({ request: '{"prompt":"A greeting"}', answer: "Well met", truncated: false });
    }
  });

  test("no secret is kept, whoever says it and however it is written", async () => {
    const said = `${KEY_OF_A} ${GATEWAY_KEY} ${ADMIN_KEY}`;
    upstream.script("a", answering(`You said ${said}`));
    const escaped = JSON.stringify({ model: "model-a", messages: [{ role: "user", content: said }] })
      .replaceAll("/", "\\/")
      .replaceAll("+", "\\u002b");
    const response = await gateway.fetch(CHAT, { method: "POST", headers: { "content-type": "application/json" }, body: escaped });
    expect(await contentOf(response)).toEqual({
      request: '{"messages":[{"role":"user","content":"[redacted] [redacted] [redacted]"}]}',
      answer: "You said [redacted] [redacted] [redacted]",
      truncated: false,
    });
    upstream.script("a", stream(ROLE, ...[...KEY_OF_A].map((letter) => chunk({ content: letter })), FINISH, DONE));
    expect((await contentOf(await gateway.post(CHAT, chat("model-a", { stream: true }))))?.answer).toBe("[redacted]");
  });

  test("64 KB of each are kept at most", async () => {
    const long = "long ".repeat(40_000);
    upstream.script("a", answering(long));
    upstream.script("a", stream(ROLE, ...Array.from({ length: 40 }, () => chunk({ content: long.slice(0, 5_000) })), FINISH, DONE));
    for (const streamed of [false, true]) {
      const response = await gateway.post(CHAT, { ...chat("model-a", { stream: streamed }), messages: [{ role: "user", content: long }] });
      const kept = await contentOf(response);
      expect([kept?.request?.length, kept?.answer?.length, kept?.truncated]).toEqual([65_536, 65_536, true]);
    }
  });

  test("of a request that is refused, what it said; of one that cannot be read, nothing", async () => {
    upstream.script("a", refusing(400, "no"));
    expect(await contentOf(await gateway.post(CHAT, chat("model-a")))).toMatchObject({
      answer: null,
      request: expect.stringContaining("Hello"),
    });
    expect(await contentOf(await gateway.post(CHAT, chat("nobody")))).toMatchObject({
      answer: null,
      request: expect.stringContaining("Hello"),
    });
    const response = await gateway.fetch(CHAT, { method: "POST", headers: { "content-type": "application/json" }, body: "{" });
    expect(await contentOf(response)).toEqual({ request: null, answer: null, truncated: false });
  });
});

test("without it, nothing is kept", async () => {
  for (const streamed of [false, true]) {
    const response = await silent.post(CHAT, chat("model-a", { stream: streamed }));
    expect(await contentOf(response, silent)).toBeNull();
  }
  upstream.script("a", jsonAnswer({ choices: [] }));
  expect(JSON.stringify(await silent.traceOf(await silent.post(CHAT, chat("model-a"))))).not.toContain("Hello");
});
