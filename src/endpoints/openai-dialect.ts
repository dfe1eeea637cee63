import type { AnswerFacts, EventReading, RequestFacts } from "../core/endpoint.ts";
import { isObject, objectOf, parseForeign, textOf } from "../core/json/foreign-json.ts";
import { isTrue, stringOf, valueOf, type JsonMember } from "../core/json/json-members.ts";
import type { SseEvent } from "../core/stream/sse.ts";
import { classifyError, saysError } from "../core/attempt/upstream-error.ts";
import { toldUsage } from "../core/usage/usage.ts";
import { openAiUsage } from "../dialects/openai/usage.ts";
import { readSession } from "./request-session.ts";

/** What OpenAI's endpoints have in common: `stream`, `user`, `data: [DONE]`. */

/** `AnswerFacts` where what was not told may be `undefined`. */
type Told = { readonly [K in keyof AnswerFacts]: AnswerFacts[K] | undefined };

/** The facts that were told, the others' keys left out. */
export function factsOf(told: Told): AnswerFacts {
  const facts: { -readonly [K in keyof AnswerFacts]: AnswerFacts[K] } = {};
  if (told.id !== undefined) facts.id = told.id;
  if (told.model !== undefined) facts.model = told.model;
  if (told.usage !== undefined) facts.usage = told.usage;
  if (told.finishReason !== undefined) facts.finishReason = told.finishReason;
  if (told.toolCalls !== undefined) facts.toolCalls = told.toolCalls;
  if (told.text !== undefined) facts.text = told.text;
  return facts;
}

/** The reading of an event that says nothing. */
export const QUIET: EventReading = { kind: "quiet" };

/** The reading of the dialect's last event. */
export const DONE: EventReading = { kind: "done" };

/** `stream`, how many choices (`n`), session and conversation, and the caller's end user: `user`, or `safety_identifier`, which OpenAI put in its place. */
export function readOpenAiRequest(members: readonly JsonMember[]): RequestFacts {
  const user = textOf(stringOf(members, "user") ?? stringOf(members, "safety_identifier"));
  const n = valueOf(members, "n");
  const choices = typeof n === "number" && Number.isSafeInteger(n) && n > 1 ? n : undefined;
  return {
    stream: isTrue(members, "stream"),
    ...(user === undefined ? {} : { user }),
    ...readSession(members),
    ...(choices === undefined ? {} : { choices }),
  };
}

/** The same in a form, whose fields are all strings. */
export function readFormRequest(members: readonly JsonMember[]): RequestFacts {
  const { user } = readOpenAiRequest(members);
  const stream = stringOf(members, "stream")?.toLowerCase() === "true";
  return user === undefined ? { stream } : { stream, user };
}

/**
 * Reads what is the same in every dialect (nothing, `[DONE]`, an error, no JSON object), and leaves the rest to `readValue`. An error is a value
 * with `error`, also in a list (Google), with `"type": "error"` or `"object": "error"` (older vLLM), or whatever an event named `error` carries.
 */
export function readEventWith(event: SseEvent, readValue: (value: Readonly<Record<string, unknown>>) => EventReading): EventReading {
  const { data } = event;
  if (data === undefined || data === "") return QUIET;
  if (data.startsWith("[DONE]")) return DONE;
  const value = parseForeign(data);
  if (event.name === "error") return { kind: "error", error: classifyError(value ?? data) };
  if (Array.isArray(value) && saysError(objectOf(value[0])["error"])) return { kind: "error", error: classifyError(value) };
  if (!isObject(value)) return QUIET;
  const isError = saysError(value["error"]) || value["type"] === "error" || value["object"] === "error";
  return isError ? { kind: "error", error: classifyError(value) } : readValue(value);
}

/** The reading of an event in which a choice ends, or several do. */
export function finishOf(facts: AnswerFacts, choices: readonly unknown[]): EventReading {
  const finishes = choices.filter((choice) => textOf(objectOf(choice)["finish_reason"]) !== undefined).length;
  return finishes > 1 ? { kind: "finish", facts, finishes } : { kind: "finish", facts };
}

/** The event with another value, as one `data:` line. */
export function dataEvent(value: unknown): Uint8Array {
  return new TextEncoder().encode(`data: ${JSON.stringify(value)}\n\n`);
}

/** The event types of a dialect whose events say their `type` and, in the last one, the usage. */
interface EventTypes {
  readonly content: readonly string[];
  readonly finish: readonly string[];
}

/** Reads an event of OpenAI's speech, transcription and image streams. */
export function readTypedEvent(event: SseEvent, types: EventTypes): EventReading {
  return readEventWith(event, (value) => {
    const type = textOf(value["type"]) ?? event.name;
    if (types.content.includes(type)) return { kind: "content", facts: factsWith(undefined, value["delta"]) };
    return types.finish.includes(type) ? { kind: "finish", facts: factsWith(value["usage"], undefined) } : QUIET;
  });
}

/** Reads an event where no streams are known: what is neither an error nor the end is taken for content. */
export function readPlainEvent(event: SseEvent): EventReading {
  return readEventWith(event, () => ({ kind: "content" }));
}

function factsWith(usage: unknown, text: unknown): AnswerFacts {
  return factsOf({
    model: undefined,
    usage: toldUsage(openAiUsage, usage),
    finishReason: undefined,
    toolCalls: undefined,
    text: textOf(text),
  });
}
