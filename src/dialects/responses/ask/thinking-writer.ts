import type { Ask, Thinking } from "../../conversation.ts";
import type { ModelFamily } from "../model-family.ts";

/** How hard to think, as it is written, and what of it is not as it was asked for. */
export interface WrittenThinking {
  readonly reasoning: object | undefined;
  /** `=low`; `""`: it is left out; `undefined`: it is as asked. */
  readonly adapted: string | undefined;
}

/**
 * Efforts that a family refuses, and the nearest that it takes: https://platform.openai.com/docs/guides/reasoning and /latest-model. `minimal` came with GPT-5 and
 * went with what followed: github.com/livekit/agents, issue 7169.
 */
const NEAREST: Readonly<Record<ModelFamily, Readonly<Record<string, string>>>> = {
  plain: {},
  o_series: { minimal: "low", xhigh: "high", max: "high" },
  gpt_5: { xhigh: "high", max: "high" },
  later: { minimal: "low" },
  unknown: {},
};

/** The most tokens of thought that each effort stands for, where a number of them is asked for. */
const LOW_TOKENS = 2_048;
const MEDIUM_TOKENS = 8_192;

/** Writes `reasoning` for a model. */
export function writeThinking(thinking: Thinking | undefined, family: ModelFamily): WrittenThinking {
  if (thinking === undefined) return { reasoning: undefined, adapted: undefined };
  if (thinking.kind === "off") {
    if (family === "later") return { reasoning: { effort: "none" }, adapted: undefined };
    // Models that always think do so; of others it is not known whether they take the word.
    return { reasoning: undefined, adapted: family === "plain" ? undefined : "" };
  }
  if (family === "plain") return { reasoning: undefined, adapted: "" };
  const said = thinking.effort ?? effortOf(thinking.budgetTokens);
  const effort = said === undefined ? undefined : (NEAREST[family][said] ?? said);
  const reasoning = { effort, summary: thinking.shown ? "auto" : undefined };
  return { reasoning, adapted: effort === thinking.effort ? undefined : `=${effort}` };
}

/**
 * Whether thoughts are asked for as ciphers and given back so. Models that do not think refuse both, and of one that is not known it is only asked where the
 * conversation says that it thinks.
 */
export function keepsThoughts({ thinking, turns }: Ask, family: ModelFamily): boolean {
  if (family !== "unknown") return family !== "plain";
  const hasOwn = turns.some(({ parts }) => parts.some((part) => part.kind === "thought" && part.seal?.dialect === "responses"));
  return thinking?.kind === "on" || hasOwn;
}

function effortOf(tokens: number | undefined): string | undefined {
  if (tokens === undefined) return undefined;
  if (tokens <= LOW_TOKENS) return "low";
  return tokens <= MEDIUM_TOKENS ? "medium" : "high";
}
