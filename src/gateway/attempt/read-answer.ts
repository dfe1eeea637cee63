import { concatBytes, withoutBom } from "../../core/bytes.ts";
import type { Endpoint, UpstreamError } from "../../core/endpoint.ts";
import { objectOf, parseForeign } from "../../core/json/foreign-json.ts";
import { jsonMembers, valueOf } from "../../core/json/json-members.ts";
import { type HeaderMap, readUpstreamHeaders } from "../../core/header-map.ts";
import type { Outcome, Refused, WholeBody } from "../../core/attempt/outcome.ts";
import { regionRefusal } from "../../core/attempt/region-refusal.ts";
import { readRetryAfterMs } from "../../core/attempt/retry-after.ts";
import type { Wanted } from "../../core/translation.ts";
import { GATHERED_LENGTH } from "../../core/trace/trace-content.ts";
import { classifyError, isContextTooLong, isCredentialRefused, readErrorBody, saysError } from "../../core/attempt/upstream-error.ts";
import type { AnswerBody } from "./answer-body.ts";
import type { Connection } from "./connection.ts";
import { looksLike } from "./looks-like.ts";
import { watchStream, type WatchOptions } from "../stream/stream-watch.ts";

/** A JSON answer is read whole before it is delivered, up to this size; a larger one is committed at its first byte. Spec, "Attempts". */
const WHOLE_JSON_BYTES = 8 * 1024 * 1024;
/** An error body beyond this is cut off: it is kept in memory and shown to people. */
const ERROR_BODY_BYTES = 1024 * 1024;
/** Lifecycle events and comments kept before the first content; a stream with more of them is committed. */
const HELD_STREAM_BYTES = 8 * 1024 * 1024;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Content encodings that the runtime decodes when a body is read. */
const DECODED_ENCODINGS: ReadonlySet<string> = new Set(["", "identity", "gzip", "br"]);

/** How an attempt's stream is watched, if it answers with one. */
export type Watching = Omit<WatchOptions, "endpoint">;

/** What is needed to read an upstream's response up to its first content. */
export interface ReadOrder {
  readonly endpoint: Endpoint;
  readonly wanted: Wanted;
  readonly response: Response;
  readonly connection: Connection;
  readonly watching: Watching;
  readonly nowMs: number;
}

interface Reading extends ReadOrder {
  readonly headers: HeaderMap;
}

type Read = Outcome<AnswerBody> | "broken";

/** Reads a response until it is known what came of the attempt: a refusal, the whole answer, or its first content. `broken`: the connection did. */
export async function readAnswer(order: ReadOrder): Promise<Read> {
  const { endpoint, response, connection } = order;
  const headers = readUpstreamHeaders(response.headers);
  const reading = { ...order, headers };
  connection.open(response);
  if (response.status >= 400 && response.status < 600) return readRefusal(reading);
  if (response.status < 200 || response.status >= 300) return invalid(reading, unusableStatus(response.status));
  const encoding = keptEncoding(headers);
  const { translated } = reading.watching;
  if (encoding !== undefined)
    return translated === undefined
      ? readOpaque(reading, encoding)
      : invalid(reading, `its answer is in an encoding that cannot be read (${encoding})`);
  const contentType = contentTypeOf(reading);
  if (contentType.startsWith("text/html")) return invalid(reading, "it answered with an HTML page");
  const saysEvents = contentType.startsWith("text/event-stream");
  if (saysEvents || order.wanted === "stream") {
    const look = await looksLike(connection);
    if (look === "broken") return "broken";
    if (look === "events" || (saysEvents && look !== "json")) return readStream(withType(reading, "text/event-stream", saysEvents));
    if (look === "json") return readWhole(withType(reading, "application/json", !saysEvents));
  }
  if (endpoint.answer === "binary" && !contentType.startsWith("application/json")) return readOpaque(reading, undefined);
  return readWhole(reading);
}

function unusableStatus(status: number): string {
  if (status >= 300 && status < 400) return "it answered with a redirect, which a gateway does not follow";
  return `it answered with status ${status}, which HTTP does not have for an answer`;
}

/** With the content type of what the body really is, unless the upstream's own `isRight`. */
function withType(reading: Reading, contentType: string, isRight: boolean): Reading {
  return isRight ? reading : { ...reading, headers: new Map([...reading.headers, ["content-type", contentType]]) };
}

function contentTypeOf({ headers }: Reading): string {
  return (headers.get("content-type") ?? "").toLowerCase();
}

/** The encoding that a body still is in when it was read, because the runtime does not know it (`zstd`). */
export function keptEncoding(headers: HeaderMap): string | undefined {
  const encoding = (headers.get("content-encoding") ?? "").trim().toLowerCase();
  return DECODED_ENCODINGS.has(encoding) ? undefined : encoding;
}

function invalid(reading: Reading, why: string): Outcome<AnswerBody> {
  reading.connection.stop("finished");
  return { kind: "invalid", why, status: reading.response.status };
}

function answered(reading: Reading, body: AnswerBody): Outcome<AnswerBody> {
  return { kind: "answered", status: reading.response.status, headers: reading.headers, body };
}

async function readRefusal(reading: Reading): Promise<Read> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size <= ERROR_BODY_BYTES) {
    const chunk = await reading.connection.read();
    // The status is known; a body that breaks off takes nothing from it.
    if (chunk === "end" || chunk === "broken") break;
    chunks.push(chunk);
    size += chunk.length;
  }
  if (reading.connection.stopped !== undefined) return "broken";
  reading.connection.stop("finished");
  const bytes = concatBytes(chunks).subarray(0, ERROR_BODY_BYTES);
  const { response } = reading;
  return refused(reading, bytes, { ...readErrorBody(bytes, response.status), status: response.status });
}

function refused(reading: Reading, bytes: Uint8Array, error: UpstreamError): Refused {
  const { headers } = reading;
  return {
    kind: "refused",
    status: error.status,
    headers,
    bytes,
    error,
    retryAfterMs: readRetryAfterMs(headers, error.status, reading.nowMs) ?? error.retryAfterMs,
    contextTooLong: isContextTooLong(error),
    credentialRefused: isCredentialRefused(error),
    regionRefusal: regionRefusal(error),
  };
}

/** An error where an answer was promised (a 200): it gets the status it names and a body in the dialect called. */
function refusedInside(reading: Reading, error: UpstreamError): Refused {
  const { connection, endpoint, headers } = reading;
  connection.stop("finished");
  const requestId = headers.get("request-id") ?? headers.get("x-request-id") ?? null;
  const body = endpoint.errorBody({ ...error, type: "upstream_error", param: null, requestId });
  const outcome = refused(reading, new TextEncoder().encode(JSON.stringify(body)), error);
  return { ...outcome, headers: new Map([...headers, ["content-type", "application/json"]]) };
}

async function readStream(reading: Reading): Promise<Read> {
  const { connection, endpoint } = reading;
  const watch = watchStream({ endpoint, ...reading.watching });
  const { judge } = watch;
  const held: Uint8Array[] = [];
  let heldBytes = 0;
  for (;;) {
    const chunk = await connection.read();
    if (chunk === "broken") return "broken";
    const out = chunk === "end" ? watch.end("end") : watch.take(chunk);
    held.push(out);
    heldBytes += out.length;
    if (judge.hasContent || heldBytes > HELD_STREAM_BYTES) {
      return answered(reading, { kind: "flowing", held, connection, watch, encoding: undefined });
    }
    if (judge.failure !== undefined) return refusedInside(reading, judge.failure);
    if (judge.done || chunk === "end") return invalid(reading, "its stream ended before any content");
  }
}

/** Bytes that are not looked into: committed at the first of them. */
async function readOpaque(reading: Reading, encoding: string | undefined): Promise<Read> {
  const { connection } = reading;
  const chunk = await connection.read();
  if (chunk === "broken") return "broken";
  if (chunk === "end") return invalid(reading, "its answer was empty");
  return answered(reading, { kind: "flowing", held: [chunk], connection, watch: undefined, encoding });
}

async function readWhole(reading: Reading): Promise<Read> {
  const { connection, endpoint, headers } = reading;
  const bytes = isAnnouncedSmall(headers) && !connection.isBegun ? await connection.readAll() : await readUpToLimit(connection);
  if (bytes === "broken") return "broken";
  if (!(bytes instanceof Uint8Array)) {
    if (reading.watching.translated !== undefined)
      return invalid(reading, `its answer is longer than ${WHOLE_JSON_BYTES} bytes, and would have to be translated whole`);
    return answered(reading, { kind: "flowing", held: bytes.held, connection, watch: undefined, encoding: undefined });
  }
  if (bytes.length === 0) return invalid(reading, "its answer was empty");
  const isJson = contentTypeOf(reading).includes("json");
  if (endpoint.answer === "text" && !isJson) {
    const facts = reading.watching.gathersText ? { text: new TextDecoder().decode(bytes.subarray(0, GATHERED_LENGTH)) } : {};
    return answered(reading, { kind: "whole", bytes, facts });
  }
  return judgeJson(reading, bytes);
}

/** Whether a body says that it is no longer than what is read whole. One that is still to be decoded says nothing of its length. */
function isAnnouncedSmall(headers: HeaderMap): boolean {
  const length = headers.get("content-length");
  return length !== undefined && Number(length) <= WHOLE_JSON_BYTES && !headers.has("content-encoding");
}

/** A whole body, or what was read of one that is too long to wait for. */
async function readUpToLimit(connection: Connection): Promise<Uint8Array | "broken" | { readonly held: readonly Uint8Array[] }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const chunk = await connection.read();
    if (chunk === "broken") return "broken";
    if (chunk === "end") return concatBytes(chunks);
    chunks.push(chunk);
    size += chunk.length;
    if (size > WHOLE_JSON_BYTES) return { held: chunks };
  }
}

function judgeJson(reading: Reading, bytes: Uint8Array): Outcome<AnswerBody> {
  const members = jsonMembers(withoutBom(bytes));
  if (!members.ok)
    return invalid(reading, `its answer is no whole JSON object (byte ${members.error.offset}: expected ${members.error.expected})`);
  const error = valueOf(members.value, "error");
  if (saysError(error)) return refusedInside(reading, classifyError(error));
  const { answerMembers } = reading.endpoint;
  if (!members.value.some(({ key }) => answerMembers?.includes(key) ?? true))
    return invalid(reading, `its answer has no ${answerMembers?.map((key) => JSON.stringify(key)).join(" or ") ?? "members"}`);
  const failure = reading.endpoint.failureIn?.(members.value);
  if (failure !== undefined) return refusedInside(reading, failure);
  const facts = reading.endpoint.readAnswer(members.value);
  const { translated } = reading.watching;
  if (translated !== undefined) return answeredTranslated(reading, { bytes, facts }, translated);
  const typed = withType(reading, "application/json", reading.headers.has("content-type"));
  return answered(typed, { kind: "whole", bytes, facts });
}

/** A whole answer for a caller who speaks another dialect; who asked for a stream gets one. */
function answeredTranslated(
  reading: Reading,
  { bytes, facts }: Omit<WholeBody, "kind">,
  { translation, given }: NonNullable<Watching["translated"]>,
): Outcome<AnswerBody> {
  const { wanted } = reading;
  const text = translation.whole(objectOf(parseForeign(decoder.decode(bytes))), { ...given, wanted });
  const type = wanted === "stream" ? "text/event-stream" : "application/json";
  return answered(withType(reading, type, false), { kind: "whole", bytes: encoder.encode(text), facts });
}
