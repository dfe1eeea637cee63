import type { OpenedWords, WholePart } from "../../ordered-event.ts";
import { type Seal, writeSealBeforeCall, writeSealOrNone } from "../../seal.ts";
import { OWN_SEAL } from "../thought.ts";

/** What is called. */
type Called = Pick<Extract<WholePart, { readonly kind: "call" }>, "id" | "name" | "takes">;

/**
 * The id of an answer's item: which of its items it is stands in it. `answer`: what the ids are made of. What it begins with says what the item is, else OpenAI
 * refuses it where it comes back.
 */
export function itemId(
  { kind, takes }: { readonly kind: WholePart["kind"]; readonly takes?: "freeform" },
  answer: string,
  index: number,
): string {
  const called = takes === "freeform" ? "ctc" : "fc";
  const prefix = kind === "call" ? called : kind === "thought" ? "rs" : "msg";
  return `${prefix}_${answer}_${index}`;
}

/** A part as it is when it is whole, as items. `index`: where they begin in the output. */
export function itemsOf(part: WholePart, answer: string, index: number): readonly object[] {
  if (part.kind === "thought") return [thoughtItem(part.text, writeSealOrNone(part.seal, OWN_SEAL.dialect), itemId(part, answer, index))];
  if (part.kind === "call") {
    const sealed = part.seal === undefined ? [] : [callSealItem(part.seal, answer, index)];
    return [...sealed, callItem(part, part.text, itemId(part, answer, index + sealed.length))];
  }
  const message = part.text === "" ? [] : [messageItem([contentPart(part.kind, part.text)], itemId(part, answer, index))];
  if (part.seal === undefined) return message;
  // Words have no place for a seal: it stands behind them, as a thought without any.
  return [
    ...message,
    thoughtItem("", writeSealOrNone(part.seal, OWN_SEAL.dialect), itemId({ kind: "thought" }, answer, index + message.length)),
  ];
}

/** The seal of a call, which has no place for one: it stands before it. */
export function callSealItem(seal: Seal, answer: string, index: number): object {
  return thoughtItem("", writeSealBeforeCall(seal), itemId({ kind: "thought" }, answer, index));
}

/** A call with what was written of its arguments; `in_progress`: nothing yet. */
export function callItem({ id: callId, name, takes }: Called, text: string, id: string, status = "completed"): object {
  const call = { id, type: takes === "freeform" ? "custom_tool_call" : "function_call", status, call_id: callId, name };
  return { ...call, ...argumentsOf(takes, text) };
}

/** What a call's arguments are called. */
export function argumentsOf(takes: "freeform" | undefined, text: string): object {
  return takes === "freeform" ? { input: text } : { arguments: text };
}

/** A message with this content. */
export function messageItem(content: readonly object[], id: string, status = "completed"): object {
  return { id, type: "message", status, role: "assistant", content };
}

/** The only part of an item's words. */
export function contentPart(kind: OpenedWords["kind"], text: string): object {
  if (kind === "thought") return { type: "summary_text", text };
  return kind === "text" ? { type: "output_text", annotations: [], logprobs: [], text } : { type: "refusal", refusal: text };
}

/** A thought, whose words are a summary: that is what clients show. `encrypted`: not known before its end. */
export function thoughtItem(text: string, encrypted: string | undefined, id: string): object {
  return { id, type: "reasoning", summary: text === "" ? [] : [contentPart("thought", text)], encrypted_content: encrypted };
}
