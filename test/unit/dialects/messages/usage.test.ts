import { expect, test } from "vitest";
import { toldUsage, type Usage, USAGE_NOT_REPORTED, usageOf } from "../../../../src/core/usage/usage.ts";
import { messagesUsage } from "../../../../src/dialects/messages/usage.ts";
import { usage } from "../../../support/endpoint-readings.ts";

const top = { input_tokens: 10, cache_read_input_tokens: 20, cache_creation_input_tokens: 30, output_tokens: 5 };
const iteration = (type: string, input: number, output: number, more: object = {}) => ({
  type,
  input_tokens: input,
  output_tokens: output,
  ...more,
});

test.each<[string, unknown, Usage]>([
  [
    "counts what came from the cache and went into it as input",
    { ...top, cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 } },
    { ...usage(60, 20, 5, null), cache_write_tokens: 30, cache_write_1h_tokens: 20 },
  ],
  ["without a cache", { input_tokens: 10, output_tokens: 5 }, usage(10, null, 5, null)],
  ["of a stream's end", { output_tokens: 5, output_tokens_details: { thinking_tokens: 4 } }, usage(null, null, 5, 4)],
  [
    "is the sum of the model's own iterations where there are some, of each counter that they tell",
    { ...top, iterations: [iteration("compaction", 1000, 50), iteration("advisor_message", 7, 7), iteration("message", 10, 5)] },
    { ...usage(1060, 20, 55, null), cache_write_tokens: 30 },
  ],
  [
    "takes what iterations tell of the cache",
    {
      ...top,
      iterations: [
        iteration("compaction", 1000, 50, { cache_read_input_tokens: 400, cache_creation: { ephemeral_1h_input_tokens: 0 } }),
        iteration("message", 10, 5, {
          cache_read_input_tokens: 20,
          cache_creation_input_tokens: 30,
          cache_creation: { ephemeral_1h_input_tokens: 30 },
        }),
      ],
    },
    { ...usage(1460, 420, 55, null), cache_write_tokens: 30, cache_write_1h_tokens: 30 },
  ],
  [
    "is the other model's where that took over",
    { ...top, iterations: [iteration("message", 408, 0), iteration("fallback_message", 10, 5)] },
    { ...usage(60, 20, 5, null), cache_write_tokens: 30 },
  ],
  [
    "of iterations that are none of its own",
    { ...top, iterations: [iteration("advisor_message", 7, 7)] },
    { ...usage(60, 20, 5, null), cache_write_tokens: 30 },
  ],
  ["of iterations that are no list", { input_tokens: 1, iterations: "x" }, usage(1, null, null, null)],
  ["absent", undefined, USAGE_NOT_REPORTED],
])("%s", (_name, value, expected) => {
  expect(usageOf(toldUsage(messagesUsage, value))).toEqual(expected);
});
