import type { JsonMember } from "../core/json/json-members.ts";
import type { Result } from "../core/result.ts";
import type { SseEvent } from "../core/stream/sse.ts";
import type { AnswerGiven, ChangedAsk, TranslationTarget, Untranslatable, Wanted } from "../core/translation.ts";
import type { AnswerEvent } from "./answer-event.ts";
import type { Ask } from "./conversation.ts";
import type { OrderedEvent, WholeAnswer } from "./ordered-event.ts";

/** The dialects by their names, as traces and `x-to11-translated` say them. */
export const DIALECT_IDS = ["chat", "messages", "responses", "gemini"] as const;
export type DialectId = (typeof DIALECT_IDS)[number];

/** A request for an upstream. */
export interface WrittenAsk {
  /** A value of JSON. */
  readonly body: object;
  /** What was changed so that the upstream takes it, as it is told: `["temperature=1", "system"]`. */
  readonly adapted: readonly string[];
  /** What has to be changed back in the answer, which `ChangeBack` does: readers and writers of answers need not know of it. */
  readonly changed?: ChangedAsk | undefined;
}

/** Reads one answer of an upstream's. Has a state: one for each answer. Never throws on odd shapes. */
export interface AnswerReader {
  /** One event of a stream. */
  readEvent(event: SseEvent): readonly AnswerEvent[];
  /** A whole answer, as the events of a stream that says the same. */
  readWhole(answer: Readonly<Record<string, unknown>>): readonly AnswerEvent[];
}

/** Writes one answer's stream. Has a state: one for each answer. */
export interface AnswerWriter {
  /** The bytes of the events that say this, as text; `""`: none. */
  write(event: OrderedEvent): string;
  /** The last events of a stream that broke, whatever was open closed before them. */
  fail(error: { readonly code: string; readonly message: string }): string;
}

/** What a dialect's clients go by in errors. */
export interface DialectErrors {
  /** The status of an upstream that has too much to do. */
  readonly overloadedStatus: 503 | 529;
  /** Words in the message of an error that a conversation is too long, by which clients know it; `undefined`: they go by the code. */
  readonly tooLongWords: string | undefined;
}

/** A dialect that upstreams speak: how a request is put to them, and how their answers are read. Pure. A new one is a folder in `dialects/` and a line in its `index.ts`. */
export interface UpstreamDialect {
  readonly id: DialectId;
  /** Its path, as a provider's `speaks` names it: `"/v1/messages"`. */
  readonly path: string;
  /** Where a model is called, for a dialect that has model and method in the address; left out: `url` as it is. */
  address?(url: string, called: { readonly model: string; readonly wanted: Wanted }): string;
  /** Writes a request. What it cannot carry it leaves out without a word: the loss table has judged the features before. A fault is about a value. */
  writeAsk(ask: Ask, target: TranslationTarget): Result<WrittenAsk, Untranslatable>;
  reader(): AnswerReader;
}

/** One that callers speak too: how their requests are read, and answers are written for them. */
export interface Dialect extends UpstreamDialect {
  /** How its errors differ from others of the same status. */
  readonly errors: DialectErrors;
  /** Reads a request from its top-level members. */
  readAsk(members: readonly JsonMember[]): Result<Ask, Untranslatable>;
  writer(given: AnswerGiven): AnswerWriter;
  /** A whole answer, as a value of JSON. */
  writeWhole(answer: WholeAnswer, given: AnswerGiven): object;
}
