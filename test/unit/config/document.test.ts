import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { documentVersion, openDocument, writeDocument } from "../../../src/config/document.ts";
import { NO_PRICES } from "../../../src/config/prices.ts";
import { compiled } from "./compiled-of.ts";

const TOML = `[providers.openai]\nmodels = ["gpt-4o"]\n[targets.a]\nmodel = "gpt-4o"\n`;
const LOCAL = { localDevelopment: false };

test("a document is read back as it was written", () => {
  const document = openDocument(writeDocument(TOML, compiled(TOML)), LOCAL);
  expect(document).toEqual({ ok: true, value: { format: 1, toml: TOML, compiled: compiled(TOML), prices: NO_PRICES } });
});

test("a document of this version is taken as it was compiled, not compiled again", () => {
  const other = compiled(TOML.replace("[targets.a]", "[targets.other]"));
  expect(openDocument(writeDocument(TOML, other), LOCAL)).toMatchObject({ ok: true, value: { compiled: other } });
});

test("a document keeps the prices of its publishing, also where it is compiled again", () => {
  const prices = { date: "2026-09-23", models: { openai: { "gpt-4o": { input: 2.5, output: 10 } } } };
  const text = writeDocument(TOML, compiled(TOML), prices);
  expect(openDocument(text, LOCAL)).toMatchObject({ ok: true, value: { prices } });
  expect(openDocument(text.replace('"format":1', '"format":2'), LOCAL)).toMatchObject({ ok: true, value: { prices } });
});

test.each(["{}", "[]", "7", '{"date":null,"models":7}'])("prices of another shape (%s) are none", (prices) => {
  const text = JSON.stringify({ format: 1, toml: TOML, compiled: compiled(TOML), prices: JSON.parse(prices) });
  expect(openDocument(text, LOCAL)).toMatchObject({ ok: true, value: { prices: NO_PRICES } });
});

test("the same file gives the same text and version, another file another", async () => {
  const text = writeDocument(TOML, compiled(TOML));
  expect(writeDocument(TOML, compiled(TOML))).toBe(text);
  expect(await documentVersion(text)).toBe(createHash("sha256").update(text).digest("hex"));
  expect(await documentVersion(writeDocument(`# note\n${TOML}`, compiled(TOML)))).not.toBe(await documentVersion(text));
});

test("a version is 64 hex digits, zeros included", async () => {
  expect(await documentVersion("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

describe("a document that another version wrote", () => {
  test.each([
    ["a later format", { format: 2, toml: TOML, plan: [] }],
    ["a later format of a like shape", { format: 2, toml: TOML, compiled: compiled("") }],
    ["no compiled part", { format: 1, toml: TOML }],
    ["a compiled part of another shape", { format: 1, toml: TOML, compiled: [] }],
    ["compiled routes of another shape", { format: 1, toml: TOML, compiled: { ...compiled(TOML), routes: {} } }],
    ["compiled providers of another shape", { format: 1, toml: TOML, compiled: { ...compiled(TOML), providers: {} } }],
    ["no compiled traces", { format: 1, toml: TOML, compiled: { ...compiled(TOML), traces: null } }],
    [
      "a provider type this version does not know",
      {
        format: 1,
        toml: TOML,
        compiled: { ...compiled(TOML), providers: compiled(TOML).providers.map((one) => ({ ...one, type: "later" })) },
      },
    ],
  ])("with %s is compiled again from its file", (_what, document) => {
    expect(openDocument(JSON.stringify(document), LOCAL)).toEqual({
      ok: true,
      value: { format: 1, toml: TOML, compiled: compiled(TOML), prices: NO_PRICES },
    });
  });

  test("and whose file this version refuses is a list of problems", () => {
    const document = openDocument(JSON.stringify({ format: 2, toml: "[later]\n" }), LOCAL);
    expect(document).toMatchObject({ ok: false, error: [{ path: "later", line: 1, column: 2 }] });
  });
});

test.each(["", "{", "null", "[]", "7", `"text"`, "{}", `{"format":1}`, `{"format":1,"toml":7}`, "\u0000"])(
  "the stored text %j is a problem, not an exception",
  (text) => {
    const document = openDocument(text, LOCAL);
    expect(document).toMatchObject({ ok: false, error: [{ severity: "error", path: "", line: null, column: null }] });
  },
);
