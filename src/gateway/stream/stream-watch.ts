import { concatBytes } from "../../core/bytes.ts";
import type { AnswerFacts, Endpoint, EventReading, UpstreamError } from "../../core/endpoint.ts";
import { EventPattern } from "../../core/stream/event-pattern.ts";
import { type SseEvent, SseSplitter } from "../../core/stream/sse.ts";
import { GATHERED_LENGTH } from "../../core/trace/trace-content.ts";
import { mergeFacts } from "../../core/usage/usage.ts";
import type { ContinuationGate } from "./continuation-gate.ts";

const NOTHING = new Uint8Array(0);
const BLANK_LINE = new TextEncoder().encode("\n\n");

/** Text of an answer kept so that another upstream can finish it, UTF-16 units: beyond it a broken answer stays broken. Spec, "Attempts". */
const LONGEST_SAID = 256 * 1024;

/** A stream of which so many events in a row are unlike those before is not compared any more: each costs the making of a pattern. */
const PATTERN_TRIES = 8;

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
  readonly #splitter = new SseSplitter();
  /** How much of the unfinished event has gone on already. */
  #sentOfRest = 0;
  #finishes = 0;
  /** The keys of `wordMembers` as bytes; none where the words themselves are wanted. */
  readonly #wordMembers: readonly Uint8Array[];
  /** The last event that was read, where it only brought words: those like it need not be read. */
  #pattern: EventPattern | undefined;
  #patternTries = PATTERN_TRIES;

  /** Some event carried content: the answer has begun. */
  hasContent = false;
  /** The finish reasons arrived: nothing that matters can be lost any more. */
  finished = false;
  /** The dialect's last event arrived. */
  done = false;
  /** The upstream's own word that it gave up. */
  failure: UpstreamError | undefined;
  /** Without the text: that is `said`. */
  facts: AnswerFacts = {};
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
    this.#wordMembers = wantsWords ? [] : keysOf(endpoint.wordMembers ?? []);
  }

  /** Whether the answer may end here: its finish reasons or last event came, or the dialect has none. */
  get isWhole(): boolean {
    return this.finished || this.done || (this.hasContent && !this.#options.endpoint.streamsSayFinished);
  }

  /** The answer's text as far as somebody keeps it. */
  get text(): string {
    return this.said === "" ? this.#gathered : this.said;
  }

  /** Whether the caller was given the beginning of an event that is not whole. */
  get hasUnfinishedEvent(): boolean {
    if (this.failure !== undefined) return false;
    return this.#sendsAll ? this.#splitter.rest().length > 0 : this.#sentOfRest > 0;
  }

  /** Whether this stream turned out not to go on where the earlier one broke off. */
  get strays(): boolean {
    return this.#options.gate?.strays ?? false;
  }

  /** Reads a chunk and returns what of it (and of what was held) goes on. */
  take(chunk: Uint8Array): Uint8Array {
    const read = this.#passWords(chunk);
    if (read === chunk.length) return chunk;
    const begun = this.#splitter.rest().length;
    const events = this.#splitter.push(read === 0 ? chunk : chunk.subarray(read));
    if (this.#sendsAll) return this.#upToError(chunk, events, begun - read);
    const out = this.#passing(events);
    if (!this.finished && this.failure === undefined && this.#options.framing === "as_it_came") {
      const rest = this.#splitter.rest();
      out.push(rest.subarray(this.#sentOfRest));
      this.#sentOfRest = rest.length;
    }
    if (read > 0) out.unshift(chunk.subarray(0, read));
    return concatBytes(out);
  }

  /** How many bytes of the chunk are whole events that only bring more words: they go on as they came. */
  #passWords(chunk: Uint8Array): number {
    if (this.#pattern === undefined || !this.#splitter.isBetweenEvents) return 0;
    let at = 0;
    for (;;) {
      const end = this.#pattern.endIn(chunk, at);
      if (end === at) return at;
      at = end;
      this.contents += 1;
      this.#patternTries = PATTERN_TRIES;
    }
  }

  /** Keeps the pattern of an event that only brought words, or none. */
  #learn({ raw }: SseEvent, { kind, facts }: EventReading): void {
    const onlyWords = kind === "content" && facts?.toolCalls === undefined;
    if (onlyWords) this.#patternTries -= 1;
    this.#pattern = onlyWords && this.#patternTries >= 0 ? EventPattern.of(raw, this.#wordMembers) : undefined;
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
      return NOTHING;
    }
    const out = this.#passing(events);
    const { framing, gate } = this.#options;
    if (framing === "as_it_came" && gate === undefined) out.push(this.#unfinished());
    return concatBytes(out);
  }

  /**
   * What is still held of an event whose blank line never came. After the finish reason it may be the usage event that is to be hidden, whole or in part: its
   * data goes on only where it is the dialect's last event.
   */
  #unfinished(): Uint8Array {
    const rest = this.#splitter.rest();
    if (this.finished && this.#sentOfRest === 0) {
      const [event] = new SseSplitter().push(concatBytes([rest, BLANK_LINE]));
      if (event?.data !== undefined && this.#options.endpoint.readEvent(event).kind !== "done") return NOTHING;
    }
    return rest.subarray(this.#sentOfRest);
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
    if (this.#pattern?.endIn(event.raw, 0) === event.raw.length) {
      this.contents += 1;
      this.#patternTries = PATTERN_TRIES;
      return WORDS;
    }
    const reading = this.#options.endpoint.readEvent(event);
    if (reading.facts !== undefined) this.#keep(reading.facts);
    if (this.#wordMembers.length > 0) this.#learn(event, reading);
    const { gathersText, framing } = this.#options;
    if (gathersText && framing === "as_it_came" && this.#gathered.length < GATHERED_LENGTH) this.#gathered += reading.facts?.text ?? "";
    switch (reading.kind) {
      case "finish":
        this.#finishes += reading.finishes ?? 1;
        this.finished = this.#finishes >= this.#options.choices;
        this.hasContent = true;
        this.contents += 1;
        break;
      case "content":
        this.hasContent = true;
        this.contents += 1;
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
    const { model, usage, finishReason, toolCalls } = told;
    if (usage === undefined && finishReason === undefined && toolCalls === undefined && model === this.facts.model) return;
    this.facts = mergeFacts(this.facts, told);
  }
}

/** The keys as they stand in JSON: `"content":`. */
function keysOf(members: readonly string[]): readonly Uint8Array[] {
  return members.map((member) => new TextEncoder().encode(`${JSON.stringify(member)}:`));
}
