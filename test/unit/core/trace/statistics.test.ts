import { describe, expect, test } from "vitest";
import { chiSquarePValue, meanEstimate, type Moments, shareEstimate, splitTest } from "../../../../src/core/trace/statistics.ts";

describe("a share's 95 % interval", () => {
  // R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998), table I, method 3.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])("of %i in %i is Wilson's", (count, total, low, high) => {
    const estimate = shareEstimate(count, total);
    expect([estimate.low?.toFixed(4), estimate.high?.toFixed(4)]).toEqual([low.toFixed(4), high.toFixed(4)]);
    expect(estimate.value).toBe(count / total);
  });

  test("of nothing is unknown, of all ends at 1", () => {
    expect(shareEstimate(0, 0)).toEqual({ value: null, low: null, high: null });
    expect(shareEstimate(20, 20).high).toBe(1);
  });
});

describe("a chi-square's p-value", () => {
  // Upper critical values, NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.4.
  test.each([
    [3.841, 1, 0.05],
    [6.635, 1, 0.01],
    [10.828, 1, 0.001],
    [5.991, 2, 0.05],
    [9.21, 2, 0.01],
    [7.815, 3, 0.05],
    [11.345, 3, 0.01],
    [16.919, 9, 0.05],
    [29.588, 10, 0.001],
    [2.706, 1, 0.1],
  ])("of %d with %i degrees of freedom is the table's", (chiSquare, degrees, p) => {
    expect(chiSquarePValue(chiSquare, degrees) / p).toBeCloseTo(1, 2);
  });

  test("of nothing is 1, of very much 0", () => {
    expect(chiSquarePValue(0, 1)).toBe(1);
    expect(chiSquarePValue(2_000, 3)).toBeCloseTo(0, 10);
  });
});

describe("a mean's 95 % interval", () => {
  function momentsOf(values: readonly number[]): Moments {
    return {
      count: values.length,
      sum: values.reduce((sum, value) => sum + value, 0),
      squares: values.reduce((sum, value) => sum + value * value, 0),
    };
  }

  // Student's t, two-sided 95 %, NIST/SEMATECH e-Handbook, 1.3.6.7.2.
  test.each([
    [5, 2.776],
    [10, 2.262],
    [21, 2.086],
    [31, 2.042],
    [101, 1.984],
  ])("of %i values is Student's, within 0.3 %%", (count, t) => {
    const values = Array.from({ length: count }, (_, n) => 100 + (n % 2));
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1));
    const { value, low, high } = meanEstimate(momentsOf(values));
    expect(value).toBeCloseTo(mean, 9);
    expect(((high ?? 0) - (low ?? 0)) / 2 / (deviation / Math.sqrt(count)) / t).toBeCloseTo(1, 2);
  });

  test("is unknown for fewer than five values, and there is no mean of none", () => {
    expect(meanEstimate(momentsOf([1, 2, 3, 4]))).toEqual({ value: 2.5, low: null, high: null });
    expect(meanEstimate(momentsOf([]))).toEqual({ value: null, low: null, high: null });
  });

  test("of equal values is those, and none reaches below 0", () => {
    expect(meanEstimate(momentsOf([0.1, 0.1, 0.1, 0.1, 0.1]))).toMatchObject({ value: 0.1, low: expect.closeTo(0.1, 6) });
    expect(meanEstimate(momentsOf([0, 0, 0, 0, 100])).low).toBe(0);
  });
});

describe("a split", () => {
  test.each([
    ["as configured", [520, 480], [50, 50], true],
    ["in weights that are no percents", [6_970, 3_030], [7, 3], true],
    ["not as configured", [600, 400], [50, 50], false],
    ["of three, one too rare", [500, 500, 350], [1, 1, 1], false],
  ])("that came out %s is told", (_how, counts, weights, asConfigured) => {
    const kinds = counts.map((count, index) => ({ count, weight: weights[index] ?? 0 }));
    expect(splitTest(kinds).asConfigured).toBe(asConfigured);
  });

  test("of 60 to 40 in a hundred has the p-value of a chi-square of 4", () => {
    expect(splitTest([60, 40].map((count) => ({ count, weight: 1 }))).pValue).toBeCloseTo(0.0455, 4);
  });

  test("with too few requests, or of one variant, says nothing", () => {
    const nothing = { asConfigured: null, pValue: null };
    expect(splitTest([9, 0].map((count) => ({ count, weight: 1 })))).toEqual(nothing);
    expect(splitTest([{ count: 900, weight: 1 }])).toEqual(nothing);
    expect(
      splitTest([
        { count: 900, weight: 1 },
        { count: 3, weight: 0 },
      ]),
    ).toEqual(nothing);
  });
});
