import { describe, expect, test } from "vitest";
import type { CompiledConfig, CompiledRoute } from "../../../src/config/compiled.ts";
import { compiled } from "./compiled-of.ts";

function route(config: CompiledConfig, name: string): CompiledRoute {
  const found = config.routes.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no route ${name}`);
  return found;
}

test("an empty file is a gateway that serves nothing, with every default", () => {
  expect(compiled("")).toEqual({
    project: "default",
    apiKeys: [],
    open: false,
    corsOrigins: [],
    maxBodyBytes: 33_554_432,
    providers: [],
    models: {},
    routes: [],
    traces: { captureContent: false, retentionDays: 30, shards: 1, otlpHeaders: [] },
  });
});

test("settings of the gateway as a whole are taken over", () => {
  const config = compiled(`
[project]
id = "team-a"
[auth]
api_keys = ["env::TO11_A", "env::CALLERS"]
cors_origins = ["https://app.example.com", "http://localhost:3000", "https://app.example.com"]
[limits]
max_body_bytes = 1000
[traces]
capture_content = true
retention_days = 7
shards = 4
jurisdiction = "eu"
otlp_endpoint = "https://otlp.example:4318/v1/traces"
otlp_headers = { Authorization = "env::OTLP_AUTH", x-team = "blue" }
`);
  expect(config).toMatchObject({
    project: "team-a",
    apiKeys: ["TO11_A", "CALLERS"],
    corsOrigins: ["https://app.example.com", "http://localhost:3000"],
    maxBodyBytes: 1000,
    traces: {
      captureContent: true,
      retentionDays: 7,
      shards: 4,
      jurisdiction: "eu",
      otlpEndpoint: "https://otlp.example:4318/v1/traces",
      otlpHeaders: [
        ["authorization", { secret: "OTLP_AUTH" }],
        ["x-team", "blue"],
      ],
    },
  });
});

const TWO = `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[providers.azure]
base_url = "https://r.openai.azure.com/openai/v1"
models = ["gpt-4o"]
[targets.a]
model = "gpt-4o"
provider = "azure"
weight = 70
[targets.b]
model = "gpt-4o-mini"
credential = "env::SECOND"
weight = 30
`;

describe("a route", () => {
  test("of one target is single and for chat, with every default", () => {
    expect(route(compiled(`${TWO}[routes.r]\nmodels = ["x"]\ntargets = ["a"]\n[routes.s]\ntargets = ["b"]`), "r")).toEqual({
      name: "r",
      layer: "route",
      kind: "chat",
      strategy: "single",
      models: ["x"],
      steps: [
        {
          strategy: "single",
          candidates: [
            {
              target: "a",
              provider: 1,
              model: "gpt-4o",
              credential: "AZURE_API_KEY",
              weight: 70,
              timeoutMs: 30_000,
              idleTimeoutMs: 60_000,
            },
          ],
        },
      ],
      maxRetries: 2,
      backoffBaseMs: 500,
      failoverOn: [],
    });
  });

  test("takes every key, and retries of its own before those of the file", () => {
    const config = compiled(`${TWO}
[routing.retry]
max_retries = 5
backoff_base_ms = 100
[routes.r]
endpoint = "chat"
strategy = "fallback"
targets = ["b", "a"]
retry = { max_retries = 0 }
failover_on = [404, 422]
idle_timeout_ms = 7
total_timeout_ms = 9
rescue = "prefill"
`);
    const found = route(config, "r");
    expect(found).toMatchObject({ strategy: "fallback", maxRetries: 0, backoffBaseMs: 100, failoverOn: [404, 422] });
    expect(found).toMatchObject({ totalTimeoutMs: 9, rescue: "prefill", models: [] });
    expect(found.steps[0]?.candidates.map(({ target, credential, idleTimeoutMs }) => [target, credential, idleTimeoutMs])).toEqual([
      ["b", "SECOND", 7],
      ["a", "AZURE_API_KEY", 7],
    ]);
  });

  test("of steps is a fallback over steps that choose for themselves", () => {
    const found = route(
      compiled(`${TWO}[[routes.r.steps]]\nstrategy = "weighted"\ntargets = ["a", "b"]\n[[routes.r.steps]]\ntargets = ["b"]`),
      "r",
    );
    expect(found.strategy).toBe("fallback");
    expect(found.steps.map(({ strategy, candidates }) => [strategy, candidates.map(({ target }) => target)])).toEqual([
      ["weighted", ["a", "b"]],
      ["single", ["b"]],
    ]);
  });

  test("of variants is an experiment, and every further key of a variant is a request parameter of its JSON type", () => {
    const config = compiled(`${TWO}
[routes.r]
sticky_by = "session"
[routes.r.variants.fast]
model = "gpt-4o-mini"
temperature = 0.2
provider = { order = ["x"], n = 1 }
stop = ["a", "b"]
logprobs = true
seed = 9223372036854775807
user = "ünï \\"q\\""
[routes.r.variants.careful]
target = "a"
weight = 3
[routes.s]
targets = ["b"]
`);
    const found = route(config, "r");
    expect(found).toMatchObject({ strategy: "experiment", stickyBy: "session" });
    expect(found.steps[0]?.candidates.map(({ target, weight, variant }) => [target, weight, variant])).toEqual([
      [
        "gpt-4o-mini",
        1,
        {
          name: "fast",
          parameters: [
            ["temperature", "0.2"],
            ["provider", '{"order":["x"],"n":1}'],
            ["stop", '["a","b"]'],
            ["logprobs", "true"],
            ["seed", "9223372036854775807"],
            ["user", '"ünï \\"q\\""'],
          ],
        },
      ],
      ["a", 3, { name: "careful", parameters: [] }],
    ]);
  });

  test("of an embeddings kind keeps its kind", () => {
    expect(route(compiled(`${TWO}[routes.r]\nendpoint = "embeddings"\ntargets = ["a"]`), "r").kind).toBe("embeddings");
  });
});

test("a function calls its models, each at the provider that lists it", () => {
  const config = compiled(`
[providers.openai]
models = ["gpt-4o"]
[providers.anthropic]
models = ["claude"]
[functions.extract]
strategy = "fallback"
models = ["claude", "gpt-4o"]
`);
  const found = route(config, "extract");
  expect(found).toMatchObject({ layer: "function", models: [], strategy: "fallback" });
  expect(found.steps[0]?.candidates.map(({ target, provider, credential }) => [target, provider, credential])).toEqual([
    ["claude", 1, "ANTHROPIC_API_KEY"],
    ["gpt-4o", 0, "OPENAI_API_KEY"],
  ]);
});

test("a target that nothing uses is a single route for its model, of every kind", () => {
  const config = compiled(`${TWO}[routes.r]\ntargets = ["a"]`);
  expect(config.routes.map(({ name, kind, strategy, models }) => ({ name, kind, strategy, models }))).toEqual([
    { name: "r", kind: "chat", strategy: "single", models: [] },
    { name: "b", kind: undefined, strategy: "single", models: ["gpt-4o-mini"] },
  ]);
});

describe("the timeout of a target is the first that is set", () => {
  /** From the nearest to the farthest: each row leaves out one more of them. */
  const PLACES = ["target", "route", "model", "provider", "defaults"] as const;
  test.each([
    { set: PLACES, timeoutMs: 11 },
    { set: PLACES.slice(1), timeoutMs: 12 },
    { set: PLACES.slice(2), timeoutMs: 13 },
    { set: PLACES.slice(3), timeoutMs: 14 },
    { set: PLACES.slice(4), timeoutMs: 15 },
    { set: [], timeoutMs: 30_000 },
  ])("of $set it is $timeoutMs", ({ set, timeoutMs }) => {
    const line = (place: (typeof PLACES)[number]) => (set.includes(place) ? `timeout_ms = ${11 + PLACES.indexOf(place)}` : "");
    const config = compiled(`
[defaults.provider]
${line("defaults")}
[providers.openai]
models = ["m"]
${line("provider")}
[models."m"]
${line("model")}
[targets.a]
model = "m"
${line("target")}
[routes.r]
targets = ["a"]
${line("route")}
`);
    expect(route(config, "r").steps[0]?.candidates[0]?.timeoutMs).toBe(timeoutMs);
  });
});

test("a model's price and timeout are kept under its name", () => {
  const config = compiled(`
[providers.openai]
models = ["o3", "gpt-4.1"]
[models."o3"]
timeout_ms = 120000
price = { input = 2.0, cached_input = 0.5, cache_write = 2.5, cache_write_1h = 4, output = 8 }
[models."gpt-4.1"]
price = { input = 1, output = 2 }
`);
  expect(config.models).toEqual({
    o3: { timeoutMs: 120_000, price: { input: 2, cached_input: 0.5, cache_write: 2.5, cache_write_1h: 4, output: 8 } },
    "gpt-4.1": { price: { input: 1, output: 2 } },
  });
});
