import type { AnswerGiven } from "../../../core/translation.ts";
import type { Usage } from "../../../core/usage/usage.ts";
import type { AnswerEnd, WholeAnswer } from "../../ordered-event.ts";
import { writeFinish, type WrittenFinish } from "./finish.ts";
import { itemsOf } from "./items.ts";

/** What a response says of its end, besides its items: nothing yet. */
const NOT_ENDED = { status: "in_progress", incomplete_details: null, usage: null };

/** A response before its end: https://platform.openai.com/docs/api-reference/responses/object. Of what was asked it repeats what its clients' types need. */
export function responseOf(
  begun: Pick<WholeAnswer, "id" | "model">,
  given: AnswerGiven,
  output: readonly object[],
  end: object = NOT_ENDED,
): object {
  return {
    id: begun.id ?? given.id,
    object: "response",
    created_at: given.createdAt,
    ...end,
    error: null,
    instructions: null,
    max_output_tokens: null,
    metadata: {},
    model: begun.model ?? given.model,
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    store: false,
    temperature: null,
    tool_choice: "auto",
    tools: [],
    top_p: null,
  };
}

/** What a response says of its end. */
export function endOf(end: AnswerEnd): WrittenFinish & { readonly usage: object } {
  return { ...writeFinish(end), usage: usageOf(end.usage) };
}

/** A whole answer as a response. */
export function writeResponse(answer: WholeAnswer, given: AnswerGiven): object {
  const output: object[] = [];
  for (const part of answer.parts) output.push(...itemsOf(part, given.id, output.length));
  return responseOf(answer, given, output, endOf(answer.end));
}

/** Codex reads no usage that lacks a count; what was not told is 0. */
function usageOf(usage: Usage): object {
  const input = usage.input_tokens ?? 0;
  const output = usage.output_tokens ?? 0;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.cached_input_tokens ?? 0, cache_write_tokens: usage.cache_write_tokens ?? 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.reasoning_tokens ?? 0 },
    total_tokens: input + output,
  };
}
