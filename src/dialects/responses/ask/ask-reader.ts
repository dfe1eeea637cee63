import { type ForeignObject, isObject, objectOf, textOf } from "../../../core/json/foreign-json.ts";
import { type JsonMember, memberValue } from "../../../core/json/json-members.ts";
import { fail, ok, type Result } from "../../../core/result.ts";
import type { Untranslatable } from "../../../core/translation.ts";
import type { Ask, Feature, Thinking } from "../../conversation.ts";
import { Asked } from "../../reading/asked.ts";
import { ItemsReader } from "./items-reader.ts";
import { readCaller, readFormat, readVerbosity } from "../../openai/settings-reader.ts";
import { readToolChoice, readTools } from "../../openai/tools-reader.ts";

/** ForeignObject that are read, or that ask for nothing: what is stored is stored nowhere, and how the stream's bytes are padded is nobody's meaning. */
const KNOWN: ReadonlySet<string> = new Set(
  (
    "model input instructions stream tools tool_choice parallel_tool_calls text reasoning max_output_tokens temperature top_p top_logprobs include metadata " +
    "service_tier user safety_identifier prompt_cache_key truncation store stream_options max_tool_calls"
  ).split(" "),
);

/** ForeignObject that are asked for by being there, with what they stand for. */
const FEATURES_BY_MEMBER: ReadonlyMap<string, Feature> = new Map<string, Feature>([
  ["previous_response_id", "state"],
  ["conversation", "state"],
  ["prompt", "state"],
  ["context_management", "truncation"],
  ["prompt_cache_options", "cache_hint"],
  ["prompt_cache_retention", "cache_hint"],
  // A judge that the provider runs over what is said.
  ["moderation", "hosted_tool"],
]);

/** What `include` may add to an answer without a tool of the provider's: probabilities. Reasoning comes unasked, the rest has nothing to come from. */
const LOGPROBS = "message.output_text.logprobs";

/** Reads a request: https://platform.openai.com/docs/api-reference/responses/create. `null` is as good as nothing. */
export function readAsk(members: readonly JsonMember[]): Result<Ask, Untranslatable> {
  const request: ForeignObject = Object.fromEntries(members.map((member) => [member.key, memberValue(member) ?? undefined]));
  const asked = new Asked();
  noteMembers(request, asked);
  const tools = readTools(request["tools"], "beside", asked);
  const choice = readToolChoice(request["tool_choice"], "beside", asked);
  const text = objectOf(request["text"]);
  const items = new ItemsReader(asked);
  readInstructions(request["instructions"], items, asked);
  items.read(request["input"]);
  const ask: Ask = {
    ...items.turns.finish("input"),
    maxOutputTokens: asked.number(request["max_output_tokens"], "max_output_tokens", "max_output_tokens"),
    temperature: asked.number(request["temperature"], "temperature", "temperature"),
    topP: asked.number(request["top_p"], "top_p", "top_p"),
    verbosity: readVerbosity(text["verbosity"], "text.verbosity", asked),
    format: readFormat(text["format"], "beside", "text.format", asked),
    ...readCaller(request, asked),
    stream: request["stream"] === true,
    tools,
    ...choice,
    topK: undefined,
    stop: undefined,
    seed: undefined,
    presencePenalty: undefined,
    frequencyPenalty: undefined,
    thinking: readReasoning(request["reasoning"], asked),
    asked: asked.features,
  };
  // Of a conversation that lies elsewhere only the end is here: that is why it does not fit together.
  if (asked.asks("state")) return ok(ask);
  return asked.fault === undefined ? ok(ask) : fail(asked.fault);
}

function noteMembers(request: ForeignObject, asked: Asked): void {
  for (const [key, value] of Object.entries(request)) {
    if (value === undefined || KNOWN.has(key)) continue;
    if (key === "background") {
      if (value === true) asked.feature("state", key);
    } else asked.feature(FEATURES_BY_MEMBER.get(key) ?? "unknown_member", key);
  }
  if (request["truncation"] === "auto") asked.feature("truncation", "truncation");
  if (typeof request["top_logprobs"] === "number" && request["top_logprobs"] > 0) asked.feature("logprobs", "top_logprobs");
  const include = request["include"];
  if (Array.isArray(include) && include.includes(LOGPROBS)) asked.feature("logprobs", "include");
}

function readInstructions(instructions: unknown, { turns }: ItemsReader, asked: Asked): void {
  turns.enter("instructions");
  if (typeof instructions === "string") turns.system(instructions);
  else if (instructions !== undefined) asked.wrong("instructions", "is no text");
}

function readReasoning(reasoning: unknown, asked: Asked): Thinking | undefined {
  if (!isObject(reasoning)) return undefined;
  const effort = textOf(reasoning["effort"]);
  const summary = textOf(reasoning["summary"]) ?? textOf(reasoning["generate_summary"]);
  if ((textOf(reasoning["mode"]) ?? "standard") !== "standard") asked.feature("unknown_member", "reasoning.mode");
  if ((textOf(reasoning["context"]) ?? "auto") !== "auto") asked.feature("unknown_member", "reasoning.context");
  if (effort === undefined && summary === undefined) return undefined;
  asked.feature("thinking", "reasoning");
  if (effort === "none") return { kind: "off" };
  return { kind: "on", effort, budgetTokens: undefined, shown: summary !== undefined && summary !== "none" };
}
