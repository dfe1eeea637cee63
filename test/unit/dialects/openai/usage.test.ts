import { expect, test } from "vitest";
import { toldUsage, type Usage, usageOf } from "../../../../src/core/usage/usage.ts";
import { openAiUsage } from "../../../../src/dialects/openai/usage.ts";
import { usage } from "../../../support/endpoint-readings.ts";

const chat = (more: object = {}) => ({ prompt_tokens: 9, completion_tokens: 3, ...more });
const written = (reported: Usage, tokens: number): Usage => ({ ...reported, cache_write_tokens: tokens });

test.each<[string, unknown, Usage]>([
  ["of chat", chat(), usage(9, null, 3, null)],
  [
    "with details",
    chat({
      prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
      completion_tokens_details: { reasoning_tokens: 2 },
      total_tokens: 12,
    }),
    written(usage(9, 4, 3, 2), 2),
  ],
  ["with details of null", chat({ prompt_tokens_details: null }), usage(9, null, 3, null)],
  [
    "of responses",
    {
      input_tokens: 9,
      output_tokens: 3,
      input_tokens_details: { cached_tokens: 0, cache_write_tokens: 8 },
      output_tokens_details: { reasoning_tokens: 1 },
    },
    written(usage(9, 0, 3, 1), 8),
  ],
  ["of DeepSeek", chat({ prompt_cache_hit_tokens: 5, prompt_cache_miss_tokens: 4 }), usage(9, 5, 3, null)],
  ["of Moonshot", chat({ cached_tokens: 5 }), usage(9, 5, 3, null)],
  ["of embeddings", { prompt_tokens: 8, total_tokens: 8 }, usage(8, null, null, null)],
  [
    "whose reasoning stands beside the output: the three make up the total",
    chat({ completion_tokens_details: { reasoning_tokens: 70 }, total_tokens: 82 }),
    usage(9, null, 73, 70),
  ],
  [
    "whose reasoning is all of the output and is not counted in it",
    chat({ completion_tokens: 0, completion_tokens_details: { reasoning_tokens: 60 }, total_tokens: 69 }),
    usage(9, null, 60, 60),
  ],
  ["with reasoning and without a total", chat({ completion_tokens_details: { reasoning_tokens: 2 } }), usage(9, null, 3, 2)],
  ["whose cached part is more than the whole", chat({ prompt_tokens_details: { cached_tokens: 20 } }), usage(29, 20, 3, null)],
])("%s", (_name, value, expected) => {
  expect(usageOf(toldUsage(openAiUsage, value))).toEqual(expected);
});
