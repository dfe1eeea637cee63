import { expect, test } from "vitest";
import { steadyClock } from "../../../src/gateway/steady-clock.ts";

test.each([
  ["as it goes", 0, [0, 5, 5, 9], [0, 5, 5, 9]],
  ["set back once: goes on from there", 100, [110, 40, 45, 60], [110, 110, 115, 130]],
  ["set back before it is first read", 100, [90, 95], [100, 105]],
  ["set back again and again", 0, [10, 5, 10, 5, 10], [10, 10, 15, 15, 20]],
  ["set forward: nobody can tell that from time", 0, [10, 1_000], [10, 1_000]],
])("a clock %s", (_name, from, readings, expected) => {
  const left = [...readings];
  const clock = steadyClock(() => left.shift() ?? 0, from);
  expect(readings.map(() => clock())).toEqual(expected);
});
