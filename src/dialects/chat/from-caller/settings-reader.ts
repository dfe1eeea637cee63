import { arrayOf, type ForeignObject, isObject, objectOf, textOf } from "../../../core/json/foreign-json.ts";
import type { Ask, Feature, Format, Thinking } from "../../conversation.ts";
import type { Asked } from "./asked.ts";

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
  const number = (name: string, feature: Feature): number | undefined => readNumber(request[name], name, feature, asked);
  const penalty = (name: string): number | undefined => (request[name] === 0 ? undefined : number(name, "penalties"));
  return {
    parallelCalls: readParallel(request["parallel_tool_calls"], asked),
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
    format: readFormat(request["response_format"], asked),
    thinking: readThinking(request, asked),
    ...readCaller(request, asked),
  };
}

function readNumber(value: unknown, name: string, feature: Feature, asked: Asked): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number") return asked.member(value, feature, name);
  asked.wrong(name, "is no number");
  return undefined;
}

function readParallel(value: unknown, asked: Asked): boolean | undefined {
  if (value === false) asked.feature("parallel_calls", "parallel_tool_calls");
  return typeof value === "boolean" ? value : undefined;
}

function readStop(value: unknown, asked: Asked): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const stop = list.filter((each) => typeof each === "string");
  if (stop.length < list.length) asked.wrong("stop", "is neither a text nor a list of texts");
  return stop.length === 0 ? undefined : asked.member(stop, "stop", "stop");
}

function readFormat(value: unknown, asked: Asked): Format | undefined {
  if (value === undefined || value === null) return undefined;
  const { type, json_schema: given } = objectOf(value);
  if (type === "text") return undefined;
  if (type === "json_object") return asked.member({ kind: "json" }, "json_object", "response_format");
  if (type !== "json_schema") {
    asked.wrong("response_format.type", "is none of text, json_schema, json_object");
    return undefined;
  }
  const { name, description, schema, strict } = objectOf(given);
  if (!isObject(given)) asked.wrong("response_format.json_schema", "is missing: name and schema stand in it");
  const format: Format = {
    kind: "schema",
    name: textOf(name) ?? "answer",
    description: textOf(description),
    schema: schema ?? {},
    strict: typeof strict === "boolean" ? strict : undefined,
  };
  return asked.member(format, "json_schema", "response_format");
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

function readCaller(
  request: ForeignObject,
  asked: Asked,
): Pick<Ask, "verbosity" | "serviceTier" | "endUser" | "metadata" | "promptCacheKey"> {
  const { verbosity, service_tier: tier, metadata } = request;
  const told = (name: string, feature: Feature): string | undefined => asked.member(textOf(request[name]), feature, name);
  return {
    // `medium` and `auto` are what is done anyway.
    verbosity: verbosity === "medium" ? undefined : told("verbosity", "verbosity"),
    serviceTier: tier === "auto" ? undefined : told("service_tier", "service_tier"),
    endUser: told(textOf(request["safety_identifier"]) === undefined ? "user" : "safety_identifier", "end_user"),
    metadata: isObject(metadata) && Object.keys(metadata).length > 0 ? asked.member(metadata, "metadata", "metadata") : undefined,
    promptCacheKey: told("prompt_cache_key", "prompt_cache_key"),
  };
}
