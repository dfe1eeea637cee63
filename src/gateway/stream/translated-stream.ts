import { type SseEvent, SseSplitter } from "../../core/stream/sse.ts";
import type { StreamTranslator } from "../../core/translation.ts";
import { isTooLong, TOO_LONG, unfinishedEvent } from "./event-limits.ts";
import type { StreamJudge } from "./stream-judge.ts";
import type { StreamError, StreamWatch } from "./stream-watch.ts";

const encoder = new TextEncoder();

/** A stream whose caller speaks another dialect: what goes on is written anew, one piece of bytes for each that comes. */
export class TranslatedStream implements StreamWatch {
  readonly judge: StreamJudge;
  /** Rescue asks targets that speak the caller's dialect only. */
  readonly said = "";
  readonly strays = false;
  readonly #translator: StreamTranslator;
  readonly #splitter = new SseSplitter();
  #hasEnded = false;

  constructor(judge: StreamJudge, translator: StreamTranslator) {
    this.judge = judge;
    this.#translator = translator;
  }

  take(chunk: Uint8Array): Uint8Array {
    let text = this.#translate(this.#splitter.push(chunk));
    if (this.judge.done && this.judge.failure === undefined) text += this.#ending();
    else if (isTooLong(this.#splitter)) this.judge.failure ??= TOO_LONG;
    return encoder.encode(text);
  }

  end(end: "end" | "broken"): Uint8Array {
    if (end === "broken" && !this.judge.finished) return encoder.encode("");
    let text = this.#translate(this.#splitter.end());
    const unfinished = unfinishedEvent(this.#splitter);
    if (unfinished !== undefined) this.judge.readUnfinished(unfinished);
    if (this.judge.isWhole(end)) text += this.#ending();
    return encoder.encode(text);
  }

  fail(error: StreamError): string {
    return this.#translator.fail(error);
  }

  #translate(events: readonly SseEvent[]): string {
    let text = "";
    for (const event of events) {
      if (this.judge.read(event).kind === "error") break;
      text += this.#translator.take(event);
    }
    return text;
  }

  #ending(): string {
    if (this.#hasEnded) return "";
    this.#hasEnded = true;
    return this.#translator.end();
  }
}
