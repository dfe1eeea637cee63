import type { Call } from "./call.ts";
import type { JsonObject } from "./json-value.ts";
import { isAnthropics } from "./play/error-answer.ts";
import type { Answer } from "./play/step.ts";

/** A call whose body was read as its path has it. */
export interface PathRequest<Body> {
  readonly call: Call;
  readonly body: Body;
  readonly model: string;
  /** The wait before each token of a stream, milliseconds. */
  readonly tokenDelayMs: number;
}

/** A call with a JSON body. */
export type JsonRequest = PathRequest<JsonObject>;

/** A call with a form. */
export type FormRequest = PathRequest<FormData>;

/** Whether the body asks for an event stream. */
export function wantsStream(request: JsonRequest): boolean {
  return request.body["stream"] === true;
}

/** A whole answer in JSON. */
export function jsonAnswer(call: Call, value: unknown): Answer {
  return { headers: { "content-type": "application/json", ...requestId(call) }, body: JSON.stringify(value) };
}

/** An event stream: `timed` events each wait for a token's time first. */
export function streamAnswer(request: PathRequest<unknown>, events: readonly StreamEvent[]): Answer {
  return {
    headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache", ...requestId(request.call) },
    body: events.map((event) => (event.timed ? { data: event.text, delayMs: request.tokenDelayMs } : event.text)),
  };
}

/** An event's bytes, and whether a token's time passes before it. */
export interface StreamEvent {
  readonly text: string;
  readonly timed: boolean;
}

/** The name OpenAI's clients read it by, and the one Anthropic's do. */
function requestId(call: Call): Record<string, string> {
  return { [isAnthropics(call.path) ? "request-id" : "x-request-id"]: `req_simulator_${call.id}` };
}

/** Seconds since the epoch, as `created` holds them. */
export function createdAt(call: Call): number {
  return Math.floor(call.startedAt / 1_000);
}
