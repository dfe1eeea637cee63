import { fail, ok, type Result } from "../../core/result.ts";
import type { TranslationTarget, Untranslatable } from "../../core/translation.ts";
import type { Ask } from "../conversation.ts";
import type { WrittenAsk } from "../dialect.ts";
import { changedAsk } from "../writing/changed-ask.ts";
import { given } from "../writing/given.ts";
import { Places } from "../writing/places.ts";
import { renamedPlaces, toolNames } from "../writing/tool-names.ts";
import { writeContents } from "./contents.ts";
import { writeFormat, type WrittenFormat } from "./format.ts";
import { geminiModel, type GeminiModel } from "./model.ts";
import { NAME_RULE } from "./names.ts";
import { writeThinking } from "./thinking.ts";
import { writeTools } from "./tools.ts";

/** https://ai.google.dev/api/generate-content#FIELDS.stop_sequences */
const MOST_STOP_SEQUENCES = 5;

/** Writes the body of a `generateContent` request, whole or streamed alike: https://ai.google.dev/api/generate-content */
export function writeGeminiAsk(ask: Ask, target: TranslationTarget): Result<WrittenAsk, Untranslatable> {
  const model = geminiModel(target.model);
  const names = toolNames(ask, NAME_RULE);
  const places = new Places(ask);
  const contents = writeContents(ask, { model, names, places });
  if (!contents.ok) return contents;
  if (contents.value.length === 0)
    return fail({ param: "messages", message: "Gemini answers a message of the user's, and there is none besides instructions; add one" });
  const format = writeFormat(ask, model, names);
  const answerTool = typeof format.tools === "object" ? format.tools : undefined;
  const tools = writeTools(format.tools === "left_out" ? { ...ask, tools: [] } : ask, names, answerTool);
  const config = writeConfig(ask, { model, places, format });
  const adapted = [
    ...(ask.system.some(({ afterTurns }) => afterTurns > 0) ? places.all("system_inside") : []),
    ...config.adapted,
    ...(ask.tools.some(({ takes }) => takes === "freeform") ? places.all("freeform_tool") : []),
    ...renamedPlaces(ask, names),
    ...[...new Set([...tools.lost, ...format.lost])].map((keyword) => `schema.${keyword}`),
  ];
  const body = given({
    systemInstruction: ask.system.length === 0 ? undefined : { parts: ask.system.map(({ text }) => ({ text })) },
    contents: contents.value,
    tools: tools.tools,
    toolConfig: tools.toolConfig,
    generationConfig: config.config,
  });
  return ok({ body, adapted, changed: changedAsk(ask, names, answerTool?.name) });
}

interface WrittenConfig {
  readonly config: object | undefined;
  readonly adapted: readonly string[];
}

interface ConfigParts {
  readonly model: GeminiModel;
  readonly places: Places;
  readonly format: WrittenFormat;
}

function writeConfig(ask: Ask, { model, places, format }: ConfigParts): WrittenConfig {
  const stop = ask.stop?.filter((sequence) => sequence !== "") ?? [];
  const thinking = ask.thinking === undefined ? undefined : writeThinking(ask.thinking, model, ask.maxOutputTokens);
  const config = given({
    maxOutputTokens: ask.maxOutputTokens,
    temperature: ask.temperature,
    topP: ask.topP,
    topK: ask.topK,
    stopSequences: stop.length === 0 ? undefined : stop.slice(0, MOST_STOP_SEQUENCES),
    // Gemini's has 32 bits, OpenAI's 64: the same seed stays the same.
    seed: ask.seed === undefined ? undefined : ask.seed | 0,
    presencePenalty: ask.presencePenalty,
    frequencyPenalty: ask.frequencyPenalty,
    thinkingConfig: thinking?.config,
    ...format.members,
  });
  const adapted = [
    ...(stop.length > MOST_STOP_SEQUENCES ? [`${places.first("stop")}=${MOST_STOP_SEQUENCES}`] : []),
    ...(thinking?.adapted === undefined ? [] : [`${places.first("thinking")}${thinking.adapted}`]),
    ...(format.isAdapted ? [places.first(ask.format?.kind === "json" ? "json_object" : "json_schema")] : []),
  ];
  return { config: Object.keys(config).length === 0 ? undefined : config, adapted };
}
