import { objectOf } from "../../core/json/foreign-json.ts";
import type { UsageReader } from "../../core/usage/usage.ts";

/**
 * The usage object of OpenAI and those that copy it: `prompt_tokens` and `completion_tokens` of chat, completions and embeddings, `input_tokens` and
 * `output_tokens` of responses, images, speech and transcription. DeepSeek tells the cached part in `prompt_cache_hit_tokens`, Moonshot in `cached_tokens`.
 */
export const openAiUsage: UsageReader = {
  pick(usage) {
    const inputDetails = objectOf(usage["prompt_tokens_details"] ?? usage["input_tokens_details"]);
    const outputDetails = objectOf(usage["completion_tokens_details"] ?? usage["output_tokens_details"]);
    return {
      input: usage["prompt_tokens"] ?? usage["input_tokens"],
      cached: inputDetails["cached_tokens"] ?? usage["prompt_cache_hit_tokens"] ?? usage["cached_tokens"],
      written: inputDetails["cache_write_tokens"],
      output: usage["completion_tokens"] ?? usage["output_tokens"],
      reasoning: outputDetails["reasoning_tokens"],
      total: usage["total_tokens"],
    };
  },
  usageOf({ input, cached, written, output, reasoning, total }) {
    const ofCache = (cached ?? 0) + (written ?? 0);
    // xAI does not count reasoning as output: then the three make up the total.
    const isApart = reasoning !== undefined && total === (input ?? 0) + (output ?? 0) + reasoning;
    return {
      // A part is never more than the whole: some models of xAI's leave it out of the whole.
      input_tokens: input === undefined ? null : ofCache > input ? input + ofCache : input,
      cached_input_tokens: cached ?? null,
      cache_write_tokens: written ?? null,
      cache_write_1h_tokens: null,
      output_tokens: output === undefined ? null : isApart ? output + reasoning : output,
      reasoning_tokens: reasoning ?? null,
    };
  },
};
