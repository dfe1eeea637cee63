import type { Outcome, Refused } from "../../core/attempt/outcome.ts";
import { gaveWay } from "../../core/attempt/decide.ts";
import { regionRefusal } from "../../core/attempt/region-refusal.ts";
import { isCredentialRefused, readErrorBody } from "../../core/attempt/upstream-error.ts";
import { concatBytes } from "../../core/bytes.ts";
import { GatewayError } from "../../core/gateway-error.ts";
import { readUpstreamHeaders } from "../../core/header-map.ts";
import type { Plan, Try } from "../../core/routing/plan.ts";
import { endOf } from "../attempt/call-target.ts";
import { Connection } from "../attempt/connection.ts";
import { keptEncoding } from "../attempt/read-answer.ts";
import { CallerGone, exhaustion } from "../exhaustion.ts";
import type { Ports } from "../ports.ts";
import type { Delivery } from "../delivery.ts";
import { accountOf } from "../refusal.ts";
import type { Caller } from "../request/caller.ts";
import type { CredentialChoice, UpstreamAddress } from "../request/upstream-request.ts";
import { type FlowEnd, observe } from "../stream/observe.ts";
import { attemptEndOf } from "../stream/rescue.ts";
import type { AttemptDraft, TraceDraft } from "../trace-draft.ts";
import { withoutSecrets } from "../without-secrets.ts";
import { joinSockets } from "./join-sockets.ts";
import { Upload, type UploadEnd } from "./upload.ts";

/** One call to a provider's own API. */
export interface ApiOrder {
  readonly plan: Plan;
  readonly attempted: Try;
  readonly credential: CredentialChoice;
  readonly address: UpstreamAddress;
  readonly method: string;
  readonly body: ApiBody | null;
  readonly draft: TraceDraft;
  readonly caller: Caller;
}

/** A body that is passed on while it comes. */
export interface ApiBody {
  readonly stream: ReadableStream<Uint8Array>;
  /** As its caller announced it; `undefined`: not known. */
  readonly bytes: number | undefined;
  readonly maxBytes: number;
}

/** What the caller gets: an answer, or a WebSocket that is open already. */
export type ApiAnswer = { readonly kind: "answer"; readonly delivery: Delivery } | OpenSocket;

interface OpenSocket {
  readonly kind: "socket";
  readonly socket: WebSocket;
  /** What the upstream chose of the caller's `sec-websocket-protocol`. */
  readonly protocol: string | undefined;
}

/** As of all errors, more is not kept in memory. */
const ERROR_BODY_BYTES = 1024 * 1024;

/** Statuses whose answers have no body. https://fetch.spec.whatwg.org/#null-body-status */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** Bytes of an answer that count as text, where limits count tokens: what is longer is mostly a file. */
const COUNTED_BYTES = 256 * 1024;

/**
 * Makes one call as the caller would have made it, and hands the answer on while it comes.
 * @throws GatewayError where there is no answer, or it is none that a gateway hands on.
 * @throws CallerGone when the caller left before that.
 */
export async function askProvider(order: ApiOrder, ports: Ports): Promise<ApiAnswer> {
  const { draft, attempted, caller } = order;
  if (caller.gone) throw new CallerGone();
  draft.simulated = order.address.simulated;
  const { running, response, upload } = await send(begin(order, ports));
  const { status } = response;
  draft.served = attempted;
  draft.firstContentMs = draft.elapsedMs();
  running.connection.open(response);
  if (response.webSocket !== null) return openSocket(running, response.webSocket, response);
  if (status >= 300 && status < 400 && status !== 304) return unusable(running, status);
  if (status >= 400) return refuse(running, response, upload);
  return deliver(running, response, upload);
}

interface Running extends ApiOrder {
  readonly ports: Ports;
  readonly record: AttemptDraft;
  readonly connection: Connection;
}

function begin(order: ApiOrder, ports: Ports): Running {
  const { draft, attempted } = order;
  draft.calls += 1;
  return { ...order, ports, record: { attempted, offsetMs: draft.elapsedMs(), waitedMs: 0 }, connection: new Connection() };
}

interface Sent {
  readonly running: Running;
  readonly response: Response;
  readonly upload: Upload | undefined;
}

/** Sends the call and waits for the head of its answer; behind the body, no longer than for any first content. */
async function send(running: Running): Promise<Sent> {
  const { connection, ports, caller, method, address, attempted, body, draft } = running;
  const limitMs = attempted.candidate.timeoutMs;
  const askedAt = ports.now();
  let cancelTimer = (): void => undefined;
  const startTimer = (): void => void (cancelTimer = ports.after(limitMs, () => connection.stop("first_content")));
  const forget = caller.whenGone(() => connection.stop("caller"));
  const pipe = body === null ? undefined : ports.pipe(body.bytes);
  const upload = pipe === undefined ? undefined : uploadOf(running, pipe.writable);
  let isOver = false;
  if (upload === undefined) startTimer();
  const fault = upload?.ended.then((end) => {
    draft.requestBytes = upload.bytes;
    if (isOver) return undefined;
    if (end !== "sent" && end !== "not_taken") return end;
    startTimer();
    return undefined;
  });
  try {
    const init = { method, headers: address.headers, body: pipe?.readable ?? null, redirect: "manual", signal: connection.signal } as const;
    const response = await ports.fetch(address.url, init);
    isOver = true;
    return { running, response, upload };
  } catch {
    isOver = connection.stopped !== "idle";
    upload?.letGo();
    const outcome = { kind: "unreachable" as const, afterMs: ports.now() - askedAt };
    if (isStale(running, outcome.afterMs)) {
      draft.addAttempt(running.record, endOf(outcome));
      return await send(begin(running, ports));
    }
    return fail(running, (isOver ? undefined : await fault) ?? outcome, limitMs);
  } finally {
    cancelTimer();
    forget();
  }
}

/** As for models, a connection from an earlier call that was closed just as it was used again is nobody's failure. A body can be sent once only. */
function isStale({ body, connection, draft }: Running, afterMs: number): boolean {
  return body === null && connection.stopped === undefined && draft.calls === 1 && gaveWay(afterMs);
}

function uploadOf({ body, attempted, connection, ports }: Running, into: WritableStream<Uint8Array>): Upload | undefined {
  if (body === null) return undefined;
  const { stream: from, maxBytes } = body;
  const breakOff = (end: UploadEnd): void => connection.stop(end === "caller_gone" ? "caller" : "idle");
  return new Upload({ from, into, maxBytes, idleMs: attempted.candidate.idleTimeoutMs, breakOff }, ports);
}

type CallersFault = "too_large" | "caller_silent" | "caller_gone" | "upstream_silent";

/** @throws what the caller is told where no answer came. */
function fail(running: Running, fault: CallersFault | Extract<Outcome, { kind: "unreachable" }>, limitMs: number): never {
  const { connection, draft, record, attempted } = running;
  const { stopped } = connection;
  connection.stop("finished");
  if (stopped === "caller" || fault === "caller_gone") {
    draft.addAttempt(record, { outcome: "cancelled", status: null });
    throw new CallerGone();
  }
  if (fault === "too_large" || fault === "caller_silent") {
    draft.addAttempt(record, { outcome: "cancelled", status: null });
    const error = fault === "too_large" ? tooLarge(running) : silent(running);
    draft.close({ outcome: "rejected", status: error.status, errorCode: error.code, responseBytes: 0, facts: {} });
    throw error;
  }
  if (fault === "upstream_silent") {
    draft.addAttempt(record, { outcome: "timed_out", status: null, timeout: "idle" });
    throw new GatewayError(
      "upstream_timeout",
      `The provider "${attempted.candidate.provider.id}" took nothing more of the body (idle_timeout_ms).`,
    );
  }
  const outcome = stopped === "first_content" ? { kind: "timed_out" as const, limit: stopped, limitMs, status: null } : fault;
  draft.addAttempt(record, endOf(outcome));
  exhaustion(running, { attempted, outcome });
  throw new Error("an exhausted call was delivered");
}

/** The refusal of a body that is larger than what is passed on. */
export function tooLarge({ body }: Pick<ApiOrder, "body">): GatewayError {
  return new GatewayError(
    "payload_too_large",
    `The request body has more than ${body?.maxBytes ?? 0} bytes, the most that is passed on ([limits].max_upload_bytes in routes.toml).`,
  );
}

function silent({ attempted }: Running): GatewayError {
  return new GatewayError(
    "request_timeout",
    `Nothing came of the request body for ${attempted.candidate.idleTimeoutMs} ms (idle_timeout_ms).`,
  );
}

function unusable(running: Running, status: number): never {
  const { draft, record, attempted, connection } = running;
  connection.stop("finished");
  const outcome = { kind: "invalid" as const, why: "it answered with a redirect, which a gateway does not follow", status };
  draft.addAttempt(record, endOf(outcome));
  exhaustion(running, { attempted, outcome });
  throw new Error("an exhausted call was delivered");
}

async function refuse(running: Running, response: Response, upload: Upload | undefined): Promise<ApiAnswer> {
  const { attempted, draft, record, ports } = running;
  const bytes = await errorBytes(running);
  upload?.letGo();
  const { status } = response;
  const error = { ...readErrorBody(bytes, status), status };
  const headers = readUpstreamHeaders(response.headers);
  const refused: Refused = {
    kind: "refused",
    status,
    headers,
    bytes,
    retryAfterMs: undefined,
    contextTooLong: false,
    credentialRefused: isCredentialRefused(error),
    regionRefusal: regionRefusal(error),
    error,
  };
  draft.addAttempt(record, endOf(refused));
  const { bytes: shown, headers: shownHeaders } = withoutSecrets(exhaustion(running, { attempted, outcome: refused }), ports);
  draft.requestBytes = upload?.bytes ?? 0;
  draft.close({ outcome: "failed", status, errorCode: "upstream_error", responseBytes: shown.length, facts: {} });
  const delivery = { status, headers: shownHeaders, encoding: undefined, account: accountOf(running), exhausted: false };
  return { kind: "answer", delivery: { ...delivery, body: running.method === "HEAD" ? null : shown, errorCode: "upstream_error" } };
}

/** The status is known by now: a body that breaks off, or takes too long, takes nothing from it. */
async function errorBytes({ connection, attempted, caller, ports }: Running): Promise<Uint8Array> {
  const cancelTimer = ports.after(attempted.candidate.timeoutMs, () => connection.stop("first_content"));
  const forget = caller.whenGone(() => connection.stop("caller"));
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size <= ERROR_BODY_BYTES) {
    const chunk = await connection.read();
    if (chunk === "end" || chunk === "broken") break;
    chunks.push(chunk);
    size += chunk.length;
  }
  cancelTimer();
  forget();
  connection.stop("finished");
  return concatBytes(chunks).subarray(0, ERROR_BODY_BYTES);
}

function deliver(running: Running, response: Response, upload: Upload | undefined): ApiAnswer {
  const { connection, draft, record, attempted, caller, method, ports } = running;
  const { status } = response;
  const headers = readUpstreamHeaders(response.headers);
  const ended = (end: FlowEnd): void => {
    upload?.letGo();
    draft.requestBytes = upload?.bytes ?? 0;
    draft.addAttempt(record, attemptEndOf(end, status));
    const errorCode = end.outcome === "truncated" ? "stream_truncated" : null;
    draft.close({
      outcome: end.outcome,
      status,
      errorCode,
      responseBytes: end.bytes,
      textBytes: Math.min(end.bytes, COUNTED_BYTES),
      facts: {},
    });
  };
  const encoding = keptEncoding(headers);
  const delivery = { status, headers, errorCode: undefined, account: accountOf(running), exhausted: false };
  if (WITHOUT_BODY.has(status) || method === "HEAD") {
    connection.stop("finished");
    ended({ outcome: "complete", stopped: undefined, bytes: 0, textBytes: 0, facts: {}, unwatched: false });
    return { kind: "answer", delivery: { ...delivery, encoding: undefined, body: null } };
  }
  const body = { kind: "flowing", held: [], connection, watch: undefined, encoding, idleMs: attempted.candidate.idleTimeoutMs } as const;
  return { kind: "answer", delivery: { ...delivery, encoding, body: observe({ body, timeLeftMs: Infinity, caller }, ports, ended) } };
}

function openSocket({ ports, draft, record }: Running, upstream: WebSocket, response: Response): ApiAnswer {
  const { callers, own } = ports.socketPair();
  const { status } = response;
  joinSockets(own, upstream, ports, ({ outcome, fromCaller, fromUpstream }) => {
    draft.requestBytes = fromCaller;
    draft.addAttempt(
      record,
      attemptEndOf({ outcome, stopped: undefined, bytes: fromUpstream, textBytes: 0, facts: {}, unwatched: false }, status),
    );
    const errorCode = outcome === "truncated" ? "stream_truncated" : null;
    draft.close({ outcome, status, errorCode, responseBytes: fromUpstream, facts: {} });
  });
  return { kind: "socket", socket: callers, protocol: response.headers.get("sec-websocket-protocol") ?? undefined };
}
