import { describe, expect, test } from "vitest";
import {
  addFlat,
  countValue,
  emptyHistogram,
  flat,
  type Histogram,
  quantile,
  QUANTILE_ERROR,
} from "../../../../src/core/trace/histogram.ts";

function histogramOf(values: Iterable<number>): Histogram {
  const histogram = emptyHistogram();
  for (const value of values) countValue(histogram, value);
  return histogram;
}

describe("a quantile", () => {
  test.each([1, 2, 3, 5, 10, 12.5, 77, 100, 1_000, 12_345, 3_600_000, 100_000_000])("of nothing but %d is right within 2 %%", (value) => {
    const found = quantile(histogramOf([value]), 0.5) ?? 0;
    expect(Math.abs(found - value) / value).toBeLessThanOrEqual(QUANTILE_ERROR + 1e-4);
  });

  test("is right within 2 % over every whole value up to 20,000", () => {
    for (let value = 1; value <= 20_000; value += 1) {
      const found = quantile(histogramOf([value]), 0.99) ?? 0;
      expect(Math.abs(found - value) / value, String(value)).toBeLessThanOrEqual(QUANTILE_ERROR + 1e-4);
    }
  });

  test.each([
    [0.5, 500],
    [0.95, 950],
    [0.99, 990],
    [1, 1000],
  ])("of 1 to 1000, %d, is that share's value within 2 %%", (share, value) => {
    const found = quantile(histogramOf(Array.from({ length: 1000 }, (_, n) => n + 1)), share) ?? 0;
    expect(Math.abs(found - value) / value).toBeLessThanOrEqual(QUANTILE_ERROR + 1e-4);
  });

  test("of values below 1 is 0, of none null, of huge ones the greatest bucket's", () => {
    expect(quantile(histogramOf([0, 0.3]), 0.5)).toBe(0);
    expect(quantile(histogramOf([]), 0.5)).toBeNull();
    expect(quantile(histogramOf([1e15]), 0.5)).toBeGreaterThan(5e8);
  });

  test("of two values is the lower at one half", () => {
    expect(quantile(histogramOf([1, 1_000]), 0.5)).toBe(1);
  });
});

test("histograms are merged by adding, as if their values had been counted in one", () => {
  const [left, right] = [histogramOf([0, 5, 5, 90]), histogramOf([5, 2_000])];
  addFlat(left, flat(right));
  expect(flat(left)).toEqual(flat(histogramOf([0, 5, 5, 90, 5, 2_000])));
  expect(flat(emptyHistogram())).toEqual([]);
});
