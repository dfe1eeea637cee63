import { isObject, objectOf, textOf } from "../../../core/json/foreign-json.ts";
import { type JsonMember, memberValue } from "../../../core/json/json-members.ts";
import { fail, ok, type Result } from "../../../core/result.ts";
import type { Untranslatable } from "../../../core/translation.ts";
import type { Ask, Feature, Format, Thinking } from "../../conversation.ts";
import { AskNotes } from "./ask-notes.ts";
import { ItemsReader } from "./items-reader.ts";
import { readToolChoice, readTools } from "./tools-reader.ts";

type Members = Readonly<Record<string, unknown>>;

/** Members that are read, or that ask for nothing: what is stored is stored nowhere, and how the stream's bytes are padded is nobody's meaning. */
const KNOWN: ReadonlySet<string> = new Set(
  (
    "model input instructions stream tools tool_choice parallel_tool_calls text reasoning max_output_tokens temperature top_p top_logprobs include metadata " +
    "service_tier user safety_identifier prompt_cache_key truncation store stream_options max_tool_calls"
  ).split(" "),
);

/** Members that are asked for by being there, with what they stand for. */
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
  const request: Members = Object.fromEntries(members.map((member) => [member.key, memberValue(member) ?? undefined]));
  const notes = new AskNotes();
  noteMembers(request, notes);
  const tools = readTools(request["tools"], notes);
  const { choice, allowed } = readToolChoice(request["tool_choice"], notes);
  const items = new ItemsReader(notes);
  readInstructions(request["instructions"], items, notes);
  items.read(request["input"]);
  const ask: Ask = {
    ...items.turns.finish(),
    ...readLimits(request, notes),
    ...readText(request["text"], notes),
    ...readCaller(request, notes),
    stream: request["stream"] === true,
    tools,
    toolChoice: choice,
    allowedTools: allowed,
    parallelCalls: parallelCallsOf(request["parallel_tool_calls"], notes),
    topK: undefined,
    stop: undefined,
    seed: undefined,
    presencePenalty: undefined,
    frequencyPenalty: undefined,
    thinking: readReasoning(request["reasoning"], notes),
    asked: notes.asked,
  };
  // Of a conversation that lies elsewhere only the end is here: that is why it does not fit together.
  if (notes.asks("state")) return ok(ask);
  if (ask.turns.length === 0) notes.wrong("input", "there is nothing to answer; it holds a text or a message");
  return notes.fault === undefined ? ok(ask) : fail(notes.fault);
}

function noteMembers(request: Members, notes: AskNotes): void {
  for (const [key, value] of Object.entries(request)) {
    if (value === undefined || KNOWN.has(key)) continue;
    if (key === "background") {
      if (value === true) notes.ask("state", key);
    } else notes.ask(FEATURES_BY_MEMBER.get(key) ?? "unknown_member", key);
  }
  if (request["truncation"] === "auto") notes.ask("truncation", "truncation");
  if (typeof request["top_logprobs"] === "number" && request["top_logprobs"] > 0) notes.ask("logprobs", "top_logprobs");
  const include = request["include"];
  if (Array.isArray(include) && include.includes(LOGPROBS)) notes.ask("logprobs", "include");
}

function readInstructions(instructions: unknown, { turns }: ItemsReader, notes: AskNotes): void {
  if (typeof instructions === "string") turns.system(instructions, "instructions");
  else if (instructions !== undefined) notes.wrong("instructions", "it is a text");
}

function readLimits(request: Members, notes: AskNotes): Pick<Ask, "maxOutputTokens" | "temperature" | "topP"> {
  const read = (key: "max_output_tokens" | "temperature" | "top_p"): number | undefined => {
    const value = request[key];
    if (value === undefined) return undefined;
    notes.ask(key, key);
    if (typeof value === "number") return value;
    notes.wrong(key, "it is a number");
    return undefined;
  };
  return { maxOutputTokens: read("max_output_tokens"), temperature: read("temperature"), topP: read("top_p") };
}

function parallelCallsOf(value: unknown, notes: AskNotes): boolean | undefined {
  if (value === false) notes.ask("parallel_calls", "parallel_tool_calls");
  return typeof value === "boolean" ? value : undefined;
}

function readText(text: unknown, notes: AskNotes): Pick<Ask, "format" | "verbosity"> {
  const { format, verbosity } = objectOf(text);
  const word = textOf(verbosity);
  // `medium` is what is done anyway.
  if (word !== undefined && word !== "medium") notes.ask("verbosity", "text.verbosity");
  return { format: isObject(format) ? readFormat(format, notes) : undefined, verbosity: word };
}

function readFormat(format: Members, notes: AskNotes): Format | undefined {
  switch (format["type"]) {
    case "json_object":
      notes.ask("json_object", "text.format");
      return { kind: "json" };
    case "json_schema": {
      const name = textOf(format["name"]);
      notes.ask("json_schema", "text.format");
      if (name === undefined) notes.wrong("text.format.name", "a schema has a name");
      if (!isObject(format["schema"])) notes.wrong("text.format.schema", "it is a JSON schema");
      const strict = typeof format["strict"] === "boolean" ? format["strict"] : undefined;
      return { kind: "schema", name: name ?? "", description: textOf(format["description"]), schema: format["schema"], strict };
    }
    case "text":
      return undefined;
    default:
      notes.wrong("text.format.type", "it is text, json_schema or json_object");
      return undefined;
  }
}

function readReasoning(reasoning: unknown, notes: AskNotes): Thinking | undefined {
  if (!isObject(reasoning)) return undefined;
  const effort = textOf(reasoning["effort"]);
  const summary = textOf(reasoning["summary"]) ?? textOf(reasoning["generate_summary"]);
  if ((textOf(reasoning["mode"]) ?? "standard") !== "standard") notes.ask("unknown_member", "reasoning.mode");
  if ((textOf(reasoning["context"]) ?? "auto") !== "auto") notes.ask("unknown_member", "reasoning.context");
  if (effort === undefined && summary === undefined) return undefined;
  notes.ask("thinking", "reasoning");
  if (effort === "none") return { kind: "off" };
  return { kind: "on", effort, budgetTokens: undefined, shown: summary !== undefined && summary !== "none" };
}

function readCaller(request: Members, notes: AskNotes): Pick<Ask, "endUser" | "metadata" | "serviceTier" | "promptCacheKey"> {
  const asked = (feature: Feature, key: string): string | undefined => {
    const value = textOf(request[key]);
    if (value !== undefined) notes.ask(feature, key);
    return value;
  };
  const tier = textOf(request["service_tier"]);
  const metadata = isObject(request["metadata"]) && Object.keys(request["metadata"]).length > 0 ? request["metadata"] : undefined;
  if (metadata !== undefined) notes.ask("metadata", "metadata");
  return {
    endUser: asked("end_user", textOf(request["safety_identifier"]) === undefined ? "user" : "safety_identifier"),
    metadata,
    // `auto` is what is done anyway.
    serviceTier: tier === "auto" ? undefined : asked("service_tier", "service_tier"),
    promptCacheKey: asked("prompt_cache_key", "prompt_cache_key"),
  };
}
