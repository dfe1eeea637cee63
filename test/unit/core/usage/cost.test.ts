import { expect, it } from "vitest";
import { costUsd } from "../../../../src/core/usage/cost.ts";
import { USAGE_NOT_REPORTED } from "../../../../src/core/usage/usage.ts";

const USAGE = {
  ...USAGE_NOT_REPORTED,
  input_tokens: 1_000_000,
  cached_input_tokens: 400_000,
  output_tokens: 500_000,
  reasoning_tokens: 200_000,
};
const WRITTEN = { ...USAGE, cache_write_tokens: 300_000, cache_write_1h_tokens: 100_000 };

it.each([
  ["cached input at its own price, reasoning inside output", USAGE, { input: 2, cached_input: 0.5, output: 8 }, 1.2 + 0.2 + 4],
  ["cached input at the input price where it has none", USAGE, { input: 2, output: 8 }, 2 + 4],
  [
    "what was written to the cache for five minutes and for an hour at their own prices",
    WRITTEN,
    { input: 2, cached_input: 0.5, cache_write: 3, cache_write_1h: 5, output: 8 },
    0.3 * 2 + 0.4 * 0.5 + 0.2 * 3 + 0.1 * 5 + 4,
  ],
  [
    "what was written to the cache at 1.25 and 2 times input where they have none",
    WRITTEN,
    { input: 2, cached_input: 0.5, output: 8 },
    0.3 * 2 + 0.4 * 0.5 + 0.2 * 2.5 + 0.1 * 4 + 4,
  ],
  ["embeddings have no output", { ...USAGE, cached_input_tokens: null, output_tokens: null }, { input: 2, output: 8 }, 2],
])("prices %s", (_name, usage, price, expected) => {
  expect(costUsd(usage, price)).toBeCloseTo(expected, 12);
});

it.each([
  ["the price", USAGE, undefined],
  ["the usage", { ...USAGE, input_tokens: null }, { input: 2, output: 8 }],
])("says null where %s is not known", (_name, usage, price) => {
  expect(costUsd(usage, price)).toBeNull();
});
