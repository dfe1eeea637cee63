import { ok, type Result } from "../../../core/result.ts";
import type { TranslationTarget, Untranslatable } from "../../../core/translation.ts";
import type { Ask, Format } from "../../conversation.ts";
import type { WrittenAsk } from "../../dialect.ts";
import { changedAsk } from "../../writing/changed-ask.ts";
import { shortened } from "../../writing/digest.ts";
import { Notes } from "../../writing/notes.ts";
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
  const notes = new Notes(ask);
  const keeps = keepsThoughts(ask, family);
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
    reasoning: writeThinking(ask.thinking, family, notes),
    text: writeText(ask),
    temperature: samples ? ask.temperature : undefined,
    top_p: samples ? ask.topP : undefined,
    max_output_tokens: tokens,
    user,
    prompt_cache_key: bounded(ask.promptCacheKey),
    metadata: ask.metadata,
    service_tier: ask.serviceTier,
  };
  if (ask.turns.at(-1)?.role === "assistant") notes.tell("prefill");
  if (!samples && ask.temperature !== undefined) notes.tell("temperature");
  if (!samples && ask.topP !== undefined) notes.tell("top_p");
  if (tokens !== ask.maxOutputTokens) notes.tell("max_output_tokens", tokens);
  if (user !== ask.endUser) notes.tell("end_user");
  notes.adapted.push(...renamedPlaces(ask, names));
  // Freeform tools are what they are here: only names change.
  const changed = changedAsk({ ...ask, tools: [] }, names);
  return ok({ body, adapted: notes.adapted, changed });
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
