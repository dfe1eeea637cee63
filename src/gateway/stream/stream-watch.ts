import type { AnswerFacts, Endpoint } from "../../core/endpoint.ts";
import type { AnswerGiven, Translation } from "../../core/translation.ts";
import { CarriedStream } from "./carried-stream.ts";
import type { ContinuationGate } from "./continuation-gate.ts";
import { HeldStream } from "./held-stream.ts";
import { StreamJudge } from "./stream-judge.ts";
import { TranslatedStream } from "./translated-stream.ts";

/** Whether the usage event that the gateway asked for itself is kept from the caller. */
export type UsageEvents = "shown" | "hidden";

/** How one stream is watched. */
export interface WatchOptions {
  /** How the upstream's events are read. */
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
  /** Set where the caller speaks another dialect. */
  readonly translated?: { readonly translation: Translation; readonly given: AnswerGiven };
}

/** An error that ends a stream. */
export interface StreamError {
  readonly code: string;
  readonly message: string;
}

/** Watches the events of one stream as its bytes go by, and says which bytes go on to the caller. */
export interface StreamWatch {
  readonly judge: StreamJudge;
  /** The text that went on to the caller, where another upstream may have to go on after it; else empty. */
  readonly said: string;
  /** Whether this stream turned out not to go on where an earlier one broke off. */
  readonly strays: boolean;
  /** Reads a chunk and returns what of it (and of what was held) goes on. */
  take(chunk: Uint8Array): Uint8Array;
  /** To be called when nothing more comes: reads what only waited for more, and returns what is still to go on. */
  end(end: "end" | "broken"): Uint8Array;
  /** The last events that tell the caller, in its dialect, that the stream broke. `earlier`: what upstreams before this one told. */
  fail(error: StreamError, earlier: AnswerFacts): string;
}

/** Begins to watch a stream. */
export function watchStream(options: WatchOptions): StreamWatch {
  const { endpoint, choices, framing, gate, gathersText, translated, usageEvents } = options;
  const isCarried = usageEvents === "shown" && framing === "as_it_came" && gate === undefined;
  const wantsWords = translated !== undefined || framing === "whole_events" || gate !== undefined || gathersText === true;
  const judge = new StreamJudge({
    endpoint,
    choices,
    reads: wantsWords ? "all" : "what_matters",
    ...(gathersText === undefined ? {} : { gathersText }),
  });
  if (translated !== undefined) return new TranslatedStream(judge, translated.translation.stream(translated.given));
  return isCarried ? new CarriedStream(judge, endpoint) : new HeldStream(judge, options);
}

/** Whether the answer is whole where its connection ended so. */
export function isWhole({ judge, strays }: StreamWatch, end: "end" | "broken"): boolean {
  return !strays && judge.isWhole(end);
}

/** The answer's text as far as somebody keeps it. */
export function textOf({ judge, said }: StreamWatch): string {
  return said === "" ? judge.gathered : said;
}
