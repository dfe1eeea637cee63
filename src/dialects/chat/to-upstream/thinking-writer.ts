import type { Ask, Thinking } from "../../conversation.ts";
import type { ModelFamily } from "../upstream-model.ts";
import { leaveOut, type Writing } from "./writing.ts";

/** Up to how many tokens a budget means an effort; more is the last one's. */
const BUDGETS: readonly (readonly [most: number, effort: string])[] = [
  [2_000, "low"],
  [8_000, "medium"],
];
const MOST = "high";

/**
 * What models of OpenAI's take for an effort that they refuse: https://platform.openai.com/docs/guides/reasoning, and "does not support 'xhigh' with this model.
 * Supported values are: 'minimal', 'low', 'medium', and 'high'." (gpt-5, github.com/kaitranntt/ccs, issue 344); from 5.1 on there is no `minimal` (github.com/bolna-ai/bolna,
 * pull request 852). `none`: it is not to think.
 */
const INSTEAD: Readonly<Partial<Record<ModelFamily, ReadonlyMap<string, string>>>> = {
  o_series: new Map([
    ["none", "low"],
    ["minimal", "low"],
    ["xhigh", "high"],
    ["max", "high"],
  ]),
  gpt_5: new Map([
    ["none", "minimal"],
    ["xhigh", "high"],
    ["max", "high"],
  ]),
  // github.com/nexu-io/open-design, pull request 223
  gpt_5_1: new Map([
    ["minimal", "low"],
    ["xhigh", "high"],
    ["max", "high"],
  ]),
  codex: new Map([
    ["none", "low"],
    ["minimal", "low"],
    ["max", "xhigh"],
  ]),
  later: new Map([
    ["minimal", "low"],
    ["max", "xhigh"],
  ]),
};

/** Writes how hard the model is to think. */
export function writeThinking({ thinking }: Ask, writing: Writing): object | undefined {
  const { family, places, adapted } = writing;
  if (thinking === undefined) return undefined;
  if (family === "plain") return thinking.kind === "off" ? undefined : leaveOut("thinking", writing);
  const isOff = thinking.kind === "off";
  // https://api-docs.deepseek.com/guides/thinking_mode
  if (isOff && family === "deepseek") return { thinking: { type: "disabled" } };
  const instead = INSTEAD[family];
  // Who knows no efforts would refuse `none`, and mostly does not think.
  if (isOff && instead === undefined) return leaveOut("thinking", writing);
  const wanted = isOff ? "none" : effortOf(thinking);
  if (wanted === undefined) return undefined;
  const effort = instead?.get(wanted) ?? wanted;
  const said = isOff ? "none" : thinking.effort;
  if (effort !== said) adapted.push(`${places.first("thinking")}=${effort}`);
  return { reasoning_effort: effort };
}

/** An effort is as it was said, whatever it is: models learn new ones. */
function effortOf({ effort, budgetTokens: budget }: Extract<Thinking, { readonly kind: "on" }>): string | undefined {
  if (effort !== undefined || budget === undefined) return effort;
  return BUDGETS.find(([most]) => budget <= most)?.[1] ?? MOST;
}
