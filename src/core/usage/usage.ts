import type { AnswerFacts } from "../endpoint.ts";
import { isObject, objectOf } from "../json/foreign-json.ts";

/** Tokens of one answer. `cached_input_tokens` is a part of `input_tokens`, `reasoning_tokens` a part of `output_tokens`. `null`: not reported. */
export interface Usage {
  readonly input_tokens: number | null;
  readonly cached_input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly reasoning_tokens: number | null;
}

/** USD per million tokens; `cached_input` defaults to `input`. */
export interface Price {
  readonly input: number;
  readonly cached_input?: number;
  readonly output: number;
}

/**
 * The usage object of OpenAI and those that copy it: `prompt_tokens`/`completion_tokens` of chat, completions and embeddings, `input_tokens`/`output_tokens` of
 * responses, images, speech and transcription. Where the cached part is told apart only by DeepSeek's `prompt_cache_hit_tokens`, that is taken.
 * `undefined` where it holds none of these.
 */
export function readOpenAiUsage(value: unknown): Usage | undefined {
  if (!isObject(value)) return undefined;
  const inputDetails = objectOf(value["prompt_tokens_details"] ?? value["input_tokens_details"]);
  const outputDetails = objectOf(value["completion_tokens_details"] ?? value["output_tokens_details"]);
  return reported({
    input_tokens: tokens(value["prompt_tokens"]) ?? tokens(value["input_tokens"]),
    cached_input_tokens: tokens(inputDetails["cached_tokens"]) ?? tokens(value["prompt_cache_hit_tokens"]),
    output_tokens: tokens(value["completion_tokens"]) ?? tokens(value["output_tokens"]),
    reasoning_tokens: tokens(outputDetails["reasoning_tokens"]),
  });
}

/** The usage object of Anthropic's Messages, whose `input_tokens` leaves out what came from the cache or went into it. */
export function readMessagesUsage(value: unknown): Usage | undefined {
  if (!isObject(value)) return undefined;
  const fresh = tokens(value["input_tokens"]);
  const cached = tokens(value["cache_read_input_tokens"]);
  return reported({
    input_tokens: fresh === null ? null : fresh + (cached ?? 0) + (tokens(value["cache_creation_input_tokens"]) ?? 0),
    cached_input_tokens: cached,
    output_tokens: tokens(value["output_tokens"]),
    reasoning_tokens: null,
  });
}

/** What two readings of one answer say together: the later one's word where both speak. */
export function mergeUsage(earlier: Usage, later: Usage): Usage {
  return {
    input_tokens: later.input_tokens ?? earlier.input_tokens,
    cached_input_tokens: later.cached_input_tokens ?? earlier.cached_input_tokens,
    output_tokens: later.output_tokens ?? earlier.output_tokens,
    reasoning_tokens: later.reasoning_tokens ?? earlier.reasoning_tokens,
  };
}

/**
 * What the events of a stream say together, in their order: texts are joined, tool calls added up, of all else the later word holds. (Messages reports
 * input tokens in its first event and output tokens in its last but one; their usage is merged field by field.)
 */
export function mergeFacts(earlier: AnswerFacts, later: AnswerFacts): AnswerFacts {
  const merged: { -readonly [K in keyof AnswerFacts]: AnswerFacts[K] } = { ...earlier, ...later };
  if (earlier.usage !== undefined && later.usage !== undefined) merged.usage = mergeUsage(earlier.usage, later.usage);
  if (earlier.toolCalls !== undefined && later.toolCalls !== undefined) merged.toolCalls = earlier.toolCalls + later.toolCalls;
  if (earlier.text !== undefined && later.text !== undefined) merged.text = earlier.text + later.text;
  return merged;
}

function reported(usage: Usage): Usage | undefined {
  return Object.values(usage).some((count) => count !== null) ? usage : undefined;
}

/** A count of tokens; whatever else stands there was not reported. */
function tokens(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
