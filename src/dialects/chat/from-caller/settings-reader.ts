import { arrayOf, type ForeignObject, isObject, objectOf, textOf } from "../../../core/json/foreign-json.ts";
import type { Ask, Feature, Thinking } from "../../conversation.ts";
import { readCaller, readFormat, readVerbosity } from "../../openai/settings-reader.ts";
import type { Asked } from "../../reading/asked.ts";

type Settings = Omit<Ask, "stream" | "system" | "turns" | "tools" | "toolChoice" | "allowedTools" | "asked">;

/** Members that are asked for by saying more than what is done anyway, and that have no neutral word. */
const OTHERS: readonly (readonly [string, Feature, (value: unknown) => boolean])[] = [
  ["n", "choices", (value) => typeof value === "number" && value > 1],
  ["logprobs", "logprobs", (value) => value === true],
  ["top_logprobs", "logprobs", (value) => typeof value === "number" && value > 0],
  ["logit_bias", "logit_bias", (value) => Object.keys(objectOf(value)).length > 0],
  ["modalities", "audio_output", (value) => arrayOf(value).includes("audio")],
  ["modalities", "image_output", (value) => arrayOf(value).includes("image")],
  ["audio", "audio_output", isObject],
  ["prediction", "prediction", isObject],
  ["web_search_options", "hosted_tool", isObject],
  ["prompt_cache_retention", "cache_hint", (value) => textOf(value) !== undefined],
  ["prompt_cache_options", "cache_hint", isObject],
  ["cache_control", "cache_hint", isObject],
  // A judge that the provider runs over what is said.
  ["moderation", "hosted_tool", isObject],
];

/** Members that are read, or that ask for nothing: what is stored is stored nowhere, and how a stream's bytes are padded is nobody's meaning. */
const KNOWN: ReadonlySet<string> = new Set(
  [
    "model messages stream stream_options store tools tool_choice functions function_call parallel_tool_calls max_completion_tokens max_tokens temperature top_p",
    "top_k stop seed presence_penalty frequency_penalty response_format reasoning_effort reasoning thinking verbosity service_tier user safety_identifier",
    "metadata prompt_cache_key",
  ]
    .flatMap((names) => names.split(" "))
    .concat(OTHERS.map(([name]) => name)),
);

/** Reads what a request says besides its conversation and its tools. */
export function readSettings(request: ForeignObject, asked: Asked): Settings {
  for (const [name, feature, isAsked] of OTHERS) if (isAsked(request[name])) asked.feature(feature, name);
  for (const [name, value] of Object.entries(request)) if (!KNOWN.has(name)) asked.member(value, "unknown_member", name);
  const number = (name: string, feature: Feature): number | undefined => asked.number(request[name], feature, name);
  const penalty = (name: string): number | undefined => (request[name] === 0 ? undefined : number(name, "penalties"));
  return {
    maxOutputTokens: number(
      (request["max_completion_tokens"] ?? undefined) === undefined ? "max_tokens" : "max_completion_tokens",
      "max_output_tokens",
    ),
    temperature: number("temperature", "temperature"),
    topP: number("top_p", "top_p"),
    topK: number("top_k", "top_k"),
    stop: readStop(request["stop"], asked),
    seed: number("seed", "seed"),
    presencePenalty: penalty("presence_penalty"),
    frequencyPenalty: penalty("frequency_penalty"),
    format: readFormat(request["response_format"], "inside", "response_format", asked),
    thinking: readThinking(request, asked),
    verbosity: readVerbosity(request["verbosity"], "verbosity", asked),
    ...readCaller(request, asked),
  };
}

function readStop(value: unknown, asked: Asked): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const stop = list.filter((each) => typeof each === "string");
  if (stop.length < list.length) asked.wrong("stop", "is neither a text nor a list of texts");
  return stop.length === 0 ? undefined : asked.member(stop, "stop", "stop");
}

/**
 * How hard to think: OpenAI's `reasoning_effort`, OpenRouter's `reasoning` (https://openrouter.ai/docs/guides/best-practices/reasoning-tokens), or the `thinking` of
 * Anthropic's own layer, DeepSeek and others. Who says no more than an effort is not shown what is thought: OpenAI shows none here, and refuses to whom it has not verified.
 */
function readThinking(request: ForeignObject, asked: Asked): Thinking | undefined {
  const { reasoning_effort: word, reasoning, thinking } = request;
  if (isObject(reasoning)) {
    const { effort, max_tokens: budget, enabled, exclude } = reasoning;
    const isOff = enabled === false || effort === "none";
    return asked.member(isOff ? OFF : on(effort ?? word, budget, exclude !== true), "thinking", "reasoning");
  }
  if (isObject(thinking)) {
    const isOff = thinking["type"] === "disabled";
    return asked.member(isOff ? OFF : on(word, thinking["budget_tokens"], true), "thinking", "thinking");
  }
  const effort = textOf(word);
  if (effort === undefined) return undefined;
  return asked.member(effort === "none" ? OFF : on(effort, undefined, false), "thinking", "reasoning_effort");
}

const OFF: Thinking = { kind: "off" };

function on(effort: unknown, budget: unknown, shown: boolean): Thinking {
  const word = textOf(effort);
  return { kind: "on", effort: word, budgetTokens: word === undefined && typeof budget === "number" ? budget : undefined, shown };
}
