import type { Ask } from "../../conversation.ts";
import { effortFor } from "../../openai/effort.ts";
import { leaveOut, type Writing } from "./writing.ts";

/** Writes how hard the model is to think. */
export function writeThinking({ thinking }: Ask, writing: Writing): object | undefined {
  const { family, places, adapted } = writing;
  if (thinking === undefined) return undefined;
  const isOff = thinking.kind === "off";
  if (family === "plain") return isOff ? undefined : leaveOut("thinking", writing);
  // https://api-docs.deepseek.com/guides/thinking_mode
  if (isOff && family === "deepseek") return { thinking: { type: "disabled" } };
  const effort = effortFor(thinking, family);
  if (effort === undefined) return isOff ? leaveOut("thinking", writing) : undefined;
  if (effort !== (isOff ? "none" : thinking.effort)) adapted.push(`${places.first("thinking")}=${effort}`);
  return { reasoning_effort: effort };
}
