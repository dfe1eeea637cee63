import { expect, it } from "vitest";
import { costUsd } from "../../../../src/core/usage/cost.ts";

const USAGE = { input_tokens: 1_000_000, cached_input_tokens: 400_000, output_tokens: 500_000, reasoning_tokens: 200_000 };

it.each([
  ["cached input at its own price, reasoning inside output", USAGE, { input: 2, cached_input: 0.5, output: 8 }, 1.2 + 0.2 + 4],
  ["cached input at the input price where it has none", USAGE, { input: 2, output: 8 }, 2 + 4],
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
