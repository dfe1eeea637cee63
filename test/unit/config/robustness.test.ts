import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compile } from "../../../src/config/compile.ts";
import { load } from "../../../src/config/load.ts";
import { documentVersion, openDocument, writeDocument } from "../../../src/config/document.ts";

const LOCAL = { localDevelopment: true };
const SHIPPED = readFileSync(new URL("../../../routes.toml", import.meta.url), "utf8");

/** Compiles, and links what compiles: neither may throw. */
function survives(toml: string): boolean {
  const result = compile(toml, LOCAL);
  if (!result.ok) return result.error.some((problem) => problem.severity === "error");
  load(result.value.compiled, "v");
  return true;
}

test("any text is compiled or refused, never an exception", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), survives), { numRuns: 500 });
});

/** Snippets that mean something to TOML or to the schema. */
const PIECES = [
  "[",
  "]",
  "[[",
  "]]",
  "=",
  ".",
  ",",
  "{",
  "}",
  '"',
  "'''",
  "#",
  "\n",
  "\r\n",
  "\\",
  "\u0000",
  "-1",
  "1e999",
  "nan",
  "0x",
  "9223372036854775807",
  "1979-05-27",
  "true",
  "env::",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "route",
  "*",
  "::",
  "providers",
  "routes",
  "steps",
  "variants",
  "models",
  "targets",
  "strategy",
  "weight = 0",
  '[models."*"]',
  "[[routes.mini.steps]]",
  'headers = { __proto__ = "x" }',
  "🦄",
  "é",
];

test("the shipped file with pieces put in or taken out is compiled or refused, never an exception", () => {
  const edit = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), cut: fc.nat(40), put: fc.constantFrom(...PIECES) });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
      const toml = edits.reduce((text, { at, cut, put }) => {
        const index = Math.floor(at * text.length);
        return text.slice(0, index) + put + text.slice(index + cut);
      }, SHIPPED);
      return survives(toml);
    }),
    { numRuns: 300 },
  );
});

test("the shipped file with lines left out, doubled or moved is compiled or refused, never an exception", () => {
  const lines = SHIPPED.split("\n");
  fc.assert(
    fc.property(fc.array(fc.nat(lines.length - 1), { maxLength: 200 }), (picked) =>
      survives(picked.map((index) => lines[index]).join("\n")),
    ),
    { numRuns: 300 },
  );
});

test.each([
  ["a table under __proto__", `[__proto__]\nx = 1\n`],
  ["a provider named like an object's inside", `[providers.__proto__]\nmodels = ["m"]\n`],
  [
    "a provider named constructor",
    `[providers.constructor]\nbase_url = "https://c.example/v1"\nmodels = ["toString"]\n[targets.a]\nmodel = "toString"\n`,
  ],
  [
    "a model named __proto__",
    `[providers.openai]\nmodels = ["__proto__"]\n[models.__proto__]\ntimeout_ms = 1\n[targets.a]\nmodel = "__proto__"\n`,
  ],
  ["a variant parameter __proto__", `[providers.openai]\nmodels = ["m"]\n[routes.r.variants.v]\nmodel = "m"\n__proto__ = { a = 1 }\n`],
  ["ten thousand nested tables", `[a${".a".repeat(10_000)}]\n`],
  ["ten thousand nested arrays", `a = ${"[".repeat(10_000)}${"]".repeat(10_000)}\n`],
  ["a very long line", `[providers.openai]\nmodels = ["${"x".repeat(100_000)}"]\n`],
])("%s is compiled or refused, never an exception", (_what, toml) => {
  expect(survives(toml)).toBe(true);
});

test("weights that no draw could tell apart are refused", () => {
  const names = Array.from({ length: 4_295 }, (_, index) => `t${index}`);
  const targets = names.map((name) => `[targets.${name}]\nmodel = "m"\nweight = 1000000\n`).join("");
  const list = names.map((name) => `"${name}"`).join(", ");
  const result = compile(`[providers.openai]\nmodels = ["m"]\n${targets}[routes.r]\nstrategy = "weighted"\ntargets = [${list}]\n`, LOCAL);
  expect(result).toMatchObject({ ok: false, error: [{ path: "routes.r.targets", message: expect.stringContaining("4295000000") }] });
});

test("no problem repeats a literal key, wherever it was put", () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9]{20,40}$/).map((text) => `sk-${text}`);
  const places = [
    (key: string) => `[auth]\napi_keys = ["${key}"]\n`,
    (key: string) => `[auth]\napi_keys = [${key}]\n`,
    (key: string) => `[providers.openai]\ncredential = "${key}"\n`,
    (key: string) => `[providers.openai]\ncredential = ["${key}"]\n`,
    (key: string) => `[providers.openai]\nheaders = { authorization = "Bearer ${key}" }\n`,
    (key: string) => `[providers.openai]\nheaders = { x-team = "${key}" }\n`,
    (key: string) => `[providers.openai]\nheaders = "${key}"\n`,
    (key: string) => `[providers.openai]\nquery = { key = "${key}" }\n`,
    (key: string) => `[providers.openai]\nbase_url = "https://${key}@api.openai.com/v1"\n`,
    (key: string) => `[providers.openai]\nbase_url = "https://api.openai.com/v1?key=${key}"\n`,
    (key: string) => `[providers.openai]\nbase_url = "${key}"\n`,
    (key: string) => `[providers.openai]\nmodels = ["m"]\n[targets.a]\nmodel = "m"\ncredential = "${key}"\n`,
    (key: string) => `[traces]\notlp_endpoint = "https://o.example"\notlp_headers = { authorization = "${key}" }\n`,
    (key: string) => `[providers.openai]\ncredential = ${key}\n`,
  ];
  fc.assert(
    fc.property(secret, fc.constantFrom(...places), (key, place) => {
      const result = compile(place(key), LOCAL);
      return !result.ok && !JSON.stringify(result.error).includes(key);
    }),
  );
});

test("any text is opened as a document or refused, never an exception", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => typeof openDocument(text, LOCAL).ok === "boolean"));
});

test("the shipped file is published and opened as the same table", async () => {
  const result = compile(SHIPPED, LOCAL);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  const text = writeDocument(SHIPPED, result.value.compiled);
  const opened = openDocument(text, LOCAL);
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const version = await documentVersion(text);
  expect(load(opened.value.compiled, version)).toEqual(load(result.value.compiled, version));
});
