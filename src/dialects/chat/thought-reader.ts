import { arrayOf, type ForeignObject, textOf } from "../../core/json/foreign-json.ts";
import type { AnswerEvent } from "../answer-event.ts";
import type { ThoughtPart } from "../conversation.ts";
import type { Seal } from "../seal.ts";
import { type Detail, placeSeal, readDetail } from "./details.ts";

const NOTHING: readonly AnswerEvent[] = [];

/**
 * Reads what a model thought, of a message or of a stream's deltas, whichever way its server tells it: as a string (`reasoning_content`, `reasoning`), as entries
 * (`reasoning_details`, `thinking_blocks`), or both at once, of which one counts.
 */
export class ThoughtReader {
  /** Which thought it is. */
  #number = 0;
  #isOpen = false;
  #isSigned = false;
  #index: unknown;
  /** Its words come as strings: entries that tell them too say them once more, whole, when their signature is known. */
  #comesAsStrings = false;

  /** What a message or delta tells of thoughts. */
  read(message: ForeignObject): readonly AnswerEvent[] {
    const own = textOf(message["reasoning_content"]);
    const text = own ?? textOf(message["reasoning"]);
    const entries = arrayOf(message["reasoning_details"] ?? message["thinking_blocks"]);
    if (entries.length > 0) return this.#readEntries(entries.map(readDetail), text);
    return text === undefined ? NOTHING : this.#saySimply(text, own === undefined ? undefined : placeSeal("reasoning_content"));
  }

  /** Words of a thought that no entry tells. */
  say(text: string, seal: Seal | undefined): readonly AnswerEvent[] {
    if (this.#isSigned) this.close();
    const part = this.#part();
    const thought: AnswerEvent = { kind: "thought", part, text };
    if (this.#isOpen || seal === undefined) return this.#opened([thought]);
    return this.#opened([thought, { kind: "seal", part, of: "thought", seal }]);
  }

  /** Something else is said: what is thought then is another thought. */
  close(): void {
    if (!this.#isOpen) return;
    this.#number += 1;
    this.#isOpen = false;
    this.#isSigned = false;
    this.#index = undefined;
  }

  #saySimply(text: string, seal: Seal | undefined): readonly AnswerEvent[] {
    this.#comesAsStrings = true;
    return this.say(text, seal);
  }

  #readEntries(details: readonly Detail[], text: string | undefined): readonly AnswerEvent[] {
    const events: AnswerEvent[] = [];
    const entriesSpeak = !this.#comesAsStrings && details.some((detail) => detail.text !== "");
    if (!entriesSpeak && text !== undefined) events.push(...this.#saySimply(text, undefined));
    for (const detail of details) events.push(...this.#readEntry(detail, entriesSpeak ? detail.text : ""));
    return events;
  }

  #readEntry({ seal, isSigned, index }: Detail, text: string): readonly AnswerEvent[] {
    if (text === "" && !isSigned) return NOTHING;
    if (this.#isSigned || (this.#index !== undefined && index !== undefined && this.#index !== index)) this.close();
    const part = this.#part();
    const isNew = !this.#isOpen;
    this.#index = index;
    this.#isSigned = isSigned;
    const thought: readonly AnswerEvent[] = text === "" ? NOTHING : [{ kind: "thought", part, text }];
    return this.#opened(isNew || isSigned ? [...thought, { kind: "seal", part, of: "thought", seal }] : thought);
  }

  #part(): string {
    return `thought:${this.#number}`;
  }

  #opened(events: readonly AnswerEvent[]): readonly AnswerEvent[] {
    this.#isOpen = true;
    return events;
  }
}

/** The thoughts of a message in a request. */
export function thoughtsOf(events: readonly AnswerEvent[]): readonly ThoughtPart[] {
  const thoughts = new Map<string, ThoughtPart>();
  for (const event of events) {
    if (event.kind !== "thought" && event.kind !== "seal") continue;
    const { text, seal } = thoughts.get(event.part) ?? { text: "", seal: undefined };
    thoughts.set(event.part, {
      kind: "thought",
      text: event.kind === "thought" ? text + event.text : text,
      seal: event.kind === "seal" ? event.seal : seal,
    });
  }
  return [...thoughts.values()];
}
