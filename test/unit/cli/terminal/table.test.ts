import { expect, it } from "vitest";
import { percent } from "../../../../src/cli/terminal/percent.ts";
import { formatTable } from "../../../../src/cli/terminal/table.ts";

it("aligns columns to their widest cell, with nothing at the end of a line", () => {
  expect(
    formatTable([
      ["a", "b", ""],
      ["long", "c", "d"],
    ]),
  ).toEqual(["a     b", "long  c  d"]);
});

it.each([
  [0.7, "70 %"],
  [1 / 3, "33.3 %"],
  [1, "100 %"],
  [0, "0 %"],
])("says a share of %d as %s", (share, text) => {
  expect(percent(share)).toBe(text);
});
