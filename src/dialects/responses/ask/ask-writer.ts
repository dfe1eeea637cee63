import { ok, type Result } from "../../../core/result.ts";
import type { TranslationTarget, Untranslatable } from "../../../core/translation.ts";
import type { Ask, Format } from "../../conversation.ts";
import type { WrittenAsk } from "../../dialect.ts";
import { changedAsk } from "../../writing/changed-ask.ts";
import { shortened } from "../../writing/digest.ts";
import { Places } from "../../writing/places.ts";
import { renamedPlaces, toolNames } from "../../writing/tool-names.ts";
import { modelFamily, reasons } from "../../openai/model-family.ts";
import { lawfulFormatName, NAME_RULE } from "../../openai/names.ts";
import { writeInstructions, writeItems } from "./items-writer.ts";
import { keepsThoughts, writeThinking } from "./thinking-writer.ts";
import { writeTools } from "./tools-writer.ts";

/** `integer below minimum value. Expected a value >= 16`: github.com/vectorize-io/hindsight, issue 58. */
const LEAST_OUTPUT_TOKENS = 16;

/** The longest name of an end user and key of a prompt cache, characters: github.com/maximhq/bifrost, pull request 1000. */
const LONGEST_NAME = 64;

/** Writes a request: https://platform.openai.com/docs/api-reference/responses/create. Nothing of it is stored. Members that are `undefined` are none in JSON. */
export function writeAsk(ask: Ask, target: TranslationTarget): Result<WrittenAsk, Untranslatable> {
  const family = modelFamily(target.model);
  const names = toolNames(ask, NAME_RULE);
  const places = new Places(ask);
  const keeps = keepsThoughts(ask, family);
  const thinking = writeThinking(ask.thinking, family);
  const samples = !reasons(ask, family);
  const tokens = ask.maxOutputTokens === undefined ? undefined : Math.max(ask.maxOutputTokens, LEAST_OUTPUT_TOKENS);
  const user = bounded(ask.endUser);
  const body = {
    model: target.model,
    instructions: writeInstructions(ask),
    input: writeItems(ask, { names, thoughts: keeps ? "taken" : "refused" }),
    stream: ask.stream ? true : undefined,
    store: false,
    include: keeps ? ["reasoning.encrypted_content"] : undefined,
    ...writeTools(ask, names),
    reasoning: thinking.reasoning,
    text: writeText(ask),
    temperature: samples ? ask.temperature : undefined,
    top_p: samples ? ask.topP : undefined,
    max_output_tokens: tokens,
    user,
    prompt_cache_key: bounded(ask.promptCacheKey),
    metadata: ask.metadata,
    service_tier: ask.serviceTier,
  };
  const adapted = [
    ...(ask.turns.at(-1)?.role === "assistant" ? [places.first("prefill")] : []),
    ...(thinking.adapted === undefined ? [] : [`${places.first("thinking")}${thinking.adapted}`]),
    ...(samples || ask.temperature === undefined ? [] : [places.first("temperature")]),
    ...(samples || ask.topP === undefined ? [] : [places.first("top_p")]),
    ...(tokens === ask.maxOutputTokens ? [] : [`${places.first("max_output_tokens")}=${tokens}`]),
    ...(user === ask.endUser ? [] : [places.first("end_user")]),
    ...renamedPlaces(ask, names),
  ];
  // Freeform tools are what they are here: only names change.
  const changed = changedAsk({ ...ask, tools: [] }, names);
  return ok({ body, adapted, changed });
}

function bounded(name: string | undefined): string | undefined {
  return name !== undefined && name.length > LONGEST_NAME ? shortened(name, LONGEST_NAME) : name;
}

function writeText({ format, verbosity }: Ask): object | undefined {
  if (format === undefined && verbosity === undefined) return undefined;
  return { format: format === undefined ? undefined : formatOf(format), verbosity };
}

function formatOf(format: Format): object {
  if (format.kind === "json") return { type: "json_object" };
  const { name, description, schema, strict } = format;
  return { type: "json_schema", name: lawfulFormatName(name), description, schema, strict };
}
