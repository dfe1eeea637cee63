import { concatBytes } from "../../core/bytes.ts";
import type { AnswerFacts, Endpoint, EventReading, UpstreamError } from "../../core/endpoint.ts";
import { type SseEvent, SseSplitter } from "../../core/stream/sse.ts";
import { GATHERED_LENGTH } from "../../core/trace/trace-content.ts";
import { mergeFacts } from "../../core/usage/usage.ts";
import type { ContinuationGate } from "./continuation-gate.ts";
import { WordPattern } from "./word-pattern.ts";

/** What an upstream's stream that cannot be read counts as. */
const UNREADABLE_STATUS = 502;

const NOTHING = new Uint8Array(0);
const BLANK_LINE = new TextEncoder().encode("\n\n");

/** Text of an answer kept so that another upstream can finish it, UTF-16 units: beyond it a broken answer stays broken. Spec, "Attempts". */
const LONGEST_SAID = 256 * 1024;

/** An event is held up to this size to be read; what comes behind it goes on unread. Spec, "Attempts". */
const HELD_EVENT_BYTES = 8 * 1024 * 1024;

/** The reading of an event that only brings more words, where nobody keeps them. */
const WORDS: EventReading = { kind: "content" };

/** Whether the usage event that the gateway asked for itself is kept from the caller. */
export type UsageEvents = "shown" | "hidden";

/** How one stream is watched. */
export interface WatchOptions {
  readonly endpoint: Endpoint;
  readonly usageEvents: UsageEvents;
  /** How many choices were asked for: the stream is finished when as many finish reasons came. */
  readonly choices: number;
  /** `whole_events`: the caller is only given whole events, so that another upstream can go on after any of them. */
  readonly framing: "as_it_came" | "whole_events";
  /** Set where this stream goes on with an answer that another one began. */
  readonly gate?: ContinuationGate;
  /** Set where the trace keeps the answer's text. */
  readonly gathersText?: true;
}

/**
 * Watches the events of one stream as its bytes go by, and says which bytes go on to the caller: all of them as they came, but for the usage event
 * nobody but the gateway asked for, and the upstream's error event with all that follows it. It never holds bytes back, except after the finish reason of a
 * stream whose usage event is to be hidden, and where whole events are asked for.
 */
export class StreamWatch {
  readonly #options: WatchOptions;
  #splitter = new SseSplitter();
  /** How much of the unfinished event has gone on already. */
  #sentOfRest = 0;
  #finishes = 0;
  readonly #words: WordPattern;

  /** Some event carried content: the answer has begun. */
  hasContent = false;
  /** The finish reasons arrived: nothing that matters can be lost any more, unless the stream goes on. */
  finished = false;
  /** Content came behind the finish reasons: some relays put one into every event. */
  #goesOn = false;
  /** The last that was said is a finish reason alone, as the end of an answer has it. */
  rests = false;
  /** An event grew so long that the bytes go on unread: nothing more is known of this stream but how its connection ends. */
  unwatched = false;
  /** The dialect's last event arrived. */
  done = false;
  /** The upstream's own word that it gave up. */
  failure: UpstreamError | undefined;
  /** Without the text: that is `said`. */
  facts: AnswerFacts = {};
  /** The number of the last event that is no error: a last event of the gateway's own counts on from it. */
  sequence: number | undefined;
  /** Events that carried content so far: a caller of `take` sees by it whether content came. */
  contents = 0;
  /** The text that went on to the caller, where `whole_events` are asked for. */
  said = "";
  /** The text that came, where it is gathered and not kept as `said`. */
  #gathered = "";
  /** Whether all content so far was text of one choice: only such an answer can be finished by another upstream. */
  isPlainText = true;

  constructor(options: WatchOptions) {
    this.#options = options;
    const { endpoint, framing, gate, gathersText } = options;
    const wantsWords = framing === "whole_events" || gate !== undefined || gathersText === true;
    this.#words = new WordPattern(wantsWords ? [] : (endpoint.wordMembers ?? []));
  }

  /** Whether the answer is whole where its connection ended so: its finish reasons or last event came, or the dialect has none. */
  isWhole(end: "end" | "broken"): boolean {
    if (this.failure !== undefined || this.strays) return false;
    if (this.unwatched) return end === "end";
    if (this.done || (this.hasContent && !this.#options.endpoint.streamsSayFinished)) return true;
    return this.finished && (!this.#goesOn || end === "end");
  }

  /** The answer's text as far as somebody keeps it. */
  get text(): string {
    return this.said === "" ? this.#gathered : this.said;
  }

  /** Whether the caller was given the beginning of an event that is not whole. */
  get hasUnfinishedEvent(): boolean {
    if (this.failure !== undefined) return false;
    if (this.unwatched) return true;
    return this.#sendsAll ? this.#splitter.rest().length > 0 : this.#sentOfRest > 0;
  }

  /** Whether this stream turned out not to go on where the earlier one broke off. */
  get strays(): boolean {
    return this.#options.gate?.strays ?? false;
  }

  /** Reads a chunk and returns what of it (and of what was held) goes on. */
  take(chunk: Uint8Array): Uint8Array {
    if (this.unwatched) return chunk;
    const read = this.#passWords(chunk);
    if (read === chunk.length) return chunk;
    const begun = this.#splitter.rest().length;
    const events = this.#splitter.push(read === 0 ? chunk : chunk.subarray(read));
    const isTooLong = this.#splitter.rest().length > HELD_EVENT_BYTES;
    if (this.#sendsAll) {
      const bytes = this.#upToError(chunk, events, begun - read);
      if (isTooLong) this.#stopWatching();
      return bytes;
    }
    const out = this.#passing(events);
    if (!this.finished && this.failure === undefined && this.#options.framing === "as_it_came") {
      const rest = this.#splitter.rest();
      out.push(rest.subarray(this.#sentOfRest));
      this.#sentOfRest = rest.length;
    }
    if (read > 0) out.unshift(chunk.subarray(0, read));
    if (isTooLong) out.push(this.#stopWatching());
    return concatBytes(out);
  }

  /** Gives up reading, and returns what was held of the event that is too long. */
  #stopWatching(): Uint8Array {
    const held = this.#splitter.rest().subarray(this.#sentOfRest);
    this.#splitter = new SseSplitter();
    this.isPlainText = false;
    if (this.#options.gate === undefined) {
      this.unwatched = true;
      return held;
    }
    // What nobody reads cannot be joined to an answer that another began.
    this.failure ??= { status: UNREADABLE_STATUS, code: null, message: `one of its events has more than ${HELD_EVENT_BYTES} bytes` };
    return NOTHING;
  }

  /** How many bytes of the chunk are whole events that only bring more words: they go on as they came. */
  #passWords(chunk: Uint8Array): number {
    if (!this.#splitter.isBetweenEvents) return 0;
    let at = 0;
    for (;;) {
      const end = this.#words.endIn(chunk, at);
      if (end === at) return at;
      at = end;
      this.#countWords();
    }
  }

  /** An event that only brings more words. */
  #countWords(): void {
    this.contents += 1;
    if (this.finished) this.#goOn();
  }

  #goOn(): void {
    this.#goesOn = true;
    this.rests = false;
  }

  /**
   * The chunk, up to the upstream's own word that it gave up: the gateway's last event says that in its place. Of an error event that had `begun` to go on
   * the rest does, or the caller would have half an event.
   */
  #upToError(chunk: Uint8Array, events: readonly SseEvent[], begun: number): Uint8Array {
    let end = -begun;
    for (const event of events) {
      if (this.#read(event).kind === "error") return chunk.subarray(0, end < 0 ? end + event.raw.length : end);
      end += event.raw.length;
    }
    return chunk;
  }

  /** To be called when nothing more comes: reads what only waited for more, and returns what was still held of it. */
  end(): Uint8Array {
    const events = this.#splitter.end();
    if (this.#sendsAll) {
      for (const event of events) this.#read(event);
      this.#readUnfinished();
      return NOTHING;
    }
    const out = this.#passing(events);
    out.push(this.#unfinished());
    return concatBytes(out);
  }

  /** Reads an event whose blank line never came as if it had: by the standard it is none, but a last word counts. `undefined`: nothing is left to read. */
  #readUnfinished(): EventReading | undefined {
    const rest = this.#splitter.rest();
    const [event] = rest.length === 0 ? [] : new SseSplitter().push(concatBytes([rest, BLANK_LINE]));
    if (event?.data === undefined) return undefined;
    const reading = this.#options.endpoint.readEvent(event);
    if (reading.kind === "done") this.done = true;
    return reading;
  }

  /**
   * What goes on of an event whose blank line never came. Where events go on whole, only what comes behind the finish reason does. There it may be the usage
   * event that is to be hidden, whole or in part: so of what was not sent yet only a last word or content goes on.
   */
  #unfinished(): Uint8Array {
    const kind = this.#readUnfinished()?.kind;
    const { framing, gate } = this.#options;
    const isLastWord = kind === "done" || kind === "finish" || kind === "content";
    const isWithheld = this.finished && this.#sentOfRest === 0 ? !isLastWord : framing === "whole_events" || gate !== undefined;
    return isWithheld ? NOTHING : this.#splitter.rest().subarray(this.#sentOfRest);
  }

  get #sendsAll(): boolean {
    const { usageEvents, framing, gate } = this.#options;
    return usageEvents === "shown" && framing === "as_it_came" && gate === undefined;
  }

  #passing(events: readonly SseEvent[]): Uint8Array[] {
    const out: Uint8Array[] = [];
    const { usageEvents, gate, framing } = this.#options;
    for (const event of events) {
      const reading = this.#read(event);
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
    if (this.said.length + text.length > LONGEST_SAID) this.isPlainText = false;
    else this.said += text;
  }

  #read(event: SseEvent): EventReading {
    if (this.#words.endIn(event.raw, 0) === event.raw.length) {
      this.#countWords();
      return WORDS;
    }
    const reading = this.#options.endpoint.readEvent(event);
    if (reading.kind !== "error") this.sequence = reading.sequence;
    if (reading.facts !== undefined) this.#keep(reading.facts);
    this.#words.learn(event, reading);
    const { gathersText, framing } = this.#options;
    if (gathersText && framing === "as_it_came" && this.#gathered.length < GATHERED_LENGTH) this.#gathered += reading.facts?.text ?? "";
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
    return reading;
  }

  /** Most events tell nothing but their text and, again, the model. */
  #keep(facts: AnswerFacts): void {
    const { text: _text, ...told } = facts;
    const news = told.id ?? told.usage ?? told.finishReason ?? told.toolCalls;
    if (news === undefined && told.model === this.facts.model) return;
    this.facts = mergeFacts(this.facts, told);
  }
}
