import type { Ask, Thinking } from "../../conversation.ts";
import { effortFor } from "../../openai/effort.ts";
import { isOpenAi, type ModelFamily } from "../../openai/model-family.ts";
import type { Notes } from "../../writing/notes.ts";

/** Writes `reasoning` for a model; `undefined`: there is none. */
export function writeThinking(thinking: Thinking | undefined, family: ModelFamily, notes: Notes): object | undefined {
  if (thinking === undefined) return undefined;
  const isOff = thinking.kind === "off";
  if (family === "plain") return isOff ? undefined : notes.tellAll("thinking");
  const effort = effortFor(thinking, family);
  if (isOff && effort === undefined) return notes.tellAll("thinking");
  if (effort !== (isOff ? "none" : thinking.effort)) notes.tell("thinking", effort);
  return { effort, summary: !isOff && thinking.shown ? "auto" : undefined };
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
