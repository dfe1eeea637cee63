import type { EventReading } from "../../core/endpoint.ts";
import { EventPattern } from "../../core/stream/event-pattern.ts";
import type { SseEvent } from "../../core/stream/sse.ts";

/** A stream of which so many events in a row are unlike those before is not compared any more: each costs the making of a pattern. */
const PATTERN_TRIES = 8;

/** Knows events that only bring more words by their likeness to the last that was read: those need not be read. */
export class WordPattern {
  /** The keys of the members that hold words, as they stand in JSON: `"content":`. */
  readonly #members: readonly Uint8Array[];
  #pattern: EventPattern | undefined;
  #tries = PATTERN_TRIES;

  /** `members`: as an endpoint's `wordMembers`; none: every event is read. */
  constructor(members: readonly string[]) {
    this.#members = members.map((member) => new TextEncoder().encode(`${JSON.stringify(member)}:`));
  }

  /** Where such an event ends that begins at `start`; `start` itself where none does, or not whole. */
  endIn(bytes: Uint8Array, start: number): number {
    if (this.#pattern === undefined) return start;
    const end = this.#pattern.endIn(bytes, start);
    if (end > start) this.#tries = PATTERN_TRIES;
    return end;
  }

  /** Bytes of the words in such an event of so many bytes. */
  wordBytes(eventBytes: number): number {
    return eventBytes - (this.#pattern?.fixedBytes ?? eventBytes);
  }

  /** Takes an event that was read for the likeness of those to come, if it only brought words. */
  learn({ raw }: SseEvent, { kind, facts }: EventReading): void {
    if (this.#members.length === 0) return;
    const onlyWords = kind === "content" && facts?.toolCalls === undefined;
    if (onlyWords) this.#tries -= 1;
    this.#pattern = onlyWords && this.#tries >= 0 ? EventPattern.of(raw, this.#members) : undefined;
  }
}
