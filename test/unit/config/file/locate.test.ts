import { readdirSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { parse } from "smol-toml";
import { describe, expect, test } from "vitest";
import type { KeyPath } from "../../../../src/config/file/key-path.ts";
import { locator } from "../../../../src/config/file/locate.ts";
import type { Place } from "../../../../src/config/file/toml-text.ts";
import { parsedPlaces } from "../parsed-places.ts";
import { TOML } from "../toml-spellings.ts";

const ROOT = new URL("../../../../", import.meta.url);
const SHIPPED = read("routes.toml");

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), "utf8");
}

/** Everything the text names, and something that is missing in each of them: it is told at the place of what is around it. */
function expectParsedPlaces(toml: string): void {
  const expected = parsedPlaces(toml);
  const locate = locator(toml);
  const found = new Map<string, Place | undefined>();
  const around = new Map<string, Place | undefined>();
  for (const id of expected.keys()) {
    const path = JSON.parse(id) as KeyPath;
    found.set(id, locate(path));
    around.set(id, locate([...path, "not there", 3]));
  }
  expect(found).toEqual(expected);
  expect(around).toEqual(expected);
}

function isToml(text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

const FENCED = /^```toml[^\n]*\n([^]*?)^```$/gm;
const TEMPLATE = /`([^`]*)`/g;

function tomlsIn(folder: string, { ending, texts }: { ending: string; texts: RegExp }): readonly string[] {
  return readdirSync(new URL(folder, ROOT))
    .filter((name) => name.endsWith(ending))
    .flatMap((name) => [...read(folder + name).matchAll(texts)].map(([, text]) => (text ?? "").replaceAll("\\n", "\n")))
    .filter((text) => text.includes("=") && isToml(text));
}

describe("a file's keys are where a whole parser of TOML sees them", () => {
  test("in routes.toml as shipped", () => {
    expectParsedPlaces(SHIPPED);
    expect(parsedPlaces(SHIPPED).size).toBeGreaterThan(50);
  });

  test.each([
    { of: "the documentation", least: 6, tomls: tomlsIn("docs/", { ending: ".md", texts: FENCED }) },
    { of: "these tests", least: 100, tomls: tomlsIn("test/unit/config/", { ending: ".test.ts", texts: TEMPLATE }) },
  ])("in the files of $of", ({ least, tomls }) => {
    expect(tomls.length).toBeGreaterThanOrEqual(least);
    for (const toml of tomls) expectParsedPlaces(toml);
  });

  test("in every spelling", () => {
    fc.assert(
      fc.property(TOML, (toml) => {
        expect(isToml(toml)).toBe(true);
        expectParsedPlaces(toml);
      }),
      { numRuns: 300 },
    );
  });
});

test.each<[string, string, KeyPath, Place]>([
  ["a byte order mark takes no column", "\uFEFFa = 1\nb = 2\n", ["a"], { line: 1, column: 1 }],
  ["the line after it is counted as any", "\uFEFFa = 1\n b = 2\n", ["b"], { line: 2, column: 2 }],
  ["a position is no name", `a = [1]\n[b]\n0 = 1\n`, ["b", 0], { line: 2, column: 2 }],
  ["a name is no position", `a = [\n1]\n`, ["a", "0"], { line: 1, column: 1 }],
  ["a file may end without an end of line", `a = 1\nb = "c"`, ["b"], { line: 2, column: 1 }],
  ["an empty file", "", ["a"], { line: 1, column: 1 }],
  ["a file of comments", "# a\n# b", ["a"], { line: 1, column: 1 }],
])("%s", (_what, toml, path, place) => {
  expect(locator(toml)(path)).toEqual(place);
});

const ONES = 200_000;
const LONG_NAME = "n".repeat(100_000);

test.each<[string, string, KeyPath, Place]>([
  ["one line of very many elements", `a = [${"1,".repeat(ONES)}]`, ["a", ONES - 1], { line: 1, column: 4 + 2 * ONES }],
  ["very many lines", `a = [\n${"1,\n".repeat(ONES)}]`, ["a", ONES - 1], { line: ONES + 1, column: 1 }],
  ["very many tables", `[[a]]\n`.repeat(ONES), ["a", ONES - 1], { line: ONES, column: 3 }],
  ["a very long string", `a = "${"x".repeat(5_000_000)}"\nb = 1`, ["b"], { line: 2, column: 1 }],
  ["a very long comment", `#${"x".repeat(5_000_000)}\nb = 1`, ["b"], { line: 2, column: 1 }],
  ["very many blank lines", `${"\n".repeat(5_000_000)}b = 1`, ["b"], { line: 5_000_001, column: 1 }],
  [
    "very many keys under a very long name",
    `[${LONG_NAME}]\n${Array.from({ length: 20_000 }, (_, index) => `k${index} = 1\n`).join("")}`,
    [LONG_NAME, "k19999"],
    { line: 20_001, column: 1 },
  ],
])("time grows with the file's length only: %s", (_what, toml, path, place) => {
  expect(locator(toml)(path)).toEqual(place);
});

describe("in text that is no TOML", () => {
  test.each([
    ["no value", "a = = 1"],
    ["no end of an array", "a = [1"],
    ["no end of a table", "a = { b = 1"],
    ["no end of a header", "[a"],
    ["half the end of a header", "[[a]\nb = 1"],
    ["no name", "[.a]"],
    ["no equals sign", "a 1"],
    ["an escape that is none", `"\\q" = 1`],
    ["more nesting than is allowed", `a = ${"[".repeat(10_000)}${"]".repeat(10_000)}`],
  ])("nothing has a place: %s", (_what, toml) => {
    expect(locator(toml)(["a"])).toBeUndefined();
  });

  test("nothing is thrown", () => {
    const piece = fc.oneof(
      fc.constantFrom(..."[]{}=.,\"'#\\\n\r\t\u0000 \uFEFFa1", '"""', "'''", "[[", "]]", "\\u", "\\UFFFFFFFF"),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        locator(pieces.join(""))(["a", 0]);
      }),
      { numRuns: 2000 },
    );
    for (let length = 0; length < SHIPPED.length; length += 1) locator(SHIPPED.slice(0, length))(["a"]);
  });
});
