import { describe, expect, test } from "vitest";
import { drawFrom } from "../../../../src/core/routing/draw.ts";
import { weighted } from "../../../../src/strategies/weighted.ts";
import { weighing } from "../../strategies/candidates.ts";

const LARGEST = 2 ** 32 - 1;

/** A source that gives these values and no more. */
function source(...values: readonly number[]): () => number {
  const rest = [...values];
  return () => {
    const next = rest.shift();
    if (next === undefined) throw new Error("drew once too often");
    return next;
  };
}

describe("drawFrom", () => {
  test.each([
    { total: 1, values: [12345], drawn: 0 },
    { total: 10, values: [7], drawn: 7 },
    { total: 10, values: [10], drawn: 0 },
    { total: 10, values: [4294967289], drawn: 9 },
    { total: 2 ** 31, values: [LARGEST], drawn: 2 ** 31 - 1 },
    { total: 2 ** 32, values: [LARGEST], drawn: LARGEST },
  ])("takes $values of $total as $drawn", ({ total, values, drawn }) => {
    expect(drawFrom(total, source(...values))).toBe(drawn);
  });

  test.each([
    { total: 10, refused: 4294967290 },
    { total: 10, refused: LARGEST },
    { total: 3, refused: LARGEST },
    { total: 2 ** 31 + 1, refused: 2 ** 31 + 1 },
  ])("draws again where $refused would favour the low values of $total", ({ total, refused }) => {
    expect(drawFrom(total, source(refused, refused, 2))).toBe(2);
  });
});

test("20,000 weighted draws from the real random source come out as 7/2/1", () => {
  const uint32 = new Uint32Array(1);
  const draw = (total: number) => drawFrom(total, () => crypto.getRandomValues(uint32)[0] ?? 0);
  const counts = [0, 0, 0];
  for (let request = 0; request < 20_000; request += 1) {
    const [drawn] = weighted.order(weighing(7, 2, 1), { draw, subject: undefined });
    const index = Number(drawn?.target.slice(1));
    counts[index] = (counts[index] ?? 0) + 1;
  }
  const expected = [14_000, 4_000, 2_000];
  const chiSquare = expected.reduce((sum, count, index) => sum + ((counts[index] ?? 0) - count) ** 2 / count, 0);
  // Two degrees of freedom: a fair source exceeds x with probability exp(−x/2), so this bound once in ten million runs.
  expect(chiSquare).toBeLessThan(-2 * Math.log(1e-7));
});
