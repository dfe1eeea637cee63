import type { Ask, Thinking } from "../../conversation.ts";
import { effortFor } from "../../openai/effort.ts";
import { isOpenAi, type ModelFamily } from "../../openai/model-family.ts";

/** How hard to think, as it is written, and what of it is not as it was asked for. */
export interface WrittenThinking {
  readonly reasoning: object | undefined;
  /** `=low`; `""`: it is left out; `undefined`: it is as asked. */
  readonly adapted: string | undefined;
}

/** Writes `reasoning` for a model. */
export function writeThinking(thinking: Thinking | undefined, family: ModelFamily): WrittenThinking {
  if (thinking === undefined) return { reasoning: undefined, adapted: undefined };
  const isOff = thinking.kind === "off";
  if (family === "plain") return { reasoning: undefined, adapted: isOff ? undefined : "" };
  const effort = effortFor(thinking, family);
  if (isOff && effort === undefined) return { reasoning: undefined, adapted: "" };
  const reasoning = { effort, summary: !isOff && thinking.shown ? "auto" : undefined };
  return { reasoning, adapted: effort === (isOff ? "none" : thinking.effort) ? undefined : `=${effort}` };
}

/**
 * Whether thoughts are asked for as ciphers and given back so. Models that do not think refuse both, and of one that is not known it is only asked where the
 * conversation says that it thinks.
 */
export function keepsThoughts({ thinking, turns }: Ask, family: ModelFamily): boolean {
  if (isOpenAi(family)) return family !== "plain";
  const hasOwn = turns.some(({ parts }) => parts.some((part) => part.kind === "thought" && part.seal?.dialect === "responses"));
  return thinking?.kind === "on" || hasOwn;
}
