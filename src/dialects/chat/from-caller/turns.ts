import type { CallPart, Part, ResultPart, SystemText, Turn } from "../../conversation.ts";
import type { Asked } from "./asked.ts";

/** A turn that may still grow. */
interface Draft {
  readonly role: Turn["role"];
  readonly parts: Part[];
  /** Of the assistant's: its calls, and where each stands. */
  readonly calls: Map<string, string>;
  /** Of the user's: what the calls of the turn before gave back. */
  readonly results: Map<string, ResultPart>;
  /** The message that began it. */
  readonly param: string;
}

/** Puts messages into turns: neighbours of one role are one, and what calls gave back stands first in the turn behind them, in the calls' order. */
export class Turns {
  readonly #asked: Asked;
  readonly #turns: Draft[] = [];
  readonly #system: { readonly text: string; afterTurns: number; readonly param: string }[] = [];

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  /** A text of the system's, behind what was said so far. */
  system(text: string, param: string): void {
    this.#system.push({ text, afterTurns: this.#turns.length, param });
  }

  /** A part of what somebody says. */
  say(role: Turn["role"], part: Part, param: string): void {
    this.#turnOf(role, param).parts.push(part);
  }

  /** A call that the model made. */
  call(part: CallPart, param: string): void {
    const { parts, calls } = this.#turnOf("assistant", param);
    if (calls.has(part.id)) this.#asked.wrong(param, `is another call with the id ${part.id}; each has its own`);
    parts.push(part);
    calls.set(part.id, param);
  }

  /** The first call that has no result yet, for results that name none. */
  unanswered(name?: string): string | undefined {
    const isOf = (part: Part): part is CallPart => part.kind === "call" && (name === undefined || part.name === name);
    const answered = this.#turns.at(-1)?.results;
    return this.#calling()
      ?.parts.filter(isOf)
      .find(({ id }) => answered?.has(id) !== true)?.id;
  }

  /** What a call gave back. */
  result(part: ResultPart, param: string): void {
    if (this.#calling()?.calls.has(part.callId) !== true) {
      this.#asked.wrong(param, `is the result of ${part.callId}, which the assistant's message before it did not call`);
      return;
    }
    const { results } = this.#turnOf("user", param);
    if (results.has(part.callId)) this.#asked.wrong(param, `is another result of ${part.callId}; a call has one`);
    results.set(part.callId, part);
  }

  /** The turns, and what the system says between them. */
  finish(): { readonly turns: readonly Turn[]; readonly system: readonly SystemText[] } {
    const first = this.#turns[0];
    const last = this.#turns.at(-1);
    if (first === undefined) this.#asked.wrong("messages", "says nothing: it has at least one message with a content");
    if (first?.role === "assistant") this.#asked.feature("assistant_first", first.param);
    if (last?.role === "assistant") this.#asked.feature("prefill", last.param);
    return {
      turns: this.#turns.map((turn, index) => ({ role: turn.role, parts: this.#partsOf(turn, index) })),
      system: this.#systemTexts(),
    };
  }

  /** The assistant's turn whose results may come now. */
  #calling(): Draft | undefined {
    const last = this.#turns.at(-1);
    return last?.role === "user" ? this.#turns.at(-2) : last;
  }

  #turnOf(role: Turn["role"], param: string): Draft {
    const last = this.#turns.at(-1);
    if (last?.role === role) {
      // What the system said in the middle of a turn is said before it: the turn's last words are answered.
      for (const system of this.#system) if (system.afterTurns === this.#turns.length) system.afterTurns -= 1;
      return last;
    }
    const turn: Draft = { role, parts: [], calls: new Map(), results: new Map(), param };
    this.#turns.push(turn);
    return turn;
  }

  #partsOf({ parts, calls }: Draft, index: number): readonly Part[] {
    const given = this.#turns[index + 1]?.results;
    for (const [id, param] of calls)
      if (given?.has(id) !== true)
        this.#asked.wrong(param, `is a call (${id}) without a result: a message of role tool with its tool_call_id follows`);
    const before = this.#turns[index - 1]?.calls.keys() ?? [];
    const results = this.#turns[index]?.results;
    return [...[...before].flatMap((id) => results?.get(id) ?? []), ...parts];
  }

  /** Nothing parts calls from what they gave back. */
  #systemTexts(): readonly SystemText[] {
    const texts = this.#system.map(({ text, afterTurns, param }) => {
      const isBetween = (this.#turns[afterTurns]?.results.size ?? 0) > 0;
      if (afterTurns > 0) this.#asked.feature("system_inside", param);
      return { text, afterTurns: isBetween ? afterTurns + 1 : afterTurns };
    });
    return texts.toSorted((one, other) => one.afterTurns - other.afterTurns);
  }
}
