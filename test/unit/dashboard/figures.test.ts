import { expect, test } from "vitest";
import { bytes, duration, percent, shortCount, usd } from "../../../src/dashboard/figures.ts";

test.each([
  [0, "0 ms"],
  [812.4, "812 ms"],
  [999.4, "999 ms"],
  [999.5, "1.00 s"],
  [1_240, "1.24 s"],
  [59_994, "59.99 s"],
  [59_995, "1 min 0 s"],
  [119_600, "2 min 0 s"],
  [125_000, "2 min 5 s"],
  [null, "–"],
])("%s ms is %s", (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test.each([
  [0, "$0"],
  [0.000_000_02, "< $0.000001"],
  [0.000_012_34, "$0.000012"],
  [0.0123, "$0.012"],
  [1, "$1.00"],
  [1_234.5, "$1,234.50"],
  [null, "–"],
])("%s USD is %s", (value, text) => {
  expect(usd(value)).toBe(text);
});

test.each([
  [0, "0 %"],
  [0.0345, "3.5 %"],
  [1, "100 %"],
  [undefined, "–"],
])("the share %s is %s", (share, text) => {
  expect(percent(share)).toBe(text);
});

test("counts and sizes have units that stay readable", () => {
  expect([99_999, 123_456, 1_500_000].map(shortCount)).toEqual(["99,999", "123.5K", "1.5M"]);
  expect([0, 1_023, 1_024, 1_572_864].map(bytes)).toEqual(["0 B", "1023 B", "1.0 KiB", "1.5 MiB"]);
});
