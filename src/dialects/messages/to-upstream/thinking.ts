import type { Ask, Thinking, Turn } from "../../conversation.ts";
import { EFFORT_SHARES, effortOf } from "../../writing/effort.ts";
import type { ModelTraits } from "../models.ts";
import { isOwn } from "./conversation.ts";
import type { Notes } from "../../writing/notes.ts";

// https://platform.claude.com/docs/en/build-with-claude/extended-thinking, /adaptive-thinking and /effort

/** How a request says how hard to think. */
export interface WrittenThinking {
  readonly thinking: object | undefined;
  readonly effort: string | undefined;
  /** The most tokens of the answer, of which thoughts are a part. */
  readonly maxTokens: number;
  /** Whether the model thinks because it was asked to. */
  readonly isOn: boolean;
}

type On = Extract<Thinking, { readonly kind: "on" }>;

/** The least that `budget_tokens` may be. */
const LEAST_BUDGET_TOKENS = 1024;

/** What a budget may take of an answer at most, so that some is left to answer with. */
const MOST_SHARE = 0.9;

const EFFORTS = [...EFFORT_SHARES.keys()];

/** What a request holds besides, that it cannot be thought with. */
export interface ThinkingConflicts {
  /** "Thinking may not be enabled when tool_choice forces tool use." */
  readonly isForced: boolean;
  readonly maxTokens: number;
}

/** Writes how hard the model is to think. */
export function writeThinking(
  { thinking, turns }: Ask,
  { isForced, maxTokens }: ThinkingConflicts,
  traits: ModelTraits,
  notes: Notes,
): WrittenThinking {
  const isPrefilled = turns.at(-1)?.role === "assistant";
  const isTornOff = isForced || isPrefilled || (traits.thinks === "with_budget" && lacksItsThought(turns));
  if (thinking?.kind === "on" && traits.thinks !== "never" && !isTornOff) {
    return traits.thinks === "adaptively" ? adaptive(thinking, maxTokens, traits, notes) : byBudget(thinking, maxTokens, notes);
  }
  if (thinking?.kind === "on") notes.tell("thinking", "off");
  return off(thinking, { maxTokens, isTornOff }, traits, notes);
}

/**
 * Whether the call that was answered last was made without a thought, or another's: "When `thinking` is enabled, a final `assistant` message must start with a thinking
 * block". Models that think adaptively take it: /adaptive-thinking#validation-changes.
 */
function lacksItsThought(turns: readonly Turn[]): boolean {
  const last = turns.findLast(({ role }) => role === "assistant");
  if (last?.parts.some(({ kind }) => kind === "call") !== true) return false;
  const begins = last.parts.find((part) => part.kind !== "thought" || isOwn(part));
  return begins?.kind !== "thought";
}

function off(
  thinking: Thinking | undefined,
  { maxTokens, isTornOff }: { readonly maxTokens: number; readonly isTornOff: boolean },
  traits: ModelTraits,
  notes: Notes,
): WrittenThinking {
  const written = { thinking: undefined, effort: undefined, maxTokens, isOn: false };
  const isAskedOff = thinking?.kind === "off" && traits.thinks !== "never";
  if (!isAskedOff && !(isTornOff && traits.thinksUnasked)) return written;
  if (traits.thinkingOff !== undefined) return { ...written, thinking: { type: traits.thinkingOff } };
  if (!isAskedOff) return written;
  // Nothing keeps it from thinking: it thinks as little as it can.
  const [effort] = traits.efforts;
  notes.tell("thinking", effort);
  return { ...written, effort };
}

function adaptive(thinking: On, maxTokens: number, { efforts }: ModelTraits, notes: Notes): WrittenThinking {
  const { effort: asked, budgetTokens, shown } = thinking;
  const wanted = asked ?? (budgetTokens === undefined ? undefined : effortOf(budgetTokens));
  const effort = wanted === undefined ? undefined : nearest(wanted, efforts);
  if (effort !== asked) notes.tell("thinking", effort);
  // Newer models leave the words out unless they are asked for.
  return { thinking: { type: "adaptive", display: shown ? "summarized" : "omitted" }, effort, maxTokens, isOn: true };
}

/** The effort, or the next lower one that the model knows, or its least; of one that nobody knows, none. */
function nearest(wanted: string, efforts: readonly string[]): string | undefined {
  if (efforts.includes(wanted)) return wanted;
  const at = EFFORTS.indexOf(wanted);
  if (at === -1) return undefined;
  return efforts.findLast((effort) => EFFORTS.indexOf(effort) <= at) ?? efforts[0];
}

function byBudget(thinking: On, maxTokens: number, notes: Notes): WrittenThinking {
  const { effort, budgetTokens } = thinking;
  const wanted = budgetTokens ?? Math.floor(maxTokens * (EFFORT_SHARES.get(effort ?? "medium") ?? 0.3));
  const budget = Math.max(Math.min(wanted, Math.floor(maxTokens * MOST_SHARE)), LEAST_BUDGET_TOKENS);
  if (budget !== budgetTokens) notes.tell("thinking", budget);
  // So few tokens are too few to think and to answer.
  const raised = budget < maxTokens ? maxTokens : maxTokens + budget;
  if (raised > maxTokens) notes.tell("max_output_tokens", raised);
  return { thinking: { type: "enabled", budget_tokens: budget }, effort: undefined, maxTokens: raised, isOn: true };
}
