import { fail, ok, type Result } from "../../core/result.ts";
import type { TranslationTarget, Untranslatable } from "../../core/translation.ts";
import type { Ask } from "../conversation.ts";
import type { WrittenAsk } from "../dialect.ts";
import { changedAsk } from "../writing/changed-ask.ts";
import { given } from "../writing/given.ts";
import { Notes } from "../writing/notes.ts";
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
  const notes = new Notes(ask);
  const contents = writeContents(ask, { model, names, notes });
  if (contents.length === 0)
    notes.wrong("messages", "Gemini answers a message of the user's, and there is none besides instructions; add one");
  if (notes.fault !== undefined) return fail(notes.fault);
  const format = writeFormat(ask, model, names);
  const answerTool = typeof format.tools === "object" ? format.tools : undefined;
  const tools = writeTools(format.tools === "left_out" ? { ...ask, tools: [] } : ask, names, answerTool);
  if (ask.system.some(({ afterTurns }) => afterTurns > 0)) notes.tellAll("system_inside");
  const generationConfig = writeConfig(ask, { model, notes, format });
  if (ask.tools.some(({ takes }) => takes === "freeform")) notes.tellAll("freeform_tool");
  const lost = new Set([...tools.lost, ...format.lost]);
  notes.adapted.push(...renamedPlaces(ask, names), ...[...lost].map((keyword) => `schema.${keyword}`));
  const body = given({
    systemInstruction: ask.system.length === 0 ? undefined : { parts: ask.system.map(({ text }) => ({ text })) },
    contents,
    tools: tools.tools,
    toolConfig: tools.toolConfig,
    generationConfig,
  });
  return ok({ body, adapted: notes.adapted, changed: changedAsk(ask, names, answerTool?.name) });
}

interface ConfigParts {
  readonly model: GeminiModel;
  readonly notes: Notes;
  readonly format: WrittenFormat;
}

function writeConfig(ask: Ask, { model, notes, format }: ConfigParts): object | undefined {
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
  if (stop.length > MOST_STOP_SEQUENCES) notes.tell("stop", MOST_STOP_SEQUENCES);
  if (thinking?.adapted !== undefined) notes.adapted.push(notes.places.first("thinking") + thinking.adapted);
  if (format.isAdapted) notes.tell(ask.format?.kind === "json" ? "json_object" : "json_schema");
  return Object.keys(config).length === 0 ? undefined : config;
}
