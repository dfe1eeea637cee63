import type { ToldUsage } from "../core/usage/usage.ts";
import { usageOf } from "../core/usage/usage.ts";
import type { AnswerEvent, FinishReason } from "./answer-event.ts";
import type { AnswerEnd, OpenedCall, OpenedPart, OrderedEvent, WholeAnswer, WholePart } from "./ordered-event.ts";
import type { Seal } from "./seal.ts";

/** Events of one part. */
type PartEvent = Extract<AnswerEvent, { readonly part: string }>;

interface OpenPart {
  /** What the upstream tells it from others by. */
  readonly key: string;
  readonly part: OpenedPart;
  text: string;
  seal: Seal | undefined;
}

/**
 * Puts what an upstream says into an order that every writer can write: between every reader and every writer there is one. Words are parted where something else
 * comes between them. A call stays open until its upstream closes it or the answer ends, and what comes of other parts meanwhile waits: arguments that
 * come in turns belong together, and nobody acts on a call before the answer's end.
 */
export class Order {
  readonly #begun: { id: string | undefined; model: string | undefined } = { id: undefined, model: undefined };
  #hasBegun = false;
  #open: OpenPart | undefined;
  #waiting: PartEvent[] = [];
  /** Calls that are closed, or open: of one that is closed nothing more is wanted. */
  readonly #calls = new Set<string>();
  #reason: FinishReason | undefined;
  #stopSequence: string | undefined;
  #usage: ToldUsage | undefined;

  /** What a writer is to write for an event. */
  take(event: AnswerEvent): OrderedEvent[] {
    switch (event.kind) {
      case "begin":
        return this.#begin(event.id, event.model);
      case "usage":
        this.#usage = { reader: event.usage.reader, counters: { ...this.#usage?.counters, ...event.usage.counters } };
        return [];
      case "finish":
        this.#reason = event.reason;
        this.#stopSequence = event.stopSequence ?? this.#stopSequence;
        return [];
      case "alive":
        return [{ kind: "alive" }];
      case "fail":
      case "unknown":
        return [];
      case "text":
      case "thought":
      case "refusal":
      case "call":
      case "arguments":
      case "whole_arguments":
      case "seal":
      case "close":
        return [...this.#begin(undefined, undefined), ...this.#takePart(event)];
    }
  }

  /** The last events of an answer that is whole. */
  end(): OrderedEvent[] {
    const out = [...this.#begin(undefined, undefined)];
    while (this.#open !== undefined || this.#waiting.length > 0) out.push(...this.#close());
    return [...out, { kind: "end", end: this.#answerEnd() }];
  }

  #begin(id: string | undefined, model: string | undefined): OrderedEvent[] {
    if (this.#hasBegun) return [];
    this.#hasBegun = true;
    this.#begun.id = id;
    this.#begun.model = model;
    return [{ kind: "begin", id, model }];
  }

  #takePart(event: PartEvent): OrderedEvent[] {
    const isOfOpen = this.#open?.key === event.part;
    if (this.#open?.part.kind === "call" && !isOfOpen) {
      this.#waiting.push(event);
      return [];
    }
    switch (event.kind) {
      case "text":
      case "thought":
      case "refusal":
        return event.text === "" ? [] : this.#say(event.part, event.kind, event.text);
      case "seal":
        return this.#seal(event.part, event.of, event.seal);
      case "call":
        return this.#openCall(event);
      case "arguments":
        return isOfOpen ? this.#piece(event.text) : [];
      case "whole_arguments":
        return isOfOpen && this.#open?.text === "" ? this.#piece(event.text) : [];
      case "close":
        return isOfOpen ? this.#close() : [];
    }
  }

  #say(key: string, kind: "text" | "thought" | "refusal", text: string): OrderedEvent[] {
    const out = this.#openWords(key, kind);
    return [...out, ...this.#piece(text)];
  }

  #openWords(key: string, kind: "text" | "thought" | "refusal"): OrderedEvent[] {
    if (this.#open?.key === key && this.#open.part.kind === kind) return [];
    const closed = this.#open === undefined ? [] : this.#close();
    this.#open = { key, part: { kind }, text: "", seal: undefined };
    return [...closed, { kind: "open", part: this.#open.part }];
  }

  #seal(key: string, of: "thought" | "text", seal: Seal): OrderedEvent[] {
    const out = this.#openWords(key, of);
    if (this.#open !== undefined) this.#open.seal = seal;
    return out;
  }

  #openCall({ part: key, id, name, seal, takes }: Extract<PartEvent, { readonly kind: "call" }>): OrderedEvent[] {
    if (this.#calls.has(key)) return [];
    const closed = this.#open === undefined ? [] : this.#close();
    const ordinal = this.#calls.size;
    this.#calls.add(key);
    const part: OpenedCall = { kind: "call", ordinal, id: id ?? `call_${ordinal}`, name, seal, ...(takes === undefined ? {} : { takes }) };
    this.#open = { key, part, text: "", seal };
    return [...closed, { kind: "open", part }];
  }

  #piece(text: string): OrderedEvent[] {
    if (this.#open === undefined || text === "") return [];
    this.#open.text += text;
    return [{ kind: "piece", part: this.#open.part, text }];
  }

  /** Closes the open part, and takes what waited for that. */
  #close(): OrderedEvent[] {
    const out: OrderedEvent[] = [];
    if (this.#open !== undefined) {
      if (this.#open.part.kind === "call" && this.#open.part.takes === undefined && this.#open.text.trim() === "")
        out.push(...this.#piece("{}"));
      out.push({ kind: "close", part: wholeOf(this.#open) });
      this.#open = undefined;
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const event of waiting) out.push(...this.#takePart(event));
    return out;
  }

  #answerEnd(): AnswerEnd {
    const reason = this.#reason === undefined || this.#reason === "failed" ? "stop" : this.#reason;
    return {
      // Gemini, vLLM and others say of calls that the model stopped.
      reason: reason === "stop" && this.#calls.size > 0 ? "calls" : reason,
      stopSequence: this.#stopSequence,
      usage: usageOf(this.#usage),
    };
  }
}

/** A whole answer of the events that say it. */
export function wholeAnswer(events: readonly AnswerEvent[]): WholeAnswer {
  const order = new Order();
  const ordered = [...events.flatMap((event) => order.take(event)), ...order.end()];
  const begun = ordered.find((event) => event.kind === "begin");
  const end = ordered.findLast((event) => event.kind === "end");
  if (end === undefined) throw new Error("an order ends");
  return {
    id: begun?.id,
    model: begun?.model,
    parts: ordered.flatMap((event) => (event.kind === "close" ? [event.part] : [])),
    end: end.end,
  };
}

function wholeOf({ part, text, seal }: OpenPart): WholePart {
  return part.kind === "call" ? { ...part, text } : { ...part, text, seal };
}
