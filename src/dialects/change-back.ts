import type { ChangedAsk } from "../core/translation.ts";
import type { AnswerEvent } from "./answer-event.ts";
import { unwrapFreeform } from "./freeform.ts";

type CallEvent = Extract<AnswerEvent, { readonly kind: "call" }>;

/**
 * Gives an answer the names and forms that its caller asked with, where the request had to be changed for its upstream. Stands between reader and `Order`, so that
 * a change is made back the same way whoever reads and writes. A plain text of a freeform tool is held back until its call is whole.
 */
export class ChangeBack {
  readonly #changed: ChangedAsk | undefined;
  /** Parts that are the answer's words, said as a call, and whether any came. */
  readonly #answers = new Map<string, "begun" | "said">();
  /** Parts whose arguments hold a plain text, as far as they came. */
  readonly #freeform = new Map<string, string>();
  #hasCalls = false;

  constructor(changed: ChangedAsk | undefined) {
    this.#changed = changed;
  }

  take(event: AnswerEvent): readonly AnswerEvent[] {
    if (this.#changed === undefined) return [event];
    switch (event.kind) {
      case "call":
        return this.#takeCall(event, this.#changed);
      case "arguments":
      case "whole_arguments":
        return this.#takeArguments(event);
      case "close":
        return [...this.#unwrap(event.part), event];
      case "finish":
        // Its only call was the answer.
        if (event.reason === "calls" && this.#answers.size > 0 && !this.#hasCalls) return [{ ...event, reason: "stop" }];
        return [...this.end(), event];
      default:
        return [event];
    }
  }

  /** What was held back, once no more comes. */
  end(): readonly AnswerEvent[] {
    return [...this.#freeform.keys()].flatMap((part) => this.#unwrap(part));
  }

  #takeCall(event: CallEvent, { toolNames, freeformTools, answerTool }: ChangedAsk): readonly AnswerEvent[] {
    if (event.name === answerTool) {
      this.#answers.set(event.part, "begun");
      return [];
    }
    this.#hasCalls = true;
    const isFreeform = freeformTools.has(event.name);
    if (isFreeform) this.#freeform.set(event.part, "");
    const name = toolNames.get(event.name);
    if (name === undefined && !isFreeform) return [event];
    return [{ ...event, name: name ?? event.name, ...(isFreeform ? { takes: "freeform" } : {}) }];
  }

  #takeArguments(event: Extract<AnswerEvent, { readonly kind: "arguments" | "whole_arguments" }>): readonly AnswerEvent[] {
    const { part, text } = event;
    const answer = this.#answers.get(part);
    if (answer !== undefined) {
      this.#answers.set(part, "said");
      return event.kind === "arguments" || answer === "begun" ? [{ kind: "text", part, text }] : [];
    }
    const held = this.#freeform.get(part);
    if (held === undefined) return [event];
    if (event.kind === "arguments" || held === "") this.#freeform.set(part, held + text);
    return [];
  }

  /** The plain text of a freeform tool. */
  #unwrap(part: string): readonly AnswerEvent[] {
    const held = this.#freeform.get(part);
    if (held === undefined) return [];
    this.#freeform.delete(part);
    return [{ kind: "arguments", part, text: unwrapFreeform(held) }];
  }
}
