import type { CallPart, Part, ResultPart, SystemText, Turn } from "../../conversation.ts";
import type { AskNotes } from "./ask-notes.ts";

/** A turn that may still grow. */
interface DraftTurn {
  readonly role: Turn["role"];
  readonly parts: Part[];
  /** Of an assistant's turn: the ids of its calls. */
  readonly calls: Set<string>;
  /** Of a user's turn: what the calls of the turn before gave back, by their ids. */
  readonly results: Map<string, ResultPart>;
  /** The item that began it. */
  readonly param: string;
}

interface DraftCall {
  /** The turn that makes it. */
  readonly turn: number;
  readonly id: string;
  readonly param: string;
}

/** A text of the system's, with the item that it stood in. */
interface DraftSystem {
  text: string;
  afterTurns: number;
  readonly param: string;
}

/**
 * Puts items, which stand in any order that Responses takes, into turns: neighbours of one role are one, and what calls gave back stands first in the turn behind
 * them, in their order, wherever among later items it came.
 */
export class TurnsBuilder {
  readonly #notes: AskNotes;
  readonly #turns: DraftTurn[] = [];
  readonly #system: DraftSystem[] = [];
  readonly #calls: DraftCall[] = [];
  /** The last call of each id: some models count them anew in every answer. */
  readonly #callsById = new Map<string, DraftCall>();

  constructor(notes: AskNotes) {
    this.#notes = notes;
  }

  /** A text of the system's behind what was said so far. */
  system(text: string, param: string): void {
    if (text !== "") this.#system.push({ text, afterTurns: this.#turns.length, param });
  }

  /** A part of what somebody says. */
  say(role: Turn["role"], part: Part, param: string): void {
    this.#turnOf(role, param).parts.push(part);
  }

  /** A call that the model made. */
  call(part: CallPart, param: string): void {
    this.say("assistant", part, param);
    const turn = this.#turns.length - 1;
    this.#turns[turn]?.calls.add(part.id);
    const call = { turn, id: part.id, param };
    this.#calls.push(call);
    this.#callsById.set(part.id, call);
  }

  /** What a call gave back. */
  result(part: ResultPart, param: string): void {
    const call = this.#callsById.get(part.callId);
    if (call === undefined) {
      this.#notes.wrong(
        `${param}.call_id`,
        `no call before it has the id ${part.callId}; an output stands behind the call that it belongs to`,
      );
      return;
    }
    if (this.#turns.length === call.turn + 1) this.#begin("user", param);
    const results = this.#turns[call.turn + 1]?.results;
    if (results?.has(part.callId) === true) this.#notes.wrong(param, `the call ${part.callId} has an output already; each call has one`);
    results?.set(part.callId, part);
  }

  /** The turns, and what the system says between them. */
  finish(): { readonly turns: readonly Turn[]; readonly system: readonly SystemText[] } {
    for (const { id, turn, param } of this.#calls) {
      if (this.#turns[turn + 1]?.results.has(id) !== true)
        this.#notes.wrong(param, `the call ${id} has no output; a call is followed by an item with its call_id and output`);
    }
    const first = this.#turns[0];
    const last = this.#turns.at(-1);
    if (first?.role === "assistant") this.#notes.ask("assistant_first", first.param);
    if (last?.role === "assistant") this.#notes.ask("prefill", last.param);
    return {
      turns: this.#turns.map((turn, index) => ({ role: turn.role, parts: this.#partsOf(turn, index) })),
      system: this.#systemTexts(),
    };
  }

  #turnOf(role: Turn["role"], param: string): DraftTurn {
    const last = this.#turns.at(-1);
    if (last?.role !== role) return this.#begin(role, param);
    // What the system said in the middle of a turn is said before it: the turn's own last words are answered.
    for (const system of this.#system) if (system.afterTurns === this.#turns.length) system.afterTurns -= 1;
    return last;
  }

  #begin(role: Turn["role"], param: string): DraftTurn {
    const turn: DraftTurn = { role, parts: [], calls: new Set(), results: new Map(), param };
    this.#turns.push(turn);
    return turn;
  }

  #partsOf({ parts, results }: DraftTurn, index: number): readonly Part[] {
    if (results.size === 0) return parts;
    const ids = this.#turns[index - 1]?.calls ?? [];
    return [...[...ids].flatMap((id) => results.get(id) ?? []), ...parts];
  }

  #systemTexts(): readonly SystemText[] {
    const texts = this.#system.map(({ text, afterTurns, param }) => {
      // Nothing comes between calls and what they gave back.
      const isBetween = (this.#turns[afterTurns]?.results.size ?? 0) > 0;
      if (afterTurns > 0) this.#notes.ask("system_inside", param);
      return { text, afterTurns: isBetween ? afterTurns + 1 : afterTurns };
    });
    return texts.toSorted((one, other) => one.afterTurns - other.afterTurns);
  }
}
