import { withoutBom } from "../bytes.ts";

/** One event of an event stream, as it stood in the bytes. */
export interface SseEvent {
  /** The last `event:` field, or `""`. */
  readonly name: string;
  /** The `data:` lines joined with `\n`, or `undefined` where there was none (a comment, a bare `event:`). */
  readonly data: string | undefined;
  /** The event's bytes as they came, its blank line included. */
  readonly raw: Uint8Array;
}

const LF = 0x0a;
const CR = 0x0d;

const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/**
 * Cuts a stream of bytes into events by the rules of https://html.spec.whatwg.org/multipage/server-sent-events.html. Nothing is lost: the `raw` of
 * all events and `rest()`, put together, are the bytes pushed. Each byte is looked at once, however small the chunks; chunks must not change later.
 */
export class SseSplitter {
  /** What earlier chunks held of the unfinished event, with room to grow: `#held.subarray(0, #heldBytes)`. */
  #held = new Uint8Array(0);
  #heldBytes = 0;
  /** The current line has no bytes yet. */
  #lineEmpty = true;
  /** The last byte was a carriage return that ended this; a line feed may still belong to it. */
  #afterCr: "nothing" | "line" | "event" = "nothing";
  #first = true;

  /** The events that this chunk completes. One whose blank line is a carriage return at the chunk's very end waits for the next byte or `end()`. */
  push(chunk: Uint8Array): SseEvent[] {
    const events: SseEvent[] = [];
    if (chunk.length === 0) return events;
    let at = this.#afterCr !== "nothing" && chunk[0] === LF ? 1 : 0;
    let start = 0;
    if (this.#afterCr === "event") {
      events.push(this.#complete(chunk.subarray(0, at)));
      start = at;
    }
    this.#afterCr = "nothing";
    let cr = indexOrEnd(chunk, CR, at);
    while (at < chunk.length) {
      if (cr < at) cr = indexOrEnd(chunk, CR, at);
      const lineEnd = Math.min(cr, indexOrEnd(chunk, LF, at));
      const blank = this.#lineEmpty && lineEnd === at;
      this.#lineEmpty = lineEnd < chunk.length;
      at = lineEnd + 1;
      if (!this.#lineEmpty) break;
      if (lineEnd === cr && at === chunk.length) {
        this.#afterCr = blank ? "event" : "line";
        break;
      }
      if (lineEnd === cr && chunk[at] === LF) at++;
      if (blank) {
        events.push(this.#complete(chunk.subarray(start, at)));
        start = at;
      }
    }
    this.#hold(chunk.subarray(start));
    return events;
  }

  /** Call when no more bytes come: the event that only waited to see whether a line feed follows. One without its blank line is none. */
  end(): SseEvent[] {
    if (this.#afterCr !== "event") return [];
    this.#afterCr = "nothing";
    return [this.#complete(new Uint8Array(0))];
  }

  /** Whether the next byte is the first of an event. */
  get isBetweenEvents(): boolean {
    return this.#heldBytes === 0 && this.#afterCr === "nothing";
  }

  /** The bytes of the unfinished event; no copy, so it may be asked for after every chunk. */
  rest(): Uint8Array {
    return this.#held.subarray(0, this.#heldBytes);
  }

  #hold(part: Uint8Array): void {
    const bytes = this.#heldBytes + part.length;
    if (bytes > this.#held.length) {
      // What was given out stays as it is: a larger memory takes the place of the old one.
      const larger = new Uint8Array(Math.max(bytes, this.#held.length * 2));
      larger.set(this.rest());
      this.#held = larger;
    }
    this.#held.set(part, this.#heldBytes);
    this.#heldBytes = bytes;
  }

  #complete(last: Uint8Array): SseEvent {
    let raw = last;
    if (this.#heldBytes > 0) {
      this.#hold(last);
      raw = this.rest();
      this.#held = new Uint8Array(0);
      this.#heldBytes = 0;
    }
    const event = new SplitEvent(raw, this.#first ? withoutBom(raw) : raw);
    this.#first = false;
    return event;
  }
}

/** Reads its fields when first asked: most of a stream is only passed on. */
class SplitEvent implements SseEvent {
  readonly raw: Uint8Array;
  readonly #text: Uint8Array;
  #fields: { readonly name: string; readonly data: string | undefined } | undefined;

  constructor(raw: Uint8Array, text: Uint8Array) {
    this.raw = raw;
    this.#text = text;
  }

  get name(): string {
    return this.#read().name;
  }

  get data(): string | undefined {
    return this.#read().data;
  }

  #read(): { readonly name: string; readonly data: string | undefined } {
    this.#fields ??= readFields(decoder.decode(this.#text));
    return this.#fields;
  }
}

function readFields(text: string): { readonly name: string; readonly data: string | undefined } {
  let name = "";
  let data: string | undefined;
  for (const line of text.split(/\r\n|\r|\n/)) {
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    if (field !== "data" && field !== "event") continue;
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "event") name = value;
    else data = data === undefined ? value : `${data}\n${value}`;
  }
  return { name, data };
}

function indexOrEnd(bytes: Uint8Array, byte: number, from: number): number {
  const index = bytes.indexOf(byte, from);
  return index < 0 ? bytes.length : index;
}
