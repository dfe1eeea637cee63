import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { type DevGateway, startDevGateway } from "../support/dev-gateway.ts";

const SHIPPED = readFileSync(join(import.meta.dirname, "../../routes.toml"), "utf8");

const MESSAGES = [{ role: "user", content: "Hello" }];

/** A file of a form. */
const FILE = new Blob([new Uint8Array([1, 2, 3])], { type: "application/octet-stream" });

/** What each path is called with, by the routes.toml that ships, and what shows that it was answered: text of a body, or the type of a file. */
const CALLS: Readonly<Record<string, { readonly body: Record<string, unknown> | FormData; readonly gives: RegExp }>> = {
  "/v1/chat/completions": { body: { model: "gpt-4o", messages: MESSAGES }, gives: /You said: \\"Hello\\"/ },
  "/v1/completions": { body: { model: "gpt-4o", prompt: "Hello" }, gives: /"object":"text_completion"/ },
  "/v1/responses": { body: { model: "gpt-4o", input: "Hello" }, gives: /"object":"response"/ },
  "/v1/messages": { body: { model: "claude-sonnet-4-6", max_tokens: 50, messages: MESSAGES }, gives: /"type":"message"/ },
  "/v1/embeddings": { body: { model: "text-embedding-3-small", input: "Hello" }, gives: /"embedding":\[/ },
  "/v1/audio/speech": { body: { model: "gpt-4o-mini-tts", input: "Hello", voice: "alloy" }, gives: /^audio\// },
  "/v1/audio/transcriptions": { body: form({ model: "whisper-1", file: FILE }), gives: /"text":/ },
  "/v1/audio/translations": { body: form({ model: "whisper-1", file: FILE }), gives: /"text":/ },
  "/v1/images/generations": { body: { model: "gpt-image-1", prompt: "A lighthouse" }, gives: /"b64_json":/ },
  "/v1/images/edits": { body: form({ model: "gpt-image-1", prompt: "At night", image: FILE }), gives: /"b64_json":/ },
  "/v1/images/variations": { body: form({ model: "gpt-image-1", image: FILE }), gives: /"data":/ },
};

function form(parts: Readonly<Record<string, string | Blob>>): FormData {
  const data = new FormData();
  for (const [name, part] of Object.entries(parts)) data.set(name, part);
  return data;
}

function call(gateway: DevGateway, path: string, headers: Record<string, string> = {}): Promise<Response> {
  const { body } = CALLS[path] ?? { body: {} };
  if (body instanceof FormData) return fetch(gateway.url + path, { method: "POST", headers, body });
  return fetch(gateway.url + path, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

describe("the demo, with the routes.toml that ships and no key", () => {
  let gateway: DevGateway;

  beforeAll(async () => {
    gateway = await startDevGateway(SHIPPED);
  });
  afterAll(() => gateway?.end());

  test.each(
    Object.entries(CALLS).flatMap(([path, { gives }]) => [
      [path, gives, {}] as const,
      [path, gives, { authorization: "Bearer sk-made-up" }] as const,
    ]),
  )("answers %s with %s, simulated: %j", async (path, gives, headers) => {
    const response = await call(gateway, path, headers);
    const body = await response.text();
    expect([response.status, response.headers.get("x-to11-simulated")], body).toEqual([200, "true"]);
    expect(body.length).toBeGreaterThan(10);
    expect(`${response.headers.get("content-type")}`.startsWith("audio/") ? response.headers.get("content-type") : body).toMatch(gives);
  });

  test("says who is simulated and how to make each real", () => {
    const lines = gateway.output().split("\n");
    expect(lines).toContain('openai     simulated    to make it real, add to .dev.vars: OPENAI_API_KEY="…"');
    expect(lines).toContain('anthropic  simulated    to make it real, add to .dev.vars: ANTHROPIC_API_KEY="…"');
  });
});

describe("with one provider's key in the shell", () => {
  let upstream: Simulator;
  let gateway: DevGateway;

  beforeAll(async () => {
    upstream = await startSimulator();
    const toml = SHIPPED.replace("[providers.openai]", `[providers.openai]\nbase_url = "${upstream.baseUrl("openai")}"`);
    gateway = await startDevGateway(toml, { OPENAI_API_KEY: "sk-of-the-shell" });
  });
  afterAll(async () => {
    await gateway?.end();
    await upstream?.close();
  });

  test("that provider is called with it, the other simulated, and the start says so", async () => {
    const lines = gateway.output().split("\n");
    expect(lines).toContain("openai     real         OPENAI_API_KEY is set");
    expect(lines).toContain('anthropic  simulated    to make it real, add to .dev.vars: ANTHROPIC_API_KEY="…"');
    const real = await call(gateway, "/v1/chat/completions");
    expect([real.status, real.headers.get("x-to11-simulated")]).toEqual([200, null]);
    expect(upstream.calls().map(({ headers }) => headers["authorization"])).toEqual(["Bearer sk-of-the-shell"]);
    const simulated = await call(gateway, "/v1/messages", { "x-api-key": "sk-ant-made-up" });
    expect([simulated.status, simulated.headers.get("x-to11-simulated")]).toEqual([200, "true"]);
    expect(await (await fetch(`${gateway.url}/health`)).json()).toMatchObject({
      status: "ok",
      demo: false,
      simulated: ["anthropic"],
      problems: [],
    });
  });

  test("what no route covers wants the caller's own key, and goes to the real provider with it", async () => {
    expect((await call(gateway, "/v1/audio/speech")).status).toBe(401);
    upstream.reset();
    expect((await call(gateway, "/v1/audio/speech", { authorization: "Bearer sk-of-the-caller" })).status).toBe(200);
    expect(upstream.calls().map(({ headers }) => headers["authorization"])).toEqual(["Bearer sk-of-the-caller"]);
  });

  test("an edit that names a key which is missing is not served, and the other edit is", async () => {
    const before = gateway.output().length;
    await gateway.edit(SHIPPED.replace("[providers.anthropic]", '[providers.anthropic]\ncredential = "env::OTHER_KEY"'));
    await expect.poll(() => gateway.output().slice(before), { timeout: 10_000 }).toContain("still serving the previous version");
    expect(gateway.output().slice(before)).toContain('OTHER_KEY is not set; used by providers.anthropic. Add to .dev.vars: OTHER_KEY="…"');
    expect(gateway.output().slice(before)).toContain("--simulate missing");
  });
});
