import type { UsageReader } from "../../core/usage/usage.ts";

/**
 * `usageMetadata` of Gemini. Thoughts are no part of the candidates, and what tools of its own put in is none of the prompt; the cached part is one of the
 * prompt. https://ai.google.dev/api/generate-content#UsageMetadata
 */
export const geminiUsage: UsageReader = {
  pick(usage) {
    return {
      prompt: usage["promptTokenCount"],
      tools: usage["toolUsePromptTokenCount"],
      cached: usage["cachedContentTokenCount"],
      candidates: usage["candidatesTokenCount"],
      thoughts: usage["thoughtsTokenCount"],
    };
  },
  usageOf({ prompt, tools, cached, candidates, thoughts }) {
    return {
      input_tokens: prompt === undefined ? null : prompt + (tools ?? 0),
      cached_input_tokens: cached ?? null,
      cache_write_tokens: null,
      cache_write_1h_tokens: null,
      output_tokens: candidates === undefined && thoughts === undefined ? null : (candidates ?? 0) + (thoughts ?? 0),
      reasoning_tokens: thoughts ?? null,
    };
  },
};
