import type { Thinking } from "../conversation.ts";
import { EFFORT_SHARES, effortOf } from "../writing/effort.ts";
import type { GeminiModel } from "./model.ts";

// How hard Gemini thinks: by levels from the third generation on, by a number of tokens in 2.5, not at all before.
// https://ai.google.dev/gemini-api/docs/thinking (levels and budgets), https://ai.google.dev/gemini-api/docs/openai#thinking (efforts),
// https://docs.cloud.google.com/vertex-ai/generative-ai/docs/thinking (which model has which level).

/** A `thinkingConfig`. */
export interface WrittenThinking {
  readonly config: object | undefined;
  /** Where it is not what was asked for, what it is: `"=low"`, `"=8192"`; `""`: nothing of it can be said to the model. */
  readonly adapted: string | undefined;
}

const LEVELS = ["minimal", "low", "medium", "high"] as const;
type Level = (typeof LEVELS)[number];

/** The levels that callers' efforts mean. */
const EFFORTS: ReadonlyMap<string, Level> = new Map([
  ["minimal", "minimal"],
  ["low", "low"],
  ["medium", "medium"],
  ["high", "high"],
  ["xhigh", "high"],
  ["max", "high"],
]);

/** Google's own numbers of tokens for efforts. */
const BUDGETS: Readonly<Record<Level, number>> = { minimal: 1_024, low: 1_024, medium: 8_192, high: 24_576 };

/** Fewer tokens than these are hardly thinking; of a short answer it is half. */
const LEAST_BUDGET = 1_024;

/** The least and the most that models of 2.5 take, tokens; `pro` cannot be told not to think. */
const RANGES: Readonly<Record<"pro" | "flash" | "flash-lite", { readonly least: number; readonly most: number; readonly off: number }>> = {
  pro: { least: 128, most: 32_768, off: 128 },
  flash: { least: 1, most: 24_576, off: 0 },
  "flash-lite": { least: 512, most: 24_576, off: 0 },
};

/** Writes how hard the model is to think. */
export function writeThinking(thinking: Thinking, model: GeminiModel, maxOutputTokens: number | undefined): WrittenThinking {
  const { generation, family } = model;
  if (family !== "other" && generation >= 3) return byLevel(thinking, levelsOf(generation, family));
  if (family !== "other" && generation === 2.5) return byBudget(thinking, RANGES[family], maxOutputTokens);
  const neverThinks = generation > 0 && generation < 2.5;
  return { config: undefined, adapted: thinking.kind === "off" && neverThinks ? undefined : "" };
}

/** The levels of a model from the third generation on. None can be told not to think. */
function levelsOf(generation: number, family: "pro" | "flash" | "flash-lite"): readonly Level[] {
  if (family === "pro") return generation === 3 ? ["low", "high"] : ["low", "medium", "high"];
  return family === "flash" && generation >= 3.7 ? ["low", "medium", "high"] : LEVELS;
}

function byLevel(thinking: Thinking, levels: readonly Level[]): WrittenThinking {
  const [lowest = "low"] = levels;
  if (thinking.kind === "off") return { config: { thinkingLevel: lowest.toUpperCase() }, adapted: `=${lowest}` };
  const shown = thinking.shown ? { includeThoughts: true } : {};
  const wanted = wantedLevel(thinking);
  if (wanted === undefined) return plain(thinking, shown);
  const level = levels.find((each) => LEVELS.indexOf(each) >= LEVELS.indexOf(wanted)) ?? "high";
  return { config: { ...shown, thinkingLevel: level.toUpperCase() }, adapted: level === thinking.effort ? undefined : `=${level}` };
}

function byBudget(thinking: Thinking, range: (typeof RANGES)["pro"], maxOutputTokens: number | undefined): WrittenThinking {
  if (thinking.kind === "off") return { config: { thinkingBudget: range.off }, adapted: range.off === 0 ? undefined : `=${range.off}` };
  const shown = thinking.shown ? { includeThoughts: true } : {};
  const wanted = wantedBudget(thinking, maxOutputTokens);
  if (wanted === undefined) return plain(thinking, shown);
  const budget = Math.min(Math.max(wanted, range.least), range.most);
  return { config: { ...shown, thinkingBudget: budget }, adapted: budget === thinking.budgetTokens ? undefined : `=${budget}` };
}

type Wanted = Extract<Thinking, { readonly kind: "on" }>;

/** The model thinks as hard as it thinks fit: that is what it does untold. An effort that is not known is no reason to guess one. */
function plain({ effort }: Wanted, shown: object): WrittenThinking {
  return { config: Object.keys(shown).length === 0 ? undefined : shown, adapted: effort === undefined ? undefined : "" };
}

function wantedLevel({ effort, budgetTokens }: Wanted): Level | undefined {
  if (effort !== undefined) return EFFORTS.get(effort);
  return budgetTokens === undefined ? undefined : effortOf(budgetTokens);
}

function wantedBudget({ effort, budgetTokens }: Wanted, maxOutputTokens: number | undefined): number | undefined {
  if (budgetTokens !== undefined) return budgetTokens;
  const level = effort === undefined ? undefined : EFFORTS.get(effort);
  if (level === undefined) return undefined;
  if (maxOutputTokens === undefined) return BUDGETS[level];
  const least = Math.min(LEAST_BUDGET, Math.floor(maxOutputTokens / 2));
  return Math.min(BUDGETS[level], Math.max(Math.floor(maxOutputTokens * (EFFORT_SHARES.get(level) ?? 1)), least));
}
