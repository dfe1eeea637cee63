import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shellWord } from "../../../../src/cli/terminal/shell-word.ts";
import { formatTable } from "../../../../src/cli/terminal/table.ts";
import { visible, visibleLines } from "../../../../src/cli/terminal/visible.ts";

describe("what a terminal would obey or hide is written out", () => {
  it.each([
    ["plain", "plain"],
    ["modèle-日本 🙂 👩‍💻", "modèle-日本 🙂 👩‍💻"],
    [String.raw`C:\x1b`, String.raw`C:\x1b`],
    ["\u001b[2J\u001b[1;1H", String.raw`\u001b[2J\u001b[1;1H`],
    ["a\nb\r\nc\td", String.raw`a\nb\r\nc\td`],
    ["\u0000\u0007\u0008\u007f", String.raw`\u0000\u0007\u0008\u007f`],
    ["\u009b31m\u0085", String.raw`\u009b31m\u0085`],
    ["user\u202egnp.exe", String.raw`user\u202egnp.exe`],
    ["\u2066a\u2069\u200e\u200f\u061c", String.raw`\u2066a\u2069\u200e\u200f\u061c`],
    ["a\u2028b\u2029c\ufeffd\u200be\u2060f", String.raw`a\u2028b\u2029c\ufeffd\u200be\u2060f`],
    ["\u{e0041}", String.raw`\udb40\udc41`],
    ["\ud800x", String.raw`\ud800x`],
  ])("%j", (text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it("all of it, wherever it stands; JSON stays the same JSON", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(visible(text)).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
        expect(JSON.parse(visible(JSON.stringify(text)))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it("but for line breaks and tabs where several lines are shown", () => {
    expect(visibleLines("a\n\tb\r\u001b")).toBe(String.raw`a
	b\r\u001b`);
  });

  it("in the cells of a table, each of which stays one line", () => {
    expect(formatTable([["a\nb", "\u001b[31mred"], ["c", "d"]])).toEqual([String.raw`a\nb  \u001b[31mred`, "c     d"]); // prettier-ignore
  });
});

describe("a word of the shell", () => {
  it.each(["", "it's", "'", "''", '$HOME `id` $(id) \\ !! " # ~ * ? [a] {b,c} | & ; < >', "-n", "a\nb", "é\t日本", "\\'"])(
    "%j means itself",
    (text) => {
      // prettier-ignore
      expect(execFileSync("/bin/sh", ["-c", `printf '%s|' ${shellWord(text)}`], { encoding: "utf8" })).toBe(`${text}|`);
    },
  );
});
