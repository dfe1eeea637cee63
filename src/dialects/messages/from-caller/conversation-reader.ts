import { arrayOf, type ForeignObject, isObject } from "../../../core/json/foreign-json.ts";
import type { Ask, CallPart, Part, ResultPart, SystemText, Turn } from "../../conversation.ts";
import type { Asked } from "./asked.ts";
import { type PlacedPart, readBlocks } from "./block-reader.ts";
import { blocksOf, readText } from "./content-reader.ts";

interface PlacedTurn {
  readonly role: Turn["role"];
  readonly parts: PlacedPart[];
}

/**
 * Claude Code's first words to Anthropic (which version of it asks, with a checksum of the request), which are in the system prompt and are taken out of it there:
 * to any other model they are noise, and other noise each time, which spoils every cache.
 */
const BILLING_LINE = "x-anthropic-billing-header:";

/** Reads what was said: the system prompt, and the turns with each side's messages put together. */
export function readConversation(body: ForeignObject, asked: Asked): Pick<Ask, "system" | "turns"> {
  const { system: prompt, messages } = body;
  const system: SystemText[] = prompt === undefined || prompt === null ? [] : readSystem(prompt, "system", 0, asked);
  const turns: PlacedTurn[] = [];
  if (!Array.isArray(messages)) asked.wrong("messages", "messages is a list of messages");
  for (const [index, message] of arrayOf(messages).entries()) {
    const param = `messages.${index}`;
    if (!isObject(message)) asked.wrong(param, `${param} is no object with a role and a content`);
    else if (message["role"] === "system") {
      if (turns.length > 0) asked.feature("system_inside", param);
      for (const text of readSystem(message["content"], `${param}.content`, turns.length, asked)) system.push(text);
    } else readMessage(message, param, turns, asked);
  }
  if (turns.length === 0) asked.wrong("messages", "messages says nothing: it has at least one message of the user's with a content");
  if (turns.at(-1)?.role === "assistant") asked.feature("prefill", `messages.${arrayOf(messages).length - 1}`);
  return {
    system,
    turns: turns.map((turn, index) => ({ role: turn.role, parts: inOrder(turn, turns[index - 1], turns[index + 1], asked) })),
  };
}

function readSystem(content: unknown, param: string, afterTurns: number, asked: Asked): SystemText[] {
  return blocksOf(content, param, asked).flatMap(({ block, param: place }) => {
    asked.member(block["cache_control"], "cache_hint", `${place}.cache_control`);
    if (block["type"] !== "text") {
      asked.feature("unknown_part", place);
      return [];
    }
    const texts = readText(block, place, asked).filter(({ text }) => !text.startsWith(BILLING_LINE));
    return texts.map(({ text }) => ({ text, afterTurns }));
  });
}

function readMessage(message: ForeignObject, param: string, turns: PlacedTurn[], asked: Asked): void {
  const { role } = message;
  if (role !== "user" && role !== "assistant") {
    asked.wrong(`${param}.role`, `${param}.role is user, assistant or system`);
    return;
  }
  const parts = readBlocks(message["content"], role, `${param}.content`, asked);
  if (parts.length === 0) return;
  if (turns.length === 0 && role === "assistant") asked.feature("assistant_first", param);
  const last = turns.at(-1);
  if (last?.role !== role) turns.push({ role, parts: [...parts] });
  else for (const part of parts) last.parts.push(part);
}

/** A turn's parts, the results of tools first and as their calls stood. Each call of the turn before has one, and no other does. */
function inOrder(turn: PlacedTurn, before: PlacedTurn | undefined, after: PlacedTurn | undefined, asked: Asked): readonly Part[] {
  const results = placed(turn, isResult);
  const called = new Map(before === undefined ? [] : placed(before, isCall).map(({ part }, index) => [part.id, index]));
  const answered = new Set<string>();
  for (const { part, param } of results) {
    if (!called.has(part.callId))
      asked.wrong(param, `${param} is the result of ${part.callId}, which the assistant's turn before it did not call`);
    if (answered.has(part.callId)) asked.wrong(param, `${param} is another result of ${part.callId}; a call has one`);
    answered.add(part.callId);
  }
  const given = new Set(after === undefined ? [] : placed(after, isResult).map(({ part }) => part.callId));
  for (const { part, param } of placed(turn, isCall)) {
    if (!given.has(part.id)) asked.wrong(param, `the call ${part.id} (${param}) has no tool_result in the message after it`);
  }
  const placeOf = ({ callId }: ResultPart): number => called.get(callId) ?? 0;
  const sorted = results.map(({ part }) => part).toSorted((left, right) => placeOf(left) - placeOf(right));
  return [...sorted, ...turn.parts.map(({ part }) => part).filter((part) => part.kind !== "result")];
}

function placed<T extends Part>(turn: PlacedTurn, is: (part: Part) => part is T): readonly { readonly part: T; readonly param: string }[] {
  return turn.parts.flatMap(({ part, param }) => (is(part) ? [{ part, param }] : []));
}

function isResult(part: Part): part is ResultPart {
  return part.kind === "result";
}

function isCall(part: Part): part is CallPart {
  return part.kind === "call";
}
