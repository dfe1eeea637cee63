import type { Thinking } from "../conversation.ts";
import { effortOf } from "../writing/effort.ts";
import type { ModelFamily } from "./model-family.ts";

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

/** The effort that a model is told, `none` for one that is not to think; `undefined`: none is asked for, or it is not known whether the model takes the word. */
export function effortFor(thinking: Thinking, family: ModelFamily): string | undefined {
  const instead = INSTEAD[family];
  // Who knows no efforts would refuse `none`, and mostly does not think.
  if (thinking.kind === "off") return instead === undefined ? undefined : (instead.get("none") ?? "none");
  const { effort, budgetTokens } = thinking;
  // An effort is as it was said, whatever it is: models learn new ones.
  const wanted = effort ?? (budgetTokens === undefined ? undefined : effortOf(budgetTokens));
  return wanted === undefined ? undefined : (instead?.get(wanted) ?? wanted);
}
