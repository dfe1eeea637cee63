import { arrayOf, type ForeignObject, objectOf, textOf } from "../../../core/json/foreign-json.ts";
import type { AnswerEvent } from "../../answer-event.ts";
import { readSealOrNone } from "../../seal.ts";
import { OWN_SEAL, thoughtText } from "../thought.ts";

/** What was read of an item so far. */
export interface ReadItem {
  /** What its part is told apart by; each content of a message has one of its own. */
  readonly part: string;
  /** What its words came in; `undefined`: none came. */
  said: string | undefined;
  /** The part of a summary that the last words were of. */
  summary: unknown;
  /** The content that is open, of a message. */
  open: string | undefined;
  hasCall: boolean;
  isDone: boolean;
}

/** An item as it begins. What it holds already comes again. */
export function readItemStart(item: ForeignObject, read: ReadItem): readonly AnswerEvent[] {
  return isCall(item) ? callEvents(item, read) : [];
}

/** An item as it is when it is whole: what did not come in pieces is read of it. */
export function readItemEnd(item: ForeignObject, read: ReadItem): readonly AnswerEvent[] {
  read.isDone = true;
  const { part } = read;
  switch (item["type"]) {
    case "message":
      return [...(read.said === undefined ? contentEvents(item, part) : []), { kind: "close", part: read.open ?? part }];
    case "reasoning":
      return thoughtEvents(item, read);
    case "function_call":
    case "custom_tool_call": {
      const text = textOf(item["arguments"] ?? item["input"]) ?? "";
      return [...callEvents(item, read), { kind: "whole_arguments", part, text }, { kind: "close", part }];
    }
    default:
      return [{ kind: "unknown", what: textOf(item["type"]) ?? "item" }];
  }
}

function isCall({ type }: ForeignObject): boolean {
  return type === "function_call" || type === "custom_tool_call";
}

function callEvents(item: ForeignObject, read: ReadItem): readonly AnswerEvent[] {
  const name = textOf(item["name"]);
  if (read.hasCall || name === undefined) return [];
  read.hasCall = true;
  const takes = item["type"] === "custom_tool_call" ? { takes: "freeform" as const } : {};
  return [{ kind: "call", part: read.part, id: textOf(item["call_id"]) ?? textOf(item["id"]), name, seal: undefined, ...takes }];
}

function thoughtEvents(item: ForeignObject, { part, said }: ReadItem): readonly AnswerEvent[] {
  const seal = readSealOrNone(textOf(item["encrypted_content"]), OWN_SEAL);
  return [
    ...(said === undefined ? [{ kind: "thought" as const, part, text: thoughtText(item) }] : []),
    ...(seal === undefined ? [] : [{ kind: "seal" as const, part, of: "thought" as const, seal }]),
    { kind: "close", part },
  ];
}

function contentEvents(item: ForeignObject, part: string): readonly AnswerEvent[] {
  return arrayOf(item["content"]).flatMap((each, index): readonly AnswerEvent[] => {
    const { type, text, refusal } = objectOf(each);
    if (type === "output_text" && typeof text === "string") return [{ kind: "text", part: `${part}.${index}`, text }];
    return type === "refusal" && typeof refusal === "string" ? [{ kind: "refusal", part: `${part}.${index}`, text: refusal }] : [];
  });
}
