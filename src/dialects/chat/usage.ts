import type { Usage } from "../../core/usage/usage.ts";

/** A `usage` object: https://platform.openai.com/docs/api-reference/chat/object; `undefined`: nothing was told. Counts of a part are there where they were told. */
export function writeUsage(usage: Usage): object | undefined {
  const {
    input_tokens: input,
    output_tokens: output,
    cached_input_tokens: cached,
    cache_write_tokens: written,
    reasoning_tokens: reasoning,
  } = usage;
  if (input === null && output === null) return undefined;
  return {
    prompt_tokens: input ?? 0,
    completion_tokens: output ?? 0,
    total_tokens: (input ?? 0) + (output ?? 0),
    prompt_tokens_details: { cached_tokens: cached ?? 0, ...(written === null ? {} : { cache_write_tokens: written }) },
    completion_tokens_details: { reasoning_tokens: reasoning ?? 0 },
  };
}
