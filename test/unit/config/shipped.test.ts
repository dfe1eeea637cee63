import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { load } from "../../../src/config/load.ts";
import { namedSecrets } from "../../../src/config/provider-secrets.ts";
import { secretUses } from "../../../src/config/secret-uses.ts";
import { compiled } from "./compiled-of.ts";
import { told } from "./told.ts";

const SHIPPED = readFileSync(new URL("../../../routes.toml", import.meta.url), "utf8");

describe("routes.toml as shipped", () => {
  const config = compiled(SHIPPED);
  const table = load(config, "v");

  test("has no problem and no warning", () => {
    expect(told(SHIPPED)).toEqual([]);
  });

  test("can be read in two minutes", () => {
    expect(SHIPPED.split("\n").length).toBeLessThanOrEqual(120);
    expect(Math.max(...SHIPPED.split("\n").map((line) => line.length))).toBeLessThanOrEqual(150);
  });

  test("serves gpt-4o by a 70/30 split over two models of one account", () => {
    const [step, ...more] = table.routesByModel.chat.get("gpt-4o")?.steps ?? [];
    expect(more).toEqual([]);
    expect(step?.strategy.name).toBe("weighted");
    expect(step?.candidates.map(({ model, weight, credential }) => [model, weight, credential])).toEqual([
      ["gpt-4o", 70, "OPENAI_API_KEY"],
      ["gpt-4.1", 30, "OPENAI_API_KEY"],
    ]);
  });

  test("shows every strategy, steps, a bare target, a route by name only, another kind and a function", () => {
    expect(new Set(config.routes.map(({ strategy }) => strategy))).toEqual(new Set(["single", "weighted", "fallback", "experiment"]));
    expect(config.routes.some(({ steps }) => steps.length > 1)).toBe(true);
    expect(config.routes.some(({ kind }) => kind === undefined)).toBe(true);
    expect(config.routes.some(({ layer, models, kind }) => layer === "route" && models.length === 0 && kind !== undefined)).toBe(true);
    expect(table.routesByModel.embeddings.get("text-embedding-3-small")?.kind).toBe("embeddings");
    expect([...table.functions.keys()]).toEqual(["extract"]);
    const variants = table.routes.get("summarize")?.steps[0]?.candidates.map(({ variant }) => variant);
    expect(variants).toEqual([
      { name: "fast", parameters: [["temperature", "0.2"]] },
      { name: "careful", parameters: [["max_tokens", "800"]] },
    ]);
  });

  test("falls back across providers", () => {
    const candidates = table.routesByModel.chat.get("claude-sonnet-4-6")?.steps[0]?.candidates ?? [];
    expect(candidates.map(({ provider }) => provider.id)).toEqual(["anthropic", "openai"]);
  });

  test("passes speech, transcription and images through: no route covers their models", () => {
    for (const model of ["gpt-4o-mini-tts", "whisper-1", "gpt-image-1"]) {
      expect(table.listings.get(model)?.id).toBe("openai");
      expect(Object.values(table.routesByModel).some((models) => models.has(model))).toBe(false);
    }
  });

  test("needs one key of each provider, asks callers for one, and names no provider's: any one of them is enough to begin with", () => {
    const needed = secretUses(config).filter((use) => use.needed);
    expect([...new Set(needed.map(({ secret }) => secret))]).toEqual(["TO11_API_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY"]);
    expect([...namedSecrets(SHIPPED)]).toEqual(["TO11_API_KEY"]);
    expect(config.open).toBe(false);
  });

  test("still compiles with its commented-out keys put in", () => {
    const uncommented = SHIPPED.replaceAll(
      /^# (\[(?:providers|targets)\..*\]|base_url .*|models .*|model = .*|credential .*|retry = .*?)(?: {2,}# .*)?$/gm,
      "$1",
    );
    expect(uncommented).not.toBe(SHIPPED);
    expect(compiled(uncommented).providers.map(({ id }) => id)).toEqual(["openai", "anthropic", "acme"]);
    expect([...namedSecrets(uncommented)]).toEqual(["TO11_API_KEY", "ACME_KEY", "OPENAI_SECOND_API_KEY"]);
  });
});
