import type { JsonMember } from "./json/json-members.ts";
import type { SseEvent } from "./stream/sse.ts";
import type { ToldUsage } from "./usage/usage.ts";

/** What a path asks for. A route is for one kind. */
export const ENDPOINT_KINDS = ["chat", "embeddings", "audio_speech", "audio_transcription", "image_generation"] as const;
export type EndpointKind = (typeof ENDPOINT_KINDS)[number];

/** What an upstream's answer, or a part of it, told about itself. A key left out: not told here. */
export interface AnswerFacts {
  /** The answer's own id, where the dialect names it again at the end. */
  readonly id?: string;
  /** The model's name in the upstream's own word. */
  readonly model?: string;
  readonly usage?: ToldUsage;
  readonly finishReason?: string;
  /** Tool calls begun in this answer or event. */
  readonly toolCalls?: number;
  /** Text of the answer in this answer or event; of the first choice where there are several. */
  readonly text?: string;
}

/** An error as an upstream worded it, in a body or in a stream's event. */
export interface UpstreamError {
  /** The HTTP status that this error stands for, by its own code or type; 500 where it names none. */
  readonly status: number;
  readonly code: string | null;
  readonly message: string;
  /** How long it asks to be left alone, where it says so itself. */
  readonly retryAfterMs?: number;
}

/** An error as a caller is told it, whatever the dialect. */
export interface ToldError {
  readonly status: number;
  /** OpenAI's word for its kind. */
  readonly type: string;
  readonly code: string | null;
  readonly message: string;
  /** The request's key that is wrong. */
  readonly param: string | null;
  /** `null`: not known. */
  readonly requestId: string | null;
  /** Every problem of a refused configuration. */
  readonly problems?: readonly unknown[];
}

/** What of a stream the caller has had when it breaks. */
export interface StreamSoFar {
  readonly facts: AnswerFacts;
  /** The last event's number; `undefined`: the dialect has none. */
  readonly sequence: number | undefined;
}

/**
 * What one event of a stream means.
 * `quiet`: lifecycle, role only, anything that is no content; `content`: text, tool call, reasoning, audio, a partial image;
 * `finish`: carries a choice's finish reason (so it commits too); `usage`: nothing but the usage that was asked for;
 * `done`: the dialect's last event; `error`: the upstream gave up.
 */
export interface EventReading {
  readonly kind: "quiet" | "content" | "finish" | "usage" | "done" | "error";
  readonly facts?: AnswerFacts;
  /** Set when `kind` is `error`. */
  readonly error?: UpstreamError;
  /** The event's number, where the dialect counts its events. */
  readonly sequence?: number;
  /** How many choices got their finish reason in this event, where `kind` is `finish` and it is not one. */
  readonly finishes?: number;
}

/** What a request body said of itself, besides its model. */
export interface RequestFacts {
  readonly stream: boolean;
  /** The caller's own end user (`user`, `safety_identifier`, or `metadata.user_id` of Messages), for stickiness and the trace. */
  readonly user?: string;
  /** The session and the conversation that the body names, where no header does. */
  readonly session?: string;
  readonly conversation?: string;
  /** How many answers were asked for (`n`); left out: one. */
  readonly choices?: number;
}

/** Where the text already said goes into a request that another target is to finish: `text` in front of the byte at `offset`. */
export interface Insertion {
  readonly offset: number;
  readonly text: string;
}

/** How a broken text stream of an endpoint is finished by another target. Pure. */
export interface Continuation {
  /** Puts what was said into the request as the beginning of the answer; `undefined`: this request has no place for it. */
  prefill(members: readonly JsonMember[], said: string): Insertion | undefined;
  /** Whether an event belongs to the beginning of an answer (a role, a lifecycle event), which the caller has had. */
  begins(event: SseEvent, reading: EventReading): boolean;
  /** The bytes of the event with `text` in the place of its text. */
  withText(event: SseEvent, text: string): Uint8Array;
}

/**
 * One path that the gateway answers: what is read of the body, and how an answer and its stream are read. Pure.
 * A new one is a file in `endpoints/` and a line in its `index.ts`.
 */
export interface Endpoint {
  /** As called: `"/v1/chat/completions"`. The upstream path is what follows `/v1`. */
  readonly path: string;
  readonly kind: EndpointKind;
  /**
   * The path whose requests it takes to answer something about them. Not every provider that has that path has this call too: where none can be asked it is
   * unknown, as it would be there, and clients do without. Left out: it is no such call.
   */
  readonly beside?: string;
  readonly requestBody: "json" | "multipart";
  /** What a 200 answer that is no event stream holds. `text`: JSON or plain text, as the request chose. */
  readonly answer: "json" | "text" | "binary";
  /** The members of which a JSON answer has at least one: a 200 without any is none (`{"detail":"…"}`). `undefined`: whatever is there is the answer. */
  readonly answerMembers: readonly string[] | undefined;
  /** Whether usage in a stream has to be asked for with `stream_options.include_usage`. */
  readonly asksForStreamUsage: boolean;
  /** Whether a stream says that it is whole (a finish reason, a last event); where it does not, its plain end is a whole answer. */
  readonly streamsSayFinished: boolean;

  /**
   * Keys of an event's members of which it only matters whether they hold a string that is not empty: two events of kind `content` that differ in nothing
   * but such strings have the same reading, save its `text`. Left out: every event is read.
   */
  readonly wordMembers?: readonly string[];

  /** How a broken stream is finished by another target; left out: it cannot be. */
  readonly continuation?: Continuation;

  /** Reads the top-level members of a JSON body, or the fields of a form (each as a JSON string). */
  readRequest(members: readonly JsonMember[]): RequestFacts;

  /** Reads a whole JSON answer from its top-level members; never throws on odd shapes. */
  readAnswer(members: readonly JsonMember[]): AnswerFacts;

  /** An error that a whole answer tells in other words than an `error` (a finish reason); left out: none does. */
  failureIn?(members: readonly JsonMember[]): UpstreamError | undefined;

  /** Reads one event of a stream; never throws: an event that cannot be read is `quiet` before a commit and harmless after it. */
  readEvent(event: SseEvent): EventReading;

  /** The body of an error, as a value of JSON. */
  errorBody(error: ToldError): object;

  /** The bytes of the last events (mostly one) that tell the caller, in this dialect, that the stream broke: complete with their blank lines. */
  errorEvents(error: { readonly code: string; readonly message: string }, before: StreamSoFar): string;
}
