import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { chat } from "../support/upstream.ts";

let upstream: Simulator;
let gateway: Gateway;

beforeAll(async () => {
  upstream = await startSimulator({ tokenDelayMs: 0 });
  gateway = await startGateway({
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.openai]
base_url = "${upstream.url}/openai/anything/v9/"
models = ["gpt", "ada", "tts", "whisper", "dall-e", "org/model-x", "bare"]
translate = false
[providers.anthropic]
base_url = "${upstream.baseUrl("anthropic")}"
models = ["claude"]
[targets.gpt]
model = "gpt"
[targets.claude]
model = "claude"
[targets.ada]
model = "ada"
[targets.tts]
model = "tts"
[targets.whisper]
model = "whisper"
[targets.dall-e]
model = "dall-e"
[targets.anywhere]
model = "bare"
[routes.talk]
models = ["gpt", "talk-alias"]
strategy = "fallback"
targets = ["gpt", "claude"]
[routes.embed]
endpoint = "embeddings"
models = ["ada", "shared"]
targets = ["ada"]
[routes.speak]
endpoint = "audio_speech"
models = ["tts"]
targets = ["tts"]
[routes.hear]
endpoint = "audio_transcription"
models = ["whisper"]
targets = ["whisper"]
[routes.draw]
endpoint = "image_generation"
models = ["dall-e", "shared"]
targets = ["dall-e"]
[routes.claude-only]
targets = ["claude"]
[functions.extract]
models = ["gpt"]
[functions.vectors]
endpoint = "embeddings"
models = ["ada"]
`,
    bindings: { OPENAI_API_KEY: "key-of-openai", ANTHROPIC_API_KEY: "key-of-anthropic" },
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
beforeEach(() => upstream.reset());

interface Endpoint {
  readonly path: string;
  readonly kind: string;
  /** The route of its kind, and a model that route covers. */
  readonly route: string;
  readonly model: string;
  readonly provider: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const TALK = { kind: "chat", route: "talk", model: "gpt", provider: "openai", body: chat("") };
const HEAR = { kind: "audio_transcription", route: "hear", model: "whisper", provider: "openai", body: { file: "sound" } };
const DRAW = { kind: "image_generation", route: "draw", model: "dall-e", provider: "openai", body: { prompt: "a cat" } };

const ENDPOINTS: readonly Endpoint[] = [
  { ...TALK, path: "/v1/chat/completions" },
  { ...TALK, path: "/v1/completions", body: { prompt: "Hello" } },
  { ...TALK, path: "/v1/responses", body: { input: "Hello" } },
  { ...TALK, path: "/v1/messages", provider: "anthropic", body: { ...chat(""), max_tokens: 9 } },
  { path: "/v1/embeddings", kind: "embeddings", route: "embed", model: "ada", provider: "openai", body: { input: "Hello" } },
  {
    path: "/v1/audio/speech",
    kind: "audio_speech",
    route: "speak",
    model: "tts",
    provider: "openai",
    body: { input: "Hello", voice: "alloy" },
  },
  { ...HEAR, path: "/v1/audio/transcriptions" },
  { ...HEAR, path: "/v1/audio/translations" },
  { ...DRAW, path: "/v1/images/generations" },
  { ...DRAW, path: "/v1/images/edits", body: { prompt: "a cat", image: "picture" } },
  { ...DRAW, path: "/v1/images/variations", body: { image: "picture" } },
];

/** Calls a path for a model, as a form where the path takes one. */
function call(endpoint: Endpoint, model: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  const { path, body } = endpoint;
  const json = { ...body, model };
  if (!("file" in body || "image" in body)) return gateway.post(path, json, headers);
  const form = new FormData();
  for (const [name, value] of Object.entries(json)) {
    if (name === "file" || name === "image") form.set(name, new Blob([value]), `${name}.bin`);
    else form.set(name, value);
  }
  return gateway.fetch(path, { method: "POST", headers, body: form });
}

/** The code is in the header, whatever form the dialect has for the body. */
async function errorOf(response: Response): Promise<{ code: string; message: string }> {
  const { error } = (await response.json()) as { error: { message: string } };
  return { code: response.headers.get("x-to11-error-code") ?? "", message: error.message };
}

describe.each(ENDPOINTS)("$path", (endpoint) => {
  const { path, kind, route, model, provider } = endpoint;

  it("answers through a route of its kind, by name, prefix and model", async () => {
    for (const asked of [route, `route::${route}`, model]) {
      const response = await call(endpoint, asked);
      expect(response.status, `${asked}: ${await response.clone().text()}`).toBe(200);
      expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(0);
      expect(response.headers.get("x-to11-route")).toBe(route);
      expect(response.headers.get("x-to11-upstream-provider")).toBe(provider);
    }
    const base = provider === "openai" ? "/anything/v9" : "/v1";
    expect(upstream.calls(provider).map((each) => each.path)).toEqual(Array(3).fill(base + path.slice("/v1".length)));
  });

  it("refuses every route and function of another kind, by name and prefix, naming both kinds and the path", async () => {
    const others = ENDPOINTS.filter((other) => other.kind !== kind).map((other) => [other.route, other.kind, "route"] as const);
    const functions = [["extract", "chat", "function"] as const, ["vectors", "embeddings", "function"] as const];
    for (const [name, otherKind, layer] of [...others, ...functions.filter(([, of]) => of !== kind)]) {
      for (const asked of [name, `${layer}::${name}`]) {
        const response = await call(endpoint, asked);
        expect(response.status, asked).toBe(400);
        expect(await errorOf(response)).toMatchObject({
          code: "endpoint_mismatch",
          message: `The ${layer} "${name}" is for ${otherKind} requests; ${path} is for ${kind}.`,
        });
      }
    }
    expect(upstream.calls()).toHaveLength(0);
  });

  it("passes a model on that a route covers for another kind only", async () => {
    const other = ENDPOINTS.find((each) => each.kind !== kind);
    const response = await call(endpoint, other?.model ?? "", { authorization: "Bearer sk-caller" });
    // Only OpenAI lists it, and OpenAI has no /v1/messages; it is not to be asked in its own dialect.
    if (path === "/v1/messages") expect((await errorOf(response)).code).toBe("endpoint_mismatch");
    else expect([response.status, response.headers.get("x-to11-layer")]).toEqual([200, "passthrough"]);
  });

  it("takes no other method", async () => {
    for (const method of ["GET", "PUT", "DELETE", "PATCH"]) {
      const response = await gateway.fetch(path, { method });
      expect(response.status, method).toBe(405);
      expect(response.headers.get("allow")).toBe("POST");
      expect((await errorOf(response)).code).toBe("method_not_allowed");
    }
  });
});

describe("kinds", () => {
  it("one model covered for two kinds goes to the route of the kind that is called", async () => {
    for (const endpoint of ENDPOINTS.filter(({ kind }) => kind === "embeddings" || kind === "image_generation")) {
      expect((await call(endpoint, "shared")).headers.get("x-to11-route")).toBe(endpoint.route);
    }
  });

  it("a covered name that no provider lists is unknown to other kinds", async () => {
    const response = await gateway.post("/v1/embeddings", { model: "talk-alias", input: "Hello" });
    expect(response.status).toBe(404);
    expect((await errorOf(response)).code).toBe("unknown_model");
  });

  it("a bare target serves every kind by its model and by its name", async () => {
    for (const endpoint of ENDPOINTS.filter(({ provider }) => provider === "openai")) {
      for (const asked of ["bare", "anywhere", "route::anywhere"]) {
        const response = await call(endpoint, asked);
        expect([response.status, response.headers.get("x-to11-target")], `${endpoint.path} ${asked}`).toEqual([200, "anywhere"]);
      }
    }
  });

  it.each(["route::claude-only", "claude", "anthropic::claude"])(
    "%s cannot be called where its provider has no such path",
    async (model) => {
      const response = await gateway.post("/v1/completions", { model, prompt: "Hello" }, { authorization: "Bearer sk-caller" });
      expect(response.status).toBe(400);
      const { code, message } = await errorOf(response);
      expect(code).toBe("endpoint_mismatch");
      expect(message).toContain("anthropic cannot be called at /v1/completions");
      expect(upstream.calls()).toHaveLength(0);
    },
  );

  it("a function answers in its own layer", async () => {
    const response = await gateway.post("/v1/chat/completions", chat("extract"));
    expect(response.headers.get("x-to11-layer")).toBe("function");
    await response.text();
    expect(await gateway.traceOf(response)).toMatchObject({
      layer: "function",
      function: "extract",
      route: null,
      requested_model: "extract",
    });
  });
});

describe("other paths", () => {
  it.each([
    "/v1",
    "/v1/",
    "/v1/nothing",
    "/v1/chat",
    "/v1/chat/completions/",
    "/v1//chat/completions",
    "/v1/CHAT/completions",
    "/v1/%",
    "/v1/%00",
    "/v1/real/time",
  ])("%s is unknown: 404, in OpenAI's shape", async (path) => {
    const response = await gateway.post(path, chat("talk"));
    expect(response.status).toBe(404);
    expect(response.headers.get("x-to11-error-code")).toBe("unknown_path");
    expect(await response.json()).toMatchObject({ error: { code: "unknown_path", type: "not_found_error", param: null } });
  });

  it.each(["/v2/chat/completions", "/chat/completions", "/favicon.ico", "/v1x"])("%s is none of the gateway's: 404", async (path) => {
    const response = await gateway.post(path, chat("talk"));
    expect(response.status).toBe(404);
    expect((await errorOf(response)).code).toBe("unknown_path");
  });

  it("an unknown path under /v1 is traced as rejected", async () => {
    const response = await gateway.post("/v1/nothing", chat("talk"));
    expect(await gateway.traceOf(response)).toMatchObject({ outcome: "rejected", status: 404, endpoint: null, path: "/v1/nothing" });
  });
});
