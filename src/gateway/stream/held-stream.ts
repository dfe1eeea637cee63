import { concatBytes } from "../../core/bytes.ts";
import type { AnswerFacts } from "../../core/endpoint.ts";
import { type SseEvent, SseSplitter } from "../../core/stream/sse.ts";
import { mergeFacts } from "../../core/usage/usage.ts";
import { isTooLong, TOO_LONG, unfinishedEvent } from "./event-limits.ts";
import type { StreamJudge } from "./stream-judge.ts";
import type { StreamError, StreamWatch, WatchOptions } from "./stream-watch.ts";

const NOTHING = new Uint8Array(0);

/** Text of an answer kept so that another upstream can finish it, UTF-16 units: beyond it a broken answer stays broken. Spec, "Attempts". */
const LONGEST_SAID = 256 * 1024;

/** What of a watch's options says which bytes are held. */
type Holding = Pick<WatchOptions, "endpoint" | "usageEvents" | "framing" | "gate">;

/**
 * A stream of which some events do not go on: the usage event that nobody but the gateway asked for, or what a caller has had of another upstream. Bytes are held
 * only where they may be such an event: behind the finish reason, or, where whole events are asked for, until each is whole.
 */
export class HeldStream implements StreamWatch {
  readonly judge: StreamJudge;
  said = "";
  readonly #holding: Holding;
  #splitter = new SseSplitter();
  /** How much of the unfinished event has gone on already. */
  #sentOfRest = 0;

  constructor(judge: StreamJudge, holding: Holding) {
    this.judge = judge;
    this.#holding = holding;
  }

  get strays(): boolean {
    return this.#holding.gate?.strays ?? false;
  }

  take(chunk: Uint8Array): Uint8Array {
    if (this.judge.unwatched) return chunk;
    const read = this.judge.passWords(chunk, this.#splitter);
    if (read === chunk.length) return chunk;
    const events = this.#splitter.push(read === 0 ? chunk : chunk.subarray(read));
    const out = this.#passing(events);
    if (!this.judge.finished && this.judge.failure === undefined && this.#holding.framing === "as_it_came") {
      const rest = this.#splitter.rest();
      out.push(rest.subarray(this.#sentOfRest));
      this.#sentOfRest = rest.length;
    }
    if (read > 0) out.unshift(chunk.subarray(0, read));
    if (isTooLong(this.#splitter)) out.push(this.#stopReading());
    return concatBytes(out);
  }

  end(end: "end" | "broken"): Uint8Array {
    if (end === "broken" && !this.judge.finished) return NOTHING;
    const out = this.#passing(this.#splitter.end());
    out.push(this.#unfinished());
    return concatBytes(out);
  }

  fail(error: StreamError, earlier: AnswerFacts): string {
    const { failure, unwatched, facts, sequence } = this.judge;
    const events = this.#holding.endpoint.errorEvents(error, { facts: mergeFacts(earlier, facts), sequence });
    // As in `CarriedStream`.
    return failure === undefined && (unwatched || this.#sentOfRest > 0) ? `\n\n${events}` : events;
  }

  /** Gives up reading, and returns what was held of the event that is too long. */
  #stopReading(): Uint8Array {
    const held = this.#splitter.rest().subarray(this.#sentOfRest);
    this.#splitter = new SseSplitter();
    if (this.#holding.gate === undefined) {
      this.judge.stopWatching();
      return held;
    }
    // What nobody reads cannot be joined to an answer that another began.
    this.judge.failure ??= TOO_LONG;
    return NOTHING;
  }

  /**
   * What goes on of an event whose blank line never came. Where events go on whole, only what comes behind the finish reason does. There it may be the usage
   * event that is to be hidden, whole or in part: so of what was not sent yet only a last word or content goes on.
   */
  #unfinished(): Uint8Array {
    const event = unfinishedEvent(this.#splitter);
    const kind = event === undefined ? undefined : this.judge.readUnfinished(event).kind;
    const { framing, gate } = this.#holding;
    const isLastWord = kind === "done" || kind === "finish" || kind === "content";
    const isWithheld = this.judge.finished && this.#sentOfRest === 0 ? !isLastWord : framing === "whole_events" || gate !== undefined;
    return isWithheld ? NOTHING : this.#splitter.rest().subarray(this.#sentOfRest);
  }

  #passing(events: readonly SseEvent[]): Uint8Array[] {
    const out: Uint8Array[] = [];
    const { usageEvents, gate, framing } = this.#holding;
    for (const event of events) {
      const reading = this.judge.read(event);
      const sent = this.#sentOfRest;
      this.#sentOfRest = 0;
      if (reading.kind === "usage" && usageEvents === "hidden" && sent === 0) continue;
      if (reading.kind === "error") {
        if (sent > 0) out.push(event.raw.subarray(sent));
        break;
      }
      const passed = gate === undefined ? { bytes: event.raw, text: reading.facts?.text } : gate.pass(event, reading);
      if (passed === undefined) continue;
      out.push(passed.bytes.subarray(sent));
      if (framing === "whole_events") this.#say(passed.text ?? "");
    }
    return out;
  }

  #say(text: string): void {
    if (this.said.length + text.length > LONGEST_SAID) this.judge.isPlainText = false;
    else this.said += text;
  }
}
