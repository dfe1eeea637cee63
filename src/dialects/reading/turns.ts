import type { CallPart, Part, ResultPart, SystemText, Turn } from "../conversation.ts";
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

/**
 * Puts messages into turns: neighbours of one role are one, and what calls gave back stands first in the turn behind them, in the calls' order, wherever among later
 * messages it came.
 */
export class Turns {
  readonly #asked: Asked;
  readonly #turns: Draft[] = [];
  readonly #system: { readonly text: string; afterTurns: number; readonly param: string }[] = [];
  /** By the last call of each id, its turn: some models count them anew in every answer. */
  readonly #calling = new Map<string, number>();
  #param = "";

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  /** The next message, by its place: what is said from now on is said in it. */
  enter(param: string): void {
    this.#param = param;
  }

  /** A text of the system's, behind what was said so far. */
  system(text: string): void {
    if (text !== "") this.#system.push({ text, afterTurns: this.#turns.length, param: this.#param });
  }

  /** A part of what somebody says. */
  say(role: Turn["role"], part: Part): void {
    this.#turnOf(role).parts.push(part);
  }

  /** A call that the model made. */
  call(part: CallPart, param: string): void {
    const { parts, calls } = this.#turnOf("assistant");
    if (calls.has(part.id)) this.#asked.wrong(param, `is another call with the id ${part.id}; each has its own`);
    parts.push(part);
    calls.set(part.id, param);
    this.#calling.set(part.id, this.#turns.length - 1);
  }

  /** The first of the last calls that has no result yet, for results that name none. */
  unanswered(name?: string): string | undefined {
    const last = this.#turns.at(-1);
    const calling = last?.role === "user" ? this.#turns.at(-2) : last;
    const isOf = (part: Part): part is CallPart => part.kind === "call" && (name === undefined || part.name === name);
    return calling?.parts.filter(isOf).find(({ id }) => last?.results.has(id) !== true)?.id;
  }

  /** What a call gave back. */
  result(part: ResultPart, param: string): void {
    const calling = this.#calling.get(part.callId);
    if (calling === undefined) {
      this.#asked.wrong(param, `is the result of ${part.callId}, which was not called before it`);
      return;
    }
    const { results } = this.#turns[calling + 1] ?? this.#turnOf("user");
    if (results.has(part.callId)) this.#asked.wrong(param, `is another result of ${part.callId}; a call has one`);
    results.set(part.callId, part);
  }

  /** The turns, and what the system says between them. `param`: where the messages are. */
  finish(param: string): { readonly turns: readonly Turn[]; readonly system: readonly SystemText[] } {
    const first = this.#turns[0];
    const last = this.#turns.at(-1);
    if (first === undefined) this.#asked.wrong(param, "says nothing: it has at least one message with a content");
    if (first?.role === "assistant") this.#asked.feature("assistant_first", first.param);
    if (last?.role === "assistant") this.#asked.feature("prefill", last.param);
    return {
      turns: this.#turns.map((turn, index) => ({ role: turn.role, parts: this.#partsOf(turn, index) })),
      system: this.#systemTexts(),
    };
  }

  #turnOf(role: Turn["role"]): Draft {
    const last = this.#turns.at(-1);
    if (last?.role === role) {
      // What the system said in the middle of a turn is said before it: the turn's last words are answered.
      for (const system of this.#system) if (system.afterTurns === this.#turns.length) system.afterTurns -= 1;
      return last;
    }
    const turn: Draft = { role, parts: [], calls: new Map(), results: new Map(), param: this.#param };
    this.#turns.push(turn);
    return turn;
  }

  #partsOf({ parts, calls, results }: Draft, index: number): readonly Part[] {
    const given = this.#turns[index + 1]?.results;
    for (const [id, param] of calls)
      if (given?.has(id) !== true) this.#asked.wrong(param, `is a call (${id}) without a result, which follows it and names it`);
    const before = this.#turns[index - 1]?.calls.keys() ?? [];
    return [...[...before].flatMap((id) => results.get(id) ?? []), ...parts];
  }

  /** Nothing parts calls from what they gave back. */
  #systemTexts(): readonly SystemText[] {
    const inside = this.#system.filter(({ afterTurns }) => afterTurns > 0).map(({ param }) => param);
    for (const param of new Set(inside)) this.#asked.feature("system_inside", param);
    const texts = this.#system.map(({ text, afterTurns }) => {
      const isBetween = (this.#turns[afterTurns]?.results.size ?? 0) > 0;
      return { text, afterTurns: isBetween ? afterTurns + 1 : afterTurns };
    });
    return texts.toSorted((one, other) => one.afterTurns - other.afterTurns);
  }
}
