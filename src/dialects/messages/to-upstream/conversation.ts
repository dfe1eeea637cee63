import { argumentsObject } from "../../call-arguments.ts";
import type { Ask, Part, ResultPart, SystemText, Turn } from "../../conversation.ts";
import type { ToolNames } from "../../writing/tool-names.ts";
import { thoughtBlock } from "../blocks.ts";
import type { ModelTraits } from "../models.ts";
import { CallIds } from "./call-ids.ts";
import { contentBlocks } from "./content.ts";
import type { Notes } from "../../writing/notes.ts";

/** What a conversation is written with. */
export interface Writing {
  readonly traits: ModelTraits;
  readonly names: ToolNames;
  readonly notes: Notes;
}

/** A request's `system`, and its `messages`. */
export interface WrittenConversation {
  readonly system: string | undefined;
  readonly messages: readonly object[];
}

interface Message {
  readonly role: Turn["role"] | "system";
  readonly content: object[];
}

/** Writes what was said, as it can be said: turns that nothing is left of are gone, and their neighbours one. */
export function writeConversation({ system, turns }: Ask, writing: Writing): WrittenConversation {
  const messages: Message[] = [];
  const ids = new CallIds();
  const said = system.filter(({ text }) => text.trim() !== "");
  const inside = said.filter(({ afterTurns }) => afterTurns > 0);
  let waiting = writing.traits.systemInside ? inside : [];
  const put = (role: Message["role"], content: readonly object[]): void => {
    const last = messages.at(-1);
    if (last?.role === role) for (const block of content) last.content.push(block);
    else if (content.length > 0) messages.push({ role, content: [...content] });
  };
  // A system text stands behind a message of the user's, and nothing but the assistant's next one behind it.
  const putSystem = (beforeTurn: number): void => {
    if (messages.at(-1)?.role !== "user") return;
    put("system", waiting.filter(({ afterTurns }) => afterTurns <= beforeTurn).map(textBlock));
    waiting = waiting.filter(({ afterTurns }) => afterTurns > beforeTurn);
  };
  for (const [index, { role, parts }] of turns.entries()) {
    if (role === "assistant") ids.begin(parts);
    const content = role === "user" ? userBlocks(parts, ids, writing) : assistantBlocks(parts, ids, writing);
    if (role === "assistant" && content.length > 0) putSystem(index);
    put(role, content);
  }
  putSystem(turns.length);
  checkEnds(messages, turns, writing.notes);
  const hoisted = writing.traits.systemInside ? waiting : inside;
  if (hoisted.length > 0 || inside.some(({ afterTurns }) => turns[afterTurns - 1]?.role !== "user")) writing.notes.tellAll("system_inside");
  const first = [...said.filter(({ afterTurns }) => afterTurns === 0), ...hoisted].map(({ text }) => text).join("\n\n");
  return { system: first === "" ? undefined : first, messages };
}

function textBlock({ text }: SystemText): object {
  return { type: "text", text };
}

/** What is left has to begin with the user; what the assistant began must not end in white space ("final assistant content cannot end with trailing whitespace"). */
function checkEnds(messages: readonly Message[], turns: readonly Turn[], notes: Notes): void {
  const [first] = messages;
  if (first === undefined) notes.wrong("messages", "the conversation says nothing that Anthropic takes: texts are more than white space");
  else if (first.role === "assistant")
    notes.wrong(notes.places.first("assistant_first"), "a conversation begins with a message of the user's that is more than white space");
  const last = messages.at(-1);
  if (last?.role !== "assistant") return;
  if (turns.at(-1)?.role !== "assistant")
    notes.wrong("messages", "the last message says nothing that Anthropic takes: texts are more than white space");
  const begun: { text?: unknown } | undefined = last.content.at(-1);
  if (typeof begun?.text === "string") last.content.splice(-1, 1, { type: "text", text: begun.text.trimEnd() });
}

/** Results stand first, and in one message: Anthropic wants all of a turn's calls answered in the message behind it. */
function userBlocks(parts: readonly Part[], ids: CallIds, { notes }: Writing): readonly object[] {
  return parts.flatMap((part): readonly object[] => {
    switch (part.kind) {
      case "result":
        return [resultBlock(part, ids, notes)];
      case "text":
      case "refusal":
      case "image":
      case "document":
        return contentBlocks(part, "turn", notes);
      // The loss table refuses audio; the others are the assistant's.
      case "audio":
      case "call":
      case "thought":
        return [];
    }
  });
}

function resultBlock({ callId, parts, failed }: ResultPart, ids: CallIds, notes: Notes): object {
  const content = parts.flatMap((part) => contentBlocks(part, "result", notes));
  return {
    type: "tool_result",
    tool_use_id: ids.of(callId),
    ...(content.length === 0 ? {} : { content }),
    ...(failed ? { is_error: true } : {}),
  };
}

/** A message that calls ends with its calls (what stands behind one is taken for a prefill), and none ends with a thought: both are refused. */
function assistantBlocks(parts: readonly Part[], ids: CallIds, { names }: Writing): readonly object[] {
  const own = parts.filter((part) => part.kind !== "thought" || isOwn(part));
  const lastCall = own.findLastIndex(({ kind }) => kind === "call");
  const runStart = own.findLastIndex(({ kind }, index) => index < lastCall && kind !== "call") + 1;
  const ordered =
    lastCall === -1
      ? own
      : [...own.slice(0, runStart), ...own.slice(lastCall + 1).filter(isNoThought), ...own.slice(runStart, lastCall + 1)];
  const end = ordered.findLastIndex((part) => isNoThought(part) && !isBlank(part)) + 1;
  return ordered.slice(0, end).flatMap((part): readonly object[] => {
    switch (part.kind) {
      case "text":
      case "refusal":
        return isBlank(part) ? [] : [{ type: "text", text: part.text }];
      case "thought":
        return [thoughtBlock(part)];
      case "call":
        return [{ type: "tool_use", id: ids.of(part.id), name: names.upstream(part.name), input: argumentsObject(part) }];
      // Anthropic's assistant says nothing else.
      case "image":
      case "document":
      case "audio":
      case "result":
        return [];
    }
  });
}

/** Whether a thought is Anthropic's own. Another's has no place here: told as words it would change the conversation. */
export function isOwn(part: Part): boolean {
  return part.kind === "thought" && part.seal?.dialect === "messages";
}

function isNoThought({ kind }: Part): boolean {
  return kind !== "thought";
}

function isBlank(part: Part): boolean {
  return (part.kind === "text" || part.kind === "refusal") && part.text.trim() === "";
}
