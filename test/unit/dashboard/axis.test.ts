import { describe, expect, it } from "vitest";
import { axisMarks, labelStride } from "../../../src/dashboard/widgets/plot/axis.ts";

describe("the marks of an axis", () => {
  it.each([
    [37, 0, [0, 10, 20, 30, 40]],
    [40, 0, [0, 10, 20, 30, 40]],
    [1, 1, [0, 1]],
    [3, 1, [0, 1, 2, 3]],
    [0, 1, [0, 1]],
    [0, 0, [0, 0.25, 0.5, 0.75, 1]],
    [0.01, 0, [0, 0.0025, 0.005, 0.0075, 0.01]],
    [0.3, 0, [0, 0.1, 0.2, 0.3]],
    [812, 0, [0, 250, 500, 750, 1_000]],
    [1_234_567, 1, [0, 500_000, 1_000_000, 1_500_000]],
  ])("up to %d, no closer than %d: %j", (greatest, leastStep, marks) => {
    expect(axisMarks(greatest, leastStep)).toEqual(marks);
  });

  it("end at what they show or above it, in two to seven marks, for figures of any size", () => {
    for (let greatest = 1e-9; greatest < 1e12; greatest *= 1.7) {
      const marks = axisMarks(greatest, 0);
      expect(marks.at(-1)).toBeGreaterThanOrEqual(greatest * (1 - 1e-12));
      expect(marks.length).toBeGreaterThanOrEqual(2);
      expect(marks.length).toBeLessThanOrEqual(7);
    }
  });
});

it.each([
  [24, 60, 480, 3],
  [24, 60, 2_000, 1],
  [1, 60, 10, 6],
  [10, 60, 0, 600],
])("of %d labels of %d px on %d px every %dth is shown", (count, labelWidth, width, stride) => {
  expect(labelStride(count, labelWidth, width)).toBe(stride);
});
