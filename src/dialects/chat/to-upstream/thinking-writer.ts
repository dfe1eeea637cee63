import type { Ask } from "../../conversation.ts";
import { effortFor } from "../../openai/effort.ts";
import type { Writing } from "./writing.ts";

/** Writes how hard the model is to think. */
export function writeThinking({ thinking }: Ask, { family, notes }: Writing): object | undefined {
  if (thinking === undefined) return undefined;
  const isOff = thinking.kind === "off";
  if (family === "plain") return isOff ? undefined : notes.tellAll("thinking");
  // https://api-docs.deepseek.com/guides/thinking_mode
  if (isOff && family === "deepseek") return { thinking: { type: "disabled" } };
  const effort = effortFor(thinking, family);
  if (effort === undefined) return isOff ? notes.tellAll("thinking") : undefined;
  if (effort !== (isOff ? "none" : thinking.effort)) notes.tell("thinking", effort);
  return { reasoning_effort: effort };
}
