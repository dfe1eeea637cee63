import { describe, expect, test } from "vitest";
import { ENDPOINT_KINDS } from "../../../src/core/endpoint.ts";
import type { RoutingTable } from "../../../src/core/routing/routing-table.ts";
import { load } from "../../../src/config/load.ts";
import { STRATEGIES } from "../../../src/strategies/index.ts";
import { compiled } from "./compiled-of.ts";

const VERSION = "f".repeat(64);

/** The table of a file, through JSON as it is published. */
function table(toml: string): RoutingTable {
  return load(JSON.parse(JSON.stringify(compiled(toml))), VERSION);
}

const PROVIDERS = `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini", "embed"]
[providers.anthropic]
models = ["claude"]
`;

test("what is about the gateway as a whole is taken over", () => {
  const found = table(`
[project]
id = "team-a"
[auth]
api_keys = ["env::TO11_API_KEY"]
cors_origins = ["https://app.example.com"]
[providers.openai]
models = ["o3"]
[models."o3"]
timeout_ms = 5
context_window = 200000
max_output_tokens = 100000
price = { input = 1, output = 2 }
[traces]
otlp_endpoint = "https://otlp.example/v1/traces"
otlp_headers = { authorization = "env::OTLP_AUTH" }
`);
  expect(found).toMatchObject({ project: "team-a", version: VERSION, apiKeys: ["TO11_API_KEY"], open: false, maxBodyBytes: 33_554_432 });
  expect([...found.corsOrigins]).toEqual(["https://app.example.com"]);
  const o3 = { timeoutMs: 5, price: { input: 1, output: 2 }, contextWindow: 200_000, maxOutputTokens: 100_000 };
  expect([...found.models]).toEqual([["o3", o3]]);
  expect(found.traces.otlpHeaders).toEqual([{ name: "authorization", value: { secret: "OTLP_AUTH" } }]);
});

describe("the calls of a provider", () => {
  test("are one per path: its address, the path after /v1, the literal query", () => {
    const provider = table(`
[providers.azure]
base_url = "https://r.openai.azure.com/openai/deployments/gpt-4"
query = { api-version = "2024-10-21", "a b" = "c&d", sig = "env::SIG" }
headers = { x-team = "blue", x-extra = "env::EXTRA" }
speaks = ["/v1/chat/completions", "/v1/embeddings"]
`).providers.get("azure");
    expect(provider?.origin).toBe("https://r.openai.azure.com");
    const native = [...(provider?.calls ?? [])].filter(([, { translation }]) => translation === undefined);
    expect(native).toEqual([
      [
        "/v1/chat/completions",
        {
          path: "/v1/chat/completions",
          url: "https://r.openai.azure.com/openai/deployments/gpt-4/chat/completions?api-version=2024-10-21&a+b=c%26d",
          auth: { place: "header", name: "api-key", prefix: "" },
          defaultHeaders: [],
          headers: [
            { name: "x-team", value: "blue" },
            { name: "x-extra", value: { secret: "EXTRA" } },
          ],
          secretQuery: [{ name: "sig", value: { secret: "SIG" } }],
        },
      ],
      ["/v1/embeddings", expect.objectContaining({ url: expect.stringContaining("/gpt-4/embeddings?") })],
    ]);
  });

  test("are put to the first dialect that it speaks, where they are of another that it does not", () => {
    const calls = table(`[providers.openai]\nspeaks = ["/v1/embeddings", "/v1/responses", "/v1/chat/completions"]`).providers.get(
      "openai",
    )?.calls;
    const translated = [...(calls ?? [])].flatMap(([path, { translation, url }]) =>
      translation === undefined ? [] : [{ path, to: translation.to, url }],
    );
    expect(translated).toEqual([{ path: "/v1/messages", to: "responses", url: "https://api.openai.com/v1/responses" }]);
  });

  test("are none in another dialect where it says translate = false", () => {
    const calls = table(`[providers.openai]\ntranslate = false`).providers.get("openai")?.calls;
    expect(calls?.has("/v1/chat/completions")).toBe(true);
    expect(calls?.has("/v1/messages")).toBe(false);
  });

  test("send the key as the path wants it, unless routes.toml says otherwise", () => {
    const speaks = `speaks = ["/v1/messages", "/v1/chat/completions"]`;
    const own = table(`[providers.anthropic]\n${speaks}`).providers.get("anthropic")?.calls;
    expect(own?.get("/v1/messages")).toMatchObject({
      url: "https://api.anthropic.com/v1/messages",
      auth: { name: "x-api-key", prefix: "" },
      defaultHeaders: [["anthropic-version", "2023-06-01"]],
    });
    expect(own?.get("/v1/chat/completions")).toMatchObject({ auth: { name: "authorization", prefix: "Bearer " }, defaultHeaders: [] });
    const set = table(`[providers.anthropic]\n${speaks}\nauth_type = "query_param"`).providers.get("anthropic")?.calls;
    expect(set?.get("/v1/messages")?.auth).toEqual({ place: "query", name: "key" });
    expect(set?.get("/v1/chat/completions")?.auth).toEqual({ place: "query", name: "key" });
  });
});

test("a model listed by several providers is listed by the first in file order, as is everything", () => {
  const found = table(`
[providers.zeta]
base_url = "https://z.example/v1"
models = ["m", "*"]
[providers.alpha]
base_url = "https://a.example/v1"
models = ["m", "n", "*"]
`);
  expect([...found.listings].map(([model, { id }]) => [model, id])).toEqual([
    ["m", "zeta"],
    ["n", "alpha"],
  ]);
  expect(found.listsAll?.id).toBe("zeta");
  expect(table(PROVIDERS).listsAll).toBeUndefined();
});

describe("routes", () => {
  const found = table(`${PROVIDERS}
[targets.a]
model = "gpt-4o"
[targets.b]
model = "claude"
timeout_ms = 5
[routes.r]
models = ["gpt-4o", "best"]
strategy = "fallback"
targets = ["a", "b"]
failover_on = [404]
[routes.e]
endpoint = "embeddings"
models = ["best"]
targets = ["a"]
[functions.f.variants.v]
model = "claude"
weight = 2
temperature = 1
[functions.f.variants.w]
model = "gpt-4o"
`);

  test("are found by name and by the models they cover, each for its kind", () => {
    expect([...found.routes.keys()]).toEqual(["r", "e"]);
    expect([...found.functions.keys()]).toEqual(["f"]);
    const covered = ENDPOINT_KINDS.map((kind) => [kind, [...found.routesByModel[kind]].map(([model, { name }]) => `${model}: ${name}`)]);
    expect(Object.fromEntries(covered)).toEqual({
      chat: ["gpt-4o: r", "best: r"],
      embeddings: ["best: e"],
      audio_speech: [],
      audio_transcription: [],
      image_generation: [],
    });
  });

  test("hold the strategies and providers themselves", () => {
    const route = found.routes.get("r");
    expect(route?.steps[0]?.strategy).toBe(STRATEGIES.fallback);
    expect(route?.steps[0]?.candidates[1]).toEqual({
      target: "b",
      provider: found.providers.get("anthropic"),
      model: "claude",
      credential: "ANTHROPIC_API_KEY",
      weight: 1,
      timeoutMs: 5,
      idleTimeoutMs: 60_000,
      variant: undefined,
    });
    expect(route?.steps[0]?.candidates[1]?.provider).toBe(found.providers.get("anthropic"));
    expect(route).toMatchObject({ retry: { maxRetries: 2, backoffBaseMs: 500 }, totalTimeoutMs: undefined, rescue: undefined });
    expect([...(route?.failoverOn ?? [])]).toEqual([404]);
    expect(found.functions.get("f")?.steps[0]?.candidates[0]).toMatchObject({
      weight: 2,
      variant: { name: "v", parameters: [["temperature", "1"]] },
    });
  });
});

describe("a bare target", () => {
  const bare = (rest: string) => table(`${PROVIDERS}[targets.spare]\nmodel = "gpt-4o-mini"\n[targets.a]\nmodel = "gpt-4o"\n${rest}`);

  test("covers its model for every kind, and answers to its name", () => {
    const found = bare("");
    for (const kind of ENDPOINT_KINDS) expect(found.routesByModel[kind].get("gpt-4o-mini")?.name).toBe("spare");
    expect(found.routes.get("spare")).toMatchObject({ kind: undefined, strategy: "single", models: ["gpt-4o-mini"] });
  });

  test("leaves its model to a route, for that route's kind only", () => {
    const found = bare(`[routes.mini]\nmodels = ["gpt-4o-mini"]\ntargets = ["a"]`);
    expect(found.routesByModel.chat.get("gpt-4o-mini")?.name).toBe("mini");
    expect(found.routesByModel.embeddings.get("gpt-4o-mini")?.name).toBe("spare");
  });

  test.each([
    ["a route", `[routes.spare]\ntargets = ["a"]`, "chat"],
    ["a model that a route covers", `[routes.r]\nmodels = ["spare"]\ntargets = ["a"]`, undefined],
    ["a function", `[functions.spare]\nmodels = ["gpt-4o"]`, undefined],
  ])("gives its name up to %s", (_what, rest, kind) => {
    const found = bare(rest);
    expect(found.routes.get("spare")?.kind).toBe(kind);
    expect(found.routesByModel.embeddings.get("gpt-4o-mini")?.name).toBe("spare");
  });
});
