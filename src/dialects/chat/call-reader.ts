import { type ForeignObject, isObject, objectOf, textOf } from "../../core/json/foreign-json.ts";
import type { AnswerEvent } from "../answer-event.ts";
import type { Seal } from "../seal.ts";
import { readCallSeal } from "./call-seal.ts";

/** A call as far as it came. */
interface Slot {
  readonly part: string;
  id: string | undefined;
  /** `undefined`: it has not come yet, and until then nothing is said of the call. */
  name: string | undefined;
  seal: Seal | undefined;
  /** Its arguments that came before its name. */
  held: string;
}

/** What one entry of `tool_calls` says. */
interface Entry {
  readonly index: number | undefined;
  readonly id: string | undefined;
  readonly name: string | undefined;
  /** A text, or an object where the server gives one (Ollama). */
  readonly args: unknown;
  /** `custom`: the tool takes a plain text. */
  readonly isFreeform: boolean;
  readonly seal: Seal | undefined;
}

/**
 * Puts the pieces of calls together. `index` tells them apart where it is right; there are servers that leave it out, count from 1, or have all calls at 0 with
 * other ids or names (github.com/vercel/ai, issue 18382), that say id and name later as `""` or once more, or the name behind the arguments (issue 14760). Nothing is
 * concluded from arguments that are JSON already: more may come.
 */
export class CallReader {
  readonly #slots: Slot[] = [];
  readonly #byIndex = new Map<number, Slot>();

  /** The entries of one message or delta. */
  read(calls: readonly unknown[]): readonly AnswerEvent[] {
    const touched = new Set<Slot>();
    return calls.flatMap((call) => {
      const entry = entryOf(objectOf(call));
      const slot = this.#slotOf(entry, touched);
      touched.add(slot);
      return this.#take(slot, entry);
    });
  }

  /** The older form of a single call. */
  readFunctionCall(call: unknown): readonly AnswerEvent[] {
    return isObject(call) ? this.read([{ index: -1, function: call }]) : [];
  }

  #slotOf(entry: Entry, touched: ReadonlySet<Slot>): Slot {
    const { index } = entry;
    const slot = index === undefined ? this.#byOrder(entry, touched) : this.#byPlace(index, entry, touched);
    if (index !== undefined) this.#byIndex.set(index, slot);
    return slot;
  }

  #byPlace(index: number, { id, name }: Entry, touched: ReadonlySet<Slot>): Slot {
    const there = this.#byIndex.get(index);
    const known = this.#withId(id);
    if (name === undefined) return there ?? known ?? (id === undefined ? this.#slots.at(-1) : undefined) ?? this.#begin();
    if (there === undefined || there.name === undefined) return there ?? this.#begin();
    const isOther = id === undefined || there.id === undefined ? name !== there.name : id !== there.id;
    if (!isOther && !touched.has(there)) return there;
    return isOther && known !== undefined ? known : this.#begin();
  }

  #byOrder({ id, name }: Entry, touched: ReadonlySet<Slot>): Slot {
    const last = this.#slots.at(-1);
    const known = this.#withId(id);
    if (known !== undefined && !(name !== undefined && touched.has(known))) return known;
    const isMoreOfLast = id === undefined && (name === undefined || last?.name === undefined);
    return (isMoreOfLast ? last : undefined) ?? this.#begin();
  }

  #withId(id: string | undefined): Slot | undefined {
    return id === undefined ? undefined : this.#slots.find((slot) => slot.id === id);
  }

  #begin(): Slot {
    const slot: Slot = { part: `call:${this.#slots.length}`, id: undefined, name: undefined, seal: undefined, held: "" };
    this.#slots.push(slot);
    return slot;
  }

  #take(slot: Slot, { id, name, args, isFreeform, seal }: Entry): readonly AnswerEvent[] {
    const { part } = slot;
    // An id that another call has is none: results are told apart by it.
    if (this.#withId(id) === undefined) slot.id ??= id;
    slot.seal ??= seal;
    const pieces: AnswerEvent[] = [];
    if (slot.name === undefined && name !== undefined) {
      slot.name = name;
      pieces.push({ kind: "call", part, id: slot.id, name, seal: slot.seal, ...(isFreeform ? { takes: "freeform" } : {}) });
      if (slot.held !== "") pieces.push({ kind: "arguments", part, text: slot.held });
    }
    const text = isObject(args) ? JSON.stringify(args) : textOf(args);
    if (text === undefined) return pieces;
    if (slot.name === undefined) slot.held += text;
    else pieces.push({ kind: isObject(args) ? "whole_arguments" : "arguments", part, text });
    return pieces;
  }
}

function entryOf(call: ForeignObject): Entry {
  const custom = objectOf(call["custom"]);
  // Some send an empty `custom` with every call: github.com/earendil-works/pi, issue 8504
  const isFreeform = textOf(custom["name"]) !== undefined || textOf(custom["input"]) !== undefined;
  const called = isFreeform ? custom : objectOf(call["function"]);
  const { index, id } = call;
  return {
    index: typeof index === "number" ? index : undefined,
    // Mistral's models have "null" where there is none: github.com/mistralai/client-js, issue 69
    id: id === "null" ? undefined : textOf(id),
    name: textOf(called["name"]),
    args: called[isFreeform ? "input" : "arguments"],
    isFreeform,
    seal: readCallSeal(call),
  };
}
