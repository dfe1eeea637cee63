import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GATEWAY_KEY, type Gateway, startGateway } from "../support/gateway.ts";

let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway({
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.openai]
models = ["gpt", "small", "ada", "org/model-x", "bare"]
[providers.anthropic]
models = ["claude", "claude-known"]
[models.gpt]
context_window = 1000
max_output_tokens = 100
[models.claude-known]
max_output_tokens = 64
[targets.gpt]
model = "gpt"
[targets.small]
model = "small"
[targets.ada]
model = "ada"
[targets.anywhere]
model = "bare"
[routes.talk]
models = ["gpt", "talk-alias"]
strategy = "fallback"
targets = ["gpt", "small"]
[routes.claude-main]
targets = ["gpt"]
[routes.embed]
endpoint = "embeddings"
models = ["ada"]
targets = ["ada"]
[functions.extract]
models = ["gpt"]
`,
    prices: {
      date: "2026-09-23",
      models: {},
      contextWindows: { openai: { gpt: 5000, small: 800 }, anthropic: { "claude-known": 200_000 } },
    },
  });
});
afterAll(() => gateway.close());

type Listed = Record<string, unknown> & { readonly id: string };

const ANTHROPIC = { "anthropic-version": "2023-06-01" };

async function list(headers: Record<string, string> = {}): Promise<Record<string, unknown> & { readonly data: Listed[] }> {
  const response = await gateway.fetch("/v1/models", { headers });
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown> & { readonly data: Listed[] };
}

describe("GET /v1/models", () => {
  it("lists functions and routes by their plain names, covered and passed-through models, each once", async () => {
    const { object, data } = await list();
    expect(object).toBe("list");
    expect(data.map(({ id, owned_by: owner }) => [id, owner])).toEqual([
      ["extract", "to11"],
      ["talk", "to11"],
      ["claude-main", "to11"],
      ["embed", "to11"],
      ["anywhere", "to11"],
      ["bare", "to11"],
      ["gpt", "to11"],
      ["talk-alias", "to11"],
      ["ada", "to11"],
      ["small", "openai"],
      ["org/model-x", "openai"],
      ["claude", "anthropic"],
      ["claude-known", "anthropic"],
    ]);
  });

  it("tells limits where they are known: the file's first, of a route those that hold whichever target serves", async () => {
    const { data } = await list();
    const of = (id: string) => data.find((model) => model.id === id);
    const model = (id: string, owner: string, limits: object = {}) => ({ id, object: "model", created: 0, owned_by: owner, ...limits });
    expect(of("claude-main")).toEqual(model("claude-main", "to11", { context_window: 1000, max_output_tokens: 100 }));
    expect(of("talk")).toEqual(model("talk", "to11", { context_window: 800 }));
    expect(of("small")).toEqual(model("small", "openai", { context_window: 800 }));
    expect(of("claude-known")).toEqual(model("claude-known", "anthropic", { context_window: 200_000, max_output_tokens: 64 }));
    expect(of("claude")).toEqual(model("claude", "anthropic"));
  });

  it("is in Anthropic's form for who names a version of Anthropic's API", async () => {
    const { data, ...page } = await list(ANTHROPIC);
    expect(page).toEqual({ has_more: false, first_id: "extract", last_id: "claude-known" });
    expect(data.map(({ id }) => id)).toEqual((await list()).data.map(({ id }) => id));
    expect(data.at(-1)).toEqual({
      type: "model",
      id: "claude-known",
      display_name: "claude-known",
      created_at: "1970-01-01T00:00:00Z",
      max_input_tokens: 200_000,
      max_tokens: 64,
    });
    expect(data.at(-2)).toMatchObject({ id: "claude", max_input_tokens: null, max_tokens: null });
  });

  it.each(["gpt", "talk", "org/model-x", "org%2Fmodel-x", "function::extract", "route%3A%3Atalk", "route::anywhere"])(
    "one by its id: %s",
    async (name) => {
      const id = decodeURIComponent(name);
      expect(await (await gateway.fetch(`/v1/models/${name}`)).json()).toMatchObject({ id, object: "model", created: 0 });
      expect(await (await gateway.fetch(`/v1/models/${name}`, { headers: ANTHROPIC })).json()).toMatchObject({ id, type: "model" });
    },
  );

  it.each(["nothing", "org", "org/", "%", "__proto__", "route::nothing", "function::talk", "route::"])("404 for %s", async (id) => {
    const response = await gateway.fetch(`/v1/models/${id}`);
    expect([response.status, response.headers.get("x-to11-error-code")]).toEqual([404, "unknown_model"]);
  });

  it("refuses in Anthropic's form who asked in it, the unknown caller too", async () => {
    const unknown = await gateway.fetch("/v1/models/nothing", { headers: ANTHROPIC });
    expect(await unknown.json()).toMatchObject({ type: "error", error: { type: "not_found_error" } });
    const nobody = await fetch(`${gateway.url}/v1/models`, { headers: ANTHROPIC });
    expect(await nobody.json()).toMatchObject({ type: "error", error: { type: "authentication_error" } });
    const other = await fetch(`${gateway.url}/v1/models`, { headers: { "x-api-key": GATEWAY_KEY } });
    expect(other.status).toBe(200);
  });

  it("takes no other method", async () => {
    for (const path of ["/v1/models", "/v1/models/gpt"]) {
      const response = await gateway.post(path, {});
      expect([response.status, response.headers.get("allow")]).toEqual([405, "GET"]);
    }
  });

  it("what is listed can be asked for by that name", async () => {
    for (const { id } of (await list()).data) {
      const path = id === "embed" || id === "ada" ? "/v1/embeddings" : "/v1/chat/completions";
      const explained = await gateway.api("/api/explain", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: id, path }),
      });
      expect(explained.status, id).toBe(200);
    }
  });
});
