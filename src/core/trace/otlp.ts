import type { AttemptRecord, TraceRecord } from "./trace-record.ts";

/**
 * Traces as OpenTelemetry spans: OTLP's JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding) with the names of the semantic conventions for
 * HTTP and generative AI (https://github.com/open-telemetry/semantic-conventions-genai). What they have no name for is `to11.…`.
 */

/** What the spans of calls say of the provider that was called. */
export interface CalledProvider {
  /** `gen_ai.provider.name`. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** One span; times in ns since the epoch, ids in hex digits. */
export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: OtlpValue }[];
  /** Left out: unset, neither right nor wrong. */
  readonly status?: { readonly code: number };
}

/** 64-bit integers are texts in JSON. */
export type OtlpValue =
  | { readonly stringValue: string }
  | { readonly intValue: string }
  | { readonly doubleValue: number }
  | { readonly boolValue: boolean }
  | { readonly arrayValue: { readonly values: readonly OtlpValue[] } };

/** Span kinds and the status code of errors; opentelemetry/proto/trace/v1/trace.proto. */
const SERVER = 2;
const CLIENT = 3;
const ERROR = { code: 2 };

/** The body of one export. */
export function otlpBody(spans: readonly OtlpSpan[]): object {
  return {
    resourceSpans: [{ resource: { attributes: attributes({ "service.name": "to11" }) }, scopeSpans: [{ scope: { name: "to11" }, spans }] }],
  };
}

/** A request's span, and below it one for each of its attempts. The tokens stand in that of the attempt that was answered only, so that no sum counts them twice. */
export function otlpSpans(trace: TraceRecord, called: (provider: string) => CalledProvider | undefined): readonly OtlpSpan[] {
  return [requestSpan(trace), ...trace.attempts.map((attempt, index) => attemptSpan(trace, attempt, index, called(attempt.provider)))];
}

function requestSpan(trace: TraceRecord): OtlpSpan {
  const failed = trace.outcome === "failed" || trace.outcome === "truncated" || trace.status >= 500;
  const { parent_span_id: parent, metadata } = trace;
  return {
    ...spanOf(trace, { offset_ms: 0, duration_ms: trace.duration_ms }),
    spanId: trace.span_id,
    ...(parent === null ? {} : { parentSpanId: parent }),
    name: trace.endpoint === null ? "request" : `POST ${trace.path}`,
    kind: SERVER,
    attributes: attributes({
      "url.path": trace.path,
      ...(trace.endpoint === null ? {} : { "http.request.method": "POST", "http.route": trace.path }),
      "http.response.status_code": trace.status,
      "http.request.body.size": trace.request_bytes,
      "http.response.body.size": trace.response_bytes,
      "error.type": failed ? (trace.error_code ?? String(trace.status)) : null,
      "user.id": trace.user_id,
      "session.id": trace.session_id,
      "gen_ai.conversation.id": trace.conversation_id,
      "deployment.environment.name": trace.environment,
      "to11.client": trace.client,
      "to11.request_id": trace.id,
      "to11.project": trace.project,
      "to11.config": trace.config,
      "to11.api_key": trace.api_key,
      "to11.key_owner": trace.key_owner,
      "to11.team": trace.team,
      "to11.requested_model": trace.requested_model,
      "to11.layer": trace.layer,
      "to11.route": trace.route,
      "to11.function": trace.function,
      "to11.strategy": trace.strategy,
      "to11.variant": trace.variant,
      "to11.target": trace.target,
      "to11.outcome": trace.outcome,
      "to11.error_code": trace.error_code,
      "to11.tool_calls": trace.tool_calls,
      "to11.simulated": trace.simulated,
      "to11.cost_usd": trace.cost_usd === null ? null : { doubleValue: trace.cost_usd },
      ...Object.fromEntries(Object.entries(metadata).map(([key, value]) => [`to11.metadata.${key}`, value])),
    }),
    ...(failed ? { status: ERROR } : {}),
  };
}

function attemptSpan(trace: TraceRecord, attempt: AttemptRecord, index: number, called: CalledProvider | undefined): OtlpSpan {
  const operation = trace.path === "/v1/completions" ? "text_completion" : trace.endpoint;
  const failed = attempt.outcome !== "answered" && attempt.outcome !== "cancelled";
  return {
    ...spanOf(trace, attempt),
    spanId: childSpanId(trace.span_id, index),
    parentSpanId: trace.span_id,
    name: operation === null ? "request" : `${operation} ${attempt.model}`,
    kind: CLIENT,
    attributes: attributes({
      "gen_ai.operation.name": operation,
      "gen_ai.provider.name": called?.name ?? attempt.provider,
      "gen_ai.request.model": attempt.model === "" ? null : attempt.model,
      "gen_ai.request.stream": trace.stream,
      "gen_ai.conversation.id": trace.conversation_id,
      "server.address": called?.host,
      "server.port": called?.port,
      "http.response.status_code": attempt.status,
      "error.type": failed ? errorType(attempt) : null,
      "to11.target": attempt.target,
      "to11.provider": attempt.provider,
      "to11.step": attempt.step,
      "to11.strategy": attempt.strategy,
      "to11.outcome": attempt.outcome,
      "to11.said": attempt.said,
      "to11.waited_ms": attempt.waited_ms,
      ...(index === trace.attempts.length - 1 ? answerOf(trace, attempt) : {}),
    }),
    ...(failed ? { status: ERROR } : {}),
  };
}

/** What the last attempt gave; nothing where it gave no answer. */
function answerOf(trace: TraceRecord, attempt: AttemptRecord): Record<string, Given> {
  const { usage, finish_reason: finish, first_content_ms: firstMs } = trace;
  return {
    "gen_ai.response.model": trace.reported_model,
    "gen_ai.response.finish_reasons": finish === null ? null : { arrayValue: { values: [{ stringValue: finish }] } },
    "gen_ai.response.time_to_first_chunk":
      trace.stream && firstMs !== null && firstMs >= attempt.offset_ms ? { doubleValue: (firstMs - attempt.offset_ms) / 1000 } : null,
    "gen_ai.usage.input_tokens": usage.input_tokens,
    "gen_ai.usage.output_tokens": usage.output_tokens,
    "gen_ai.usage.cache_read.input_tokens": usage.cached_input_tokens,
    "gen_ai.usage.cache_creation.input_tokens": usage.cache_write_tokens,
    "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens,
  };
}

function spanOf(
  trace: TraceRecord,
  lasted: { readonly offset_ms: number; readonly duration_ms: number },
): Pick<OtlpSpan, "traceId" | "startTimeUnixNano" | "endTimeUnixNano"> {
  const startMs = Date.parse(trace.started_at) + lasted.offset_ms;
  return { traceId: trace.trace_id, startTimeUnixNano: nanoseconds(startMs), endTimeUnixNano: nanoseconds(startMs + lasted.duration_ms) };
}

/** Beyond what a number holds exactly, so as text. */
function nanoseconds(ms: number): string {
  return `${ms}000000`;
}

/** The status of a refusal, or in a word what went wrong. */
function errorType({ outcome, status }: AttemptRecord): string {
  if (outcome === "refused" && status !== null) return String(status);
  return outcome === "timed_out" ? "timeout" : outcome;
}

/** The same for the same request: a batch that is sent twice makes no further spans. Never all zeros, which W3C forbids. */
function childSpanId(parent: string, index: number): string {
  const id = BigInt.asUintN(64, BigInt(`0x${parent}`) + BigInt(index + 1));
  return (id === 0n ? 1n << 63n : id).toString(16).padStart(16, "0");
}

/** A value as it is known here; `null` and `undefined` are left out. */
type Given = string | number | boolean | null | undefined | OtlpValue;

function attributes(values: Readonly<Record<string, Given>>): OtlpSpan["attributes"] {
  return Object.entries(values).flatMap(([key, value]) => (value === null || value === undefined ? [] : [{ key, value: valueOf(value) }]));
}

/** Numbers are counts; others come as `doubleValue`. */
function valueOf(value: string | number | boolean | OtlpValue): OtlpValue {
  switch (typeof value) {
    case "string":
      return { stringValue: value };
    case "number":
      return { intValue: String(value) };
    case "boolean":
      return { boolValue: value };
    default:
      return value;
  }
}
