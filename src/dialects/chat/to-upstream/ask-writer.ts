import { ok, type Result } from "../../../core/result.ts";
import type { TranslationTarget, Untranslatable } from "../../../core/translation.ts";
import type { Ask, Feature, Format } from "../../conversation.ts";
import type { WrittenAsk } from "../../dialect.ts";
import { lawfulFormatName, NAME_RULE } from "../../openai/names.ts";
import { changedAsk } from "../../writing/changed-ask.ts";
import { Notes } from "../../writing/notes.ts";
import { toolNames } from "../../writing/tool-names.ts";
import { canReason, isOpenAi, type ModelFamily, modelFamily, reasons } from "../../openai/model-family.ts";
import { writeMessages } from "./messages-writer.ts";
import { writeThinking } from "./thinking-writer.ts";
import { writeTools } from "./tools-writer.ts";
import type { Writing } from "./writing.ts";

/** Models that refuse a verbosity. */
const NO_VERBOSITY: ReadonlySet<ModelFamily> = new Set(["plain", "o_series", "mistral"]);

/** Writes a request: https://platform.openai.com/docs/api-reference/chat/create */
export function writeAsk(ask: Ask, target: TranslationTarget): Result<WrittenAsk, Untranslatable> {
  const family = modelFamily(target.model);
  const names = toolNames(ask, NAME_RULE);
  const notes = new Notes(ask);
  const writing: Writing = { family, names, notes };
  const body = {
    model: target.model,
    messages: writeMessages(ask, writing),
    ...(ask.stream ? { stream: true, stream_options: target.streamUsage ? { include_usage: true } : undefined } : {}),
    ...writeTools(ask, writing),
    ...writeLimit(ask, target, writing),
    ...writeSampling(ask, writing),
    ...writeThinking(ask, writing),
    ...writeCaller(ask, writing),
    response_format: writeFormat(ask.format),
  };
  return ok({ body, adapted: notes.adapted, changed: changedAsk(ask, names) });
}

/** Models that reason refuse `max_tokens`, most servers of others do not know `max_completion_tokens`. */
function writeLimit({ maxOutputTokens: asked }: Ask, { model, maxOutputTokens: most }: TranslationTarget, writing: Writing): object {
  if (asked === undefined) return {};
  const limit = Math.min(asked, most ?? asked);
  if (limit < asked) writing.notes.tell("max_output_tokens", limit);
  const isNew = canReason(writing.family) || (writing.family === "plain" && model.includes("gpt-5"));
  return isNew ? { max_completion_tokens: limit } : { max_tokens: limit };
}

/**
 * What OpenAI's models refuse while they reason, but for what they do anyway: "Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1)
 * value is supported." (gpt-5, github.com/diffbot/code-gpt-docs, issue 445), "'stop' is not supported with this model" (github.com/FlowiseAI/Flowise, issue 5046).
 */
function writeSampling(ask: Ask, { family, notes }: Writing): object {
  const { temperature, topP, stop, presencePenalty, frequencyPenalty, seed } = ask;
  const isReasoning = reasons(ask, family);
  const kept = <T>(value: T | undefined, feature: Feature, anyway?: T): T | undefined => {
    if (value === undefined || !isReasoning) return value;
    return value === anyway ? undefined : notes.tellAll(feature);
  };
  const hasPenalties = (presencePenalty ?? frequencyPenalty) !== undefined && kept(true, "penalties") === true;
  return {
    temperature: kept(temperature, "temperature", 1),
    top_p: kept(topP, "top_p", 1),
    stop: kept(stop, "stop"),
    ...(hasPenalties ? { presence_penalty: presencePenalty, frequency_penalty: frequencyPenalty } : {}),
    // https://docs.mistral.ai/api
    [family === "mistral" ? "random_seed" : "seed"]: seed,
  };
}

/** What says who calls and how: Mistral and Groq refuse what they do not know (github.com/mistralai/platform-docs-public, issue 7; github.com/fanenr/chatbot, issue 21). */
function writeCaller({ endUser, verbosity, serviceTier, promptCacheKey }: Ask, { family, notes }: Writing): object {
  const told = (value: string | undefined, feature: Feature, isTaken: boolean): string | undefined =>
    value === undefined || isTaken ? value : notes.tellAll(feature);
  return {
    user: told(endUser, "end_user", family !== "mistral"),
    verbosity: told(verbosity, "verbosity", !NO_VERBOSITY.has(family)),
    service_tier: told(serviceTier, "service_tier", family !== "mistral"),
    prompt_cache_key: told(promptCacheKey, "prompt_cache_key", isOpenAi(family)),
  };
}

function writeFormat(format: Format | undefined): object | undefined {
  if (format === undefined) return undefined;
  if (format.kind === "json") return { type: "json_object" };
  const { name, description, schema, strict } = format;
  return { type: "json_schema", json_schema: { name: lawfulFormatName(name), description, schema, strict } };
}
