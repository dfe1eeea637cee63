import type { AnswerFacts, Endpoint } from "../../core/endpoint.ts";
import { type SseEvent, SseSplitter } from "../../core/stream/sse.ts";
import { mergeFacts } from "../../core/usage/usage.ts";
import { isTooLong, unfinishedEvent } from "./event-limits.ts";
import type { StreamJudge } from "./stream-judge.ts";
import type { StreamError, StreamWatch } from "./stream-watch.ts";

const NOTHING = new Uint8Array(0);

/** A stream whose bytes go on as they came and at once, but for the upstream's error event with all that follows it. */
export class CarriedStream implements StreamWatch {
  readonly judge: StreamJudge;
  readonly said = "";
  readonly strays = false;
  readonly #endpoint: Endpoint;
  #splitter = new SseSplitter();

  constructor(judge: StreamJudge, endpoint: Endpoint) {
    this.judge = judge;
    this.#endpoint = endpoint;
  }

  take(chunk: Uint8Array): Uint8Array {
    if (this.judge.unwatched) return chunk;
    const read = this.judge.passWords(chunk, this.#splitter);
    if (read === chunk.length) return chunk;
    const begun = this.#splitter.rest().length;
    const events = this.#splitter.push(read === 0 ? chunk : chunk.subarray(read));
    const bytes = this.#upToError(chunk, events, begun - read);
    if (isTooLong(this.#splitter)) {
      this.judge.stopWatching();
      this.#splitter = new SseSplitter();
    }
    return bytes;
  }

  end(end: "end" | "broken"): Uint8Array {
    if (end === "broken" && !this.judge.finished) return NOTHING;
    for (const event of this.#splitter.end()) this.judge.read(event);
    const unfinished = unfinishedEvent(this.#splitter);
    if (unfinished !== undefined) this.judge.readUnfinished(unfinished);
    return NOTHING;
  }

  fail(error: StreamError, earlier: AnswerFacts): string {
    const { failure, unwatched, facts, sequence } = this.judge;
    const events = this.#endpoint.errorEvents(error, { facts: mergeFacts(earlier, facts), sequence });
    // An event that broke off is ended first, or the error would become a part of it.
    return failure === undefined && (unwatched || this.#splitter.rest().length > 0) ? `\n\n${events}` : events;
  }

  /**
   * The chunk, up to the upstream's own word that it gave up: the gateway's last event says that in its place. Of an error event that had `begun` to go on
   * the rest does, or the caller would have half an event.
   */
  #upToError(chunk: Uint8Array, events: readonly SseEvent[], begun: number): Uint8Array {
    let end = -begun;
    for (const event of events) {
      if (this.judge.read(event).kind === "error") return chunk.subarray(0, end < 0 ? end + event.raw.length : end);
      end += event.raw.length;
    }
    return chunk;
  }
}
