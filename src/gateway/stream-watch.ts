import type { AnswerFacts, Endpoint, UpstreamError } from "../core/endpoint.ts";
import { mergeFacts } from "../core/usage.ts";
import { concatBytes } from "../core/bytes.ts";
import { type SseEvent, SseSplitter } from "../core/sse.ts";

const NOTHING = new Uint8Array(0);

/** Whether the usage event that the gateway asked for itself is kept from the caller. */
export type UsageEvents = "shown" | "hidden";

/**
 * Watches the events of one stream as its bytes go by, and says which bytes go on to the caller: all of them as they came, but for the usage event
 * nobody but the gateway asked for. It never holds bytes back, except after the finish reason of a stream whose usage event is to be hidden.
 */
export class StreamWatch {
  readonly #endpoint: Endpoint;
  readonly #usageEvents: UsageEvents;
  readonly #splitter = new SseSplitter();
  /** How much of the unfinished event has gone on already. */
  #sentOfRest = 0;

  /** Some event carried content: the answer has begun. */
  hasContent = false;
  /** The finish reason arrived: nothing that matters can be lost any more. */
  finished = false;
  /** The dialect's last event arrived. */
  done = false;
  /** The upstream's own word that it gave up. */
  failure: UpstreamError | undefined;
  facts: AnswerFacts = {};
  /** Events that carried content so far: a caller of `take` sees by it whether content came. */
  contents = 0;

  constructor(endpoint: Endpoint, usageEvents: UsageEvents) {
    this.#endpoint = endpoint;
    this.#usageEvents = usageEvents;
  }

  /** Whether the answer may end here: its finish reason or last event came, or the dialect has none. */
  get isWhole(): boolean {
    return this.finished || this.done || (this.hasContent && !this.#endpoint.streamsSayFinished);
  }

  /** Reads a chunk and returns what of it (and of what was held) goes on. */
  take(chunk: Uint8Array): Uint8Array {
    const events = this.#splitter.push(chunk);
    if (this.#usageEvents === "shown") {
      for (const event of events) this.#read(event);
      return chunk;
    }
    return this.#takeHiding(events);
  }

  /** Whether the caller was given the beginning of an event that is not whole. */
  get hasUnfinishedEvent(): boolean {
    return this.#usageEvents === "shown" ? this.#splitter.rest().length > 0 : this.#sentOfRest > 0;
  }

  /** What is still held when the upstream has ended: the beginning of an event that never became whole. */
  rest(): Uint8Array {
    return this.#usageEvents === "shown" ? NOTHING : this.#splitter.rest().subarray(this.#sentOfRest);
  }

  #takeHiding(events: readonly SseEvent[]): Uint8Array {
    const out: Uint8Array[] = [];
    for (const event of events) {
      const kind = this.#read(event);
      const hidden = kind === "usage" && this.#sentOfRest === 0;
      if (!hidden) out.push(event.raw.subarray(this.#sentOfRest));
      this.#sentOfRest = 0;
    }
    if (!this.finished) {
      const rest = this.#splitter.rest();
      out.push(rest.subarray(this.#sentOfRest));
      this.#sentOfRest = rest.length;
    }
    return concatBytes(out);
  }

  #read(event: SseEvent): string {
    const reading = this.#endpoint.readEvent(event);
    if (reading.facts !== undefined) this.facts = mergeFacts(this.facts, reading.facts);
    switch (reading.kind) {
      case "content":
        this.hasContent = true;
        this.contents += 1;
        break;
      case "finish":
        this.hasContent = true;
        this.finished = true;
        this.contents += 1;
        break;
      case "done":
        this.done = true;
        break;
      case "error":
        this.failure ??= reading.error;
        break;
      case "quiet":
      case "usage":
        break;
    }
    return reading.kind;
  }
}
