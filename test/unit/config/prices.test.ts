import { expect, test } from "vitest";
import { load } from "../../../src/config/load.ts";
import { type PriceTable, settlePrices } from "../../../src/config/prices.ts";
import { PRICE_TABLE } from "../../support/price-table.ts";
import { compiled } from "./compiled-of.ts";

const INPUT_2 = { input: 2, output: 4 };

/** The settled prices of the provider `id` in a file. */
function pricesOf(toml: string, id: string, table: PriceTable = PRICE_TABLE): unknown {
  return settlePrices(compiled(toml), table).models[id];
}

test("every listed and called model gets what the first row says whose names fit, one that none fits nothing", () => {
  const toml = `
[providers.openai]
models = ["gpt-4o", "GPT-4o-mini", "o3"]
[providers.all]
base_url = "https://api.x.ai/v1"
models = ["*"]
[targets.grok]
model = "grok-4"
provider = "all"
`;
  expect(settlePrices(compiled(toml), PRICE_TABLE)).toEqual({
    date: "2026-09-23",
    models: {
      openai: { "gpt-4o": { input: 2.5, cached_input: 1.25, output: 10 }, "GPT-4o-mini": { input: 7, output: 8 } },
      all: { "grok-4": { input: 3, output: 15 } },
    },
    contextWindows: { openai: { "gpt-4o": 128_000 }, all: {} },
  });
});

test.each([
  ["an address, whatever the type", "mine", 'type = "openai"\nbase_url = "https://api.x.ai/v1"', 3],
  ["an address, whatever the id", "openai", 'base_url = "https://api.x.ai/v1"', 3],
  ["the type behind a proxy", "mine", 'type = "xai"\nbase_url = "https://proxy.example.com/v1"', 3],
  ["the id behind a proxy, where the type is everybody's", "openai", 'base_url = "https://proxy.example.com/v1"', 9],
])("a provider is known by %s", (_what, id, settings, input) => {
  const openai = { address: "https://api\\.openai\\.com", models: [["^grok-4$", { input: 9, output: 9 }]] as const };
  const table: PriceTable = { date: "2026-09-23", providers: { ...PRICE_TABLE.providers, openai } };
  expect(pricesOf(`[providers.${id}]\n${settings}\nmodels = ["grok-4"]\n`, id, table)).toMatchObject({ "grok-4": { input } });
});

test.each([
  ["somebody else's server", "mine", "https://llm.example.com/v1"],
  ["an address that only ends like a known one", "mine", "https://evil.example.com/https://api.openai.com/v1"],
  ["an id that is a property of every object", "constructor", "https://llm.example.com/v1"],
])("%s has no prices", (_what, id, address) => {
  expect(pricesOf(`[providers.${id}]\nbase_url = "${address}"\nmodels = ["gpt-4o"]\n`, id)).toEqual({});
});

test("a model costs what its own provider asks, and what the file says goes first", () => {
  const config = compiled(`
[providers.openai]
models = ["gpt-4o", "gpt-own"]
[providers.azure]
base_url = "https://acme.openai.azure.com/openai/v1"
models = ["gpt-4o"]
[models."gpt-own"]
price = { input = 2, output = 4 }
[targets.direct]
model = "gpt-4o"
provider = "openai"
[targets.hosted]
model = "gpt-4o"
provider = "azure"
[targets.own]
model = "gpt-own"
[routes.r]
strategy = "fallback"
targets = ["direct", "hosted", "own"]
`);
  const table = load(config, "v", JSON.parse(JSON.stringify(settlePrices(config, PRICE_TABLE))));
  expect(table.routes.get("r")?.steps[0]?.candidates.map(({ price }) => price)).toEqual([
    { input: 2.5, cached_input: 1.25, output: 10 },
    { input: 2.75, cached_input: 1.375, output: 11 },
    INPUT_2,
  ]);
  expect(table.providers.get("azure")?.prices.get("gpt-4o")?.input).toBe(2.75);
  expect(table.providers.get("openai")?.contextWindows.get("gpt-4o")).toBe(128_000);
});

test("models and providers may be named like a property of every object", () => {
  const toml = `[providers.constructor]\nbase_url = "https://api.openai.com/v1"\nmodels = ["__proto__", "gpt-1"]\n`;
  const config = compiled(toml);
  const prices = settlePrices(config, {
    date: "2026-09-23",
    providers: { openai: { address: "https://", models: [["", { input: 1, output: 2 }]] } },
  });
  const provider = load(config, "v", JSON.parse(JSON.stringify(prices))).providers.get("constructor");
  expect([...(provider?.prices ?? [])]).toEqual([
    ["__proto__", { input: 1, output: 2 }],
    ["gpt-1", { input: 1, output: 2 }],
  ]);
  expect(load(config, "v").providers.get("constructor")?.prices.size).toBe(0);
});

test("a table of 500 patterns is looked through for 10,000 models in 2 s of the processor", () => {
  const models = Array.from({ length: 10_000 }, (_, index) => `"model-${index}"`).join(", ");
  const config = compiled(`[providers.openai]\nmodels = [${models}]\n`);
  const rows = Array.from({ length: 500 }, (_, index) => [`^other-${index}$`, { input: 1, output: 2 }] as const);
  const table: PriceTable = { date: "2026-09-23", providers: { openai: { address: "https://api\\.openai\\.com", models: rows } } };
  const begun = process.threadCpuUsage();
  expect(settlePrices(config, table).models["openai"]).toEqual({});
  const { user, system } = process.threadCpuUsage(begun);
  expect((user + system) / 1_000).toBeLessThan(2_000);
}, 30_000);
