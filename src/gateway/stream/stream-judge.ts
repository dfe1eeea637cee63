import type { AnswerFacts, Endpoint, EventReading, UpstreamError } from "../../core/endpoint.ts";
import type { SseEvent, SseSplitter } from "../../core/stream/sse.ts";
import { GATHERED_LENGTH } from "../../core/trace/trace-content.ts";
import { mergeFacts } from "../../core/usage/usage.ts";
import { WordPattern } from "./word-pattern.ts";

/** The reading of an event that only brings more words, where nobody keeps them. */
const WORDS: EventReading = { kind: "content" };

/** What a stream is judged by. */
export interface JudgeOptions {
  readonly endpoint: Endpoint;
  /** How many choices were asked for: the stream is finished when as many finish reasons came. */
  readonly choices: number;
  /** Whether somebody wants the words themselves: then no event is passed by for being like the one before. */
  readonly reads: "all" | "what_matters";
  /** Set where the trace keeps the answer's text. */
  readonly gathersText?: true;
}

/** Knows how far a stream has come: whether it has content, whether it is finished, what it told. Reads events; which bytes go on is not its business. */
export class StreamJudge {
  readonly #options: JudgeOptions;
  readonly #words: WordPattern;
  #finishes = 0;
  /** Content came behind the finish reasons: some relays put one into every event. */
  #goesOn = false;

  /** Some event carried content: the answer has begun. */
  hasContent = false;
  /** The finish reasons arrived: nothing that matters can be lost any more, unless the stream goes on. */
  finished = false;
  /** The last that was said is a finish reason alone, as the end of an answer has it. */
  rests = false;
  /** An event grew so long that the bytes go on unread: nothing more is known of this stream but how its connection ends. */
  unwatched = false;
  /** The dialect's last event arrived. */
  done = false;
  /** The upstream's own word that it gave up. */
  failure: UpstreamError | undefined;
  /** Without the text. */
  facts: AnswerFacts = {};
  /** The number of the last event that is no error: a last event of the gateway's own counts on from it. */
  sequence: number | undefined;
  /** Events that carried content so far. */
  contents = 0;
  /** How much text came: characters of the events that were read, bytes of those that only brought more words. */
  textBytes = 0;
  /** The text that came, where it is gathered. */
  gathered = "";
  /** Whether all content so far was text of one choice: only such an answer can be finished by another upstream. */
  isPlainText = true;

  constructor(options: JudgeOptions) {
    this.#options = options;
    this.#words = new WordPattern(options.reads === "all" ? [] : (options.endpoint.wordMembers ?? []));
  }

  /** Whether the answer is whole where its connection ended so: its finish reasons or last event came, or the dialect has none. */
  isWhole(end: "end" | "broken"): boolean {
    if (this.failure !== undefined) return false;
    if (this.unwatched) return end === "end";
    if (this.done || (this.hasContent && !this.#options.endpoint.streamsSayFinished)) return true;
    return this.finished && (!this.#goesOn || end === "end");
  }

  /** How many bytes at the beginning of a chunk are whole events that only bring more words: they are counted, and need not be split. */
  passWords(chunk: Uint8Array, splitter: SseSplitter): number {
    if (!splitter.isBetweenEvents) return 0;
    let at = 0;
    for (;;) {
      const end = this.#words.endIn(chunk, at);
      if (end === at) return at;
      this.#countWords(end - at);
      at = end;
    }
  }

  /** Reads one event. */
  read(event: SseEvent): EventReading {
    if (this.#words.endIn(event.raw, 0) === event.raw.length) {
      this.#countWords(event.raw.length);
      return WORDS;
    }
    const reading = this.#options.endpoint.readEvent(event);
    if (reading.kind !== "error") this.sequence = reading.sequence;
    if (reading.facts !== undefined) this.#keep(reading.facts);
    this.#words.learn(event, reading);
    this.textBytes += reading.facts?.text?.length ?? 0;
    if (this.#options.gathersText && this.gathered.length < GATHERED_LENGTH) this.gathered += reading.facts?.text ?? "";
    this.#note(reading);
    return reading;
  }

  /** An event whose blank line never came, read as if it had: by the standard it is none, but a last word counts. */
  readUnfinished(event: SseEvent): EventReading {
    const reading = this.#options.endpoint.readEvent(event);
    if (reading.kind === "done") this.done = true;
    return reading;
  }

  /** The bytes go on unread from here. */
  stopWatching(): void {
    this.unwatched = true;
    this.isPlainText = false;
  }

  #note(reading: EventReading): void {
    switch (reading.kind) {
      case "finish":
        this.#finishes += reading.finishes ?? 1;
        this.finished = this.#finishes >= this.#options.choices;
        this.#goesOn = false;
        this.rests = this.finished && reading.facts?.text === undefined && reading.facts?.toolCalls === undefined;
        this.hasContent = true;
        this.contents += 1;
        break;
      case "content":
        this.hasContent = true;
        this.contents += 1;
        if (this.finished) this.#goOn();
        if (reading.facts?.text === undefined || reading.facts.toolCalls !== undefined) this.isPlainText = false;
        break;
      case "done":
        this.done = true;
        break;
      case "error":
        // What goes wrong behind the finish reason takes nothing from the answer.
        if (this.finished) this.done = true;
        else this.failure ??= reading.error;
        break;
      case "quiet":
      case "usage":
        break;
    }
  }

  /** An event that only brings more words. */
  #countWords(eventBytes: number): void {
    this.contents += 1;
    this.textBytes += this.#words.wordBytes(eventBytes);
    if (this.finished) this.#goOn();
  }

  #goOn(): void {
    this.#goesOn = true;
    this.rests = false;
  }

  /** Most events tell nothing but their text and, again, the model. */
  #keep(facts: AnswerFacts): void {
    const { text: _text, ...told } = facts;
    const news = told.id ?? told.usage ?? told.finishReason ?? told.toolCalls;
    if (news === undefined && told.model === this.facts.model) return;
    this.facts = mergeFacts(this.facts, told);
  }
}
