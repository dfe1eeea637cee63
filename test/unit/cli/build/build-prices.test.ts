import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { PRICES_RELEASE, priceTable } from "../../../../src/cli/build/build-prices.ts";
import { settlePrices } from "../../../../src/config/prices.ts";
import { PROVIDER_TYPES } from "../../../../src/providers/index.ts";
import { compiled } from "../../config/compiled-of.ts";

const table = await priceTable();

/** What the package says of one model at a provider of this type. */
function priceOf(type: string, model: string): unknown {
  const settled = settlePrices(
    compiled(`[providers.p]\ntype = "${type}"\nbase_url = "https://p.example.com/v1"\nmodels = ["${model}"]\n`),
    table,
  );
  return settled.models["p"]?.[model];
}

test("the table's date is that of the installed package", async () => {
  const { version } = JSON.parse(await readFile("node_modules/@pydantic/genai-prices/package.json", "utf8")) as { version: string };
  expect(version, "PRICES_RELEASE tells another version: give it the new one's day").toBe(PRICES_RELEASE.version);
  expect(table.date).toBe(PRICES_RELEASE.date);
});

// Prices of what providers no longer change; a new version of the package may still correct them.
test.each([
  ["anthropic", "claude-3-5-haiku-20241022", { input: 0.8, cached_input: 0.08, cache_write: 1, cache_write_1h: 1.6, output: 4 }],
  ["azure", "gpt-4o-2024-08-06", { input: 2.5, cached_input: 1.25, output: 10 }],
  ["xai", "grok-3", { input: 3, cached_input: 0.75, output: 15 }],
  ["moonshot", "moonshot-v1-8k", { input: 0.2, output: 2 }],
  ["azure", "text-embedding-3-small", { input: 0.02, output: 0 }],
  // Paid by the hour of audio, and by nothing that the gateway counts.
  ["groq", "whisper-large-v3", undefined],
  ["anthropic", "no-such-model", undefined],
  // Not in the package.
  ["nvidia", "gpt-4o", undefined],
])("%s %s costs %j", (type, model, price) => {
  expect(priceOf(type, model)).toEqual(price);
});

test("a model's context window comes along where the package knows it", () => {
  const settled = settlePrices(compiled(`[providers.openai]\nmodels = ["gpt-4o", "no-such-model"]\n`), table);
  expect(settled.contextWindows?.["openai"]).toEqual({ "gpt-4o": 128_000 });
});

test("a price that changed on a day is the newer one, one that rises with the input its base", () => {
  const models = `models = ["o3", "gemini-2.5-pro"]\n`;
  const toml = `[providers.openai]\n${models}[providers.google]\n${models}`;
  const settled = settlePrices(compiled(toml), table);
  expect(settled.models["openai"]?.["o3"]).toEqual({ input: 2, cached_input: 0.5, output: 8 });
  expect(settled.models["google"]?.["gemini-2.5-pro"]).toMatchObject({ input: 1.25, output: 10 });
});

test("every type with a public address finds its prices by that address", () => {
  const missed = [...PROVIDER_TYPES.values()].filter(({ id, baseUrl }) => {
    const address = table.providers[id]?.address;
    return address !== undefined && baseUrl !== undefined && !new RegExp(`^(?:${address})`).test(baseUrl);
  });
  expect(missed.map(({ id }) => id)).toEqual([]);
});
