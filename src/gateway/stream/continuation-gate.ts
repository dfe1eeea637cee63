import type { Continuation, EventReading } from "../../core/endpoint.ts";
import type { SseEvent } from "../../core/stream/sse.ts";

/** An event, or what is left of it, that goes on to the caller. */
export interface Passed {
  readonly bytes: Uint8Array;
  /** The text it gives the caller. */
  readonly text: string | undefined;
}

/**
 * Lets through of a second stream what the caller does not have yet. The events that begin an answer are dropped, and where the upstream was asked to
 * start again (`toSkip` is what the caller has), its text is dropped as long as it repeats that.
 */
export class ContinuationGate {
  readonly #continuation: Continuation;
  /** What of the delivered text the new stream has not repeated yet. */
  #toSkip: string;

  /** The new text is not the delivered one: these answers cannot be joined. */
  strays = false;

  constructor(continuation: Continuation, toSkip: string) {
    this.#continuation = continuation;
    this.#toSkip = toSkip;
  }

  /** What of an event goes on; `undefined`: nothing. */
  pass(event: SseEvent, reading: EventReading): Passed | undefined {
    if (this.strays) return undefined;
    if (this.#continuation.begins(event, reading)) return undefined;
    if (this.#toSkip === "") return { bytes: event.raw, text: reading.facts?.text };
    return this.#skip(event, reading);
  }

  #skip(event: SseEvent, reading: EventReading): Passed | undefined {
    const text = reading.facts?.text ?? "";
    const repeated = Math.min(text.length, this.#toSkip.length);
    const ends = reading.kind === "finish" || reading.kind === "done";
    if (
      !this.#toSkip.startsWith(text.slice(0, repeated)) ||
      (ends && text.length < this.#toSkip.length) ||
      reading.facts?.toolCalls !== undefined
    ) {
      this.strays = true;
      return undefined;
    }
    this.#toSkip = this.#toSkip.slice(repeated);
    if (text.length === repeated && !ends) return undefined;
    const left = text.slice(repeated);
    return { bytes: this.#continuation.withText(event, left), text: left };
  }
}
