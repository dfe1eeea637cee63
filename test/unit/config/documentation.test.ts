import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { routesFileSchema } from "../../../src/config/schema.ts";
import { LIMIT_NAMES } from "../../../src/core/governance/limit.ts";
import { PROVIDER_TYPES } from "../../../src/providers/index.ts";
import { told } from "./told.ts";

const TEXT = readFileSync(new URL("../../../docs/routes-toml.md", import.meta.url), "utf8");

/** Without the spaces that line up the columns of its tables. */
const DOCS = TEXT.replaceAll(/^\|.*$/gm, (row) => row.replaceAll(/ {2,}/g, " "));

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
}

/** What stands in every table of limits, and is explained once. */
const LIMITS: ReadonlySet<string> = new Set(LIMIT_NAMES);

/** The paths of all keys that hold a value, names of one's own as NAME (a provider's as ID). A function's keys are a route's, a table of limits is one. */
function keysOf(schema: JsonSchema, path: string): readonly string[] {
  const keys = Object.keys(schema.properties ?? {});
  if (keys.includes("max_concurrent")) return [path, ...keys.filter((key) => !LIMITS.has(key)).map((key) => `${path}.${key}`)];
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => keysOf(inner, path === "" ? key : `${path}.${key}`));
  const { additionalProperties: entry, items } = schema;
  const named =
    typeof entry === "object" && entry.properties !== undefined ? keysOf(entry, `${path}.${path === "providers" ? "ID" : "NAME"}`) : [];
  const listed = items?.properties === undefined ? [] : keysOf(items, `${path}[]`);
  const inside = [...own, ...named, ...listed];
  const isTable = inside.length > 0 && !["routes.NAME.steps", "routes.NAME.variants"].includes(path);
  return isTable ? inside : [path, ...inside];
}

const SCHEMA_KEYS = keysOf(z.toJSONSchema(routesFileSchema) as JsonSchema, "").filter((key) => !key.startsWith("functions."));
const DOCUMENTED = [...DOCS.matchAll(/^\| `([^`]+\.[^`]+)` \|/gm)].map(([, key]) => key ?? "").filter((key) => !key.startsWith("http"));

describe("docs/routes-toml.md", () => {
  test("documents every key there is, once, and no other", () => {
    expect(new Set(DOCUMENTED)).toEqual(new Set(SCHEMA_KEYS));
    expect(new Set(DOCUMENTED).size).toBe(DOCUMENTED.length);
    expect(SCHEMA_KEYS.length).toBeGreaterThan(50);
  });

  test("gives every key a type, a default and a meaning", () => {
    for (const row of DOCS.matchAll(/^\| `[^`]+\.[^`]+` \|.*$/gm)) {
      const cells = row[0].split("|").map((cell) => cell.trim());
      expect(cells, row[0]).toHaveLength(6);
      expect(
        cells.slice(1, 5).every((cell) => cell !== ""),
        row[0],
      ).toBe(true);
    }
  });

  test("names every limit", () => {
    for (const name of LIMIT_NAMES) expect(DOCS).toContain(`\`${name}\``);
  });

  test("names every provider type, with its address", () => {
    for (const type of PROVIDER_TYPES.values()) {
      expect(DOCS).toContain(`\`${type.id}\``);
      if (type.baseUrl !== undefined) expect(DOCS).toContain(`| \`${type.id}\` | \`${type.baseUrl}\` | `);
    }
  });

  test("says of every type with an address of its own which paths it answers", () => {
    for (const type of PROVIDER_TYPES.values()) {
      if (type.baseUrl === undefined || type.id === "openai") continue;
      const paths = type.speaks.map((path) => `\`${path}\``).join(", ");
      expect(DOCS).toContain(`| \`${type.id}\` | \`${type.baseUrl}\` | ${paths} |`);
    }
  });
});

describe("the examples of docs/routes-toml.md", () => {
  const examples = [...DOCS.matchAll(/^```toml(?: fails: ([^\n]+))?\n([^]*?)^```$/gm)].map(([, fails, toml]) => ({
    fails,
    toml: toml ?? "",
  }));

  test("are there", () => {
    expect(examples.length).toBeGreaterThanOrEqual(6);
    expect(examples.filter(({ fails }) => fails !== undefined)).toHaveLength(1);
  });

  test.each(examples)("compile, or fail as they say: $fails", ({ fails, toml }) => {
    const problems = told(toml, { localDevelopment: true }).map((line) => line.replace(/^\d+:\d+ error /, ""));
    expect(problems).toEqual(fails === undefined ? [] : [fails]);
  });
});

test("the example of docs/keys.md compiles", () => {
  const text = readFileSync(new URL("../../../docs/keys.md", import.meta.url), "utf8");
  const [, toml = ""] = /^```toml\n([^]*?)^```$/m.exec(text) ?? [];
  expect(toml).toContain("issued = true");
  expect(told(toml)).toEqual([]);
});
