import { type ForeignObject, isObject } from "../../../core/json/foreign-json.ts";
import type { Ask } from "../../conversation.ts";
import type { Asked } from "../../reading/asked.ts";
import { Turns } from "../../reading/turns.ts";
import { readBlocks } from "./block-reader.ts";
import { blocksOf, readText } from "./content-reader.ts";

/**
 * Claude Code's first words to Anthropic (which version of it asks, with a checksum of the request), which are in the system prompt and are taken out of it there:
 * to any other model they are noise, and other noise each time, which spoils every cache.
 */
const BILLING_LINE = "x-anthropic-billing-header:";

/** Reads what was said: the system prompt, and the turns with each side's messages put together. */
export function readConversation({ system: prompt, messages }: ForeignObject, asked: Asked): Pick<Ask, "system" | "turns"> {
  const turns = new Turns(asked);
  if (prompt !== undefined && prompt !== null) readSystem(prompt, "system", turns, asked);
  for (const [index, message] of asked.list(messages, "messages").entries()) {
    const param = `messages.${index}`;
    turns.enter(param);
    if (isObject(message)) readMessage(message, param, turns, asked);
    else asked.wrong(param, "is no object with a role and a content");
  }
  return turns.finish("messages");
}

function readSystem(content: unknown, param: string, turns: Turns, asked: Asked): void {
  for (const { block, param: place } of blocksOf(content, param, asked)) {
    asked.member(block["cache_control"], "cache_hint", `${place}.cache_control`);
    if (block["type"] !== "text") asked.feature("unknown_part", place);
    else for (const { text } of readText(block, place, asked)) if (!text.startsWith(BILLING_LINE)) turns.system(text);
  }
}

function readMessage({ role, content }: ForeignObject, param: string, turns: Turns, asked: Asked): void {
  if (role === "system") {
    readSystem(content, `${param}.content`, turns, asked);
    return;
  }
  if (role !== "user" && role !== "assistant") {
    asked.wrong(`${param}.role`, "is none of user, assistant, system");
    return;
  }
  for (const { part, param: place } of readBlocks(content, role, `${param}.content`, asked)) {
    if (part.kind === "call") turns.call(part, place);
    else if (part.kind === "result") turns.result(part, place);
    else turns.say(role, part);
  }
}
