import { saysJson } from "../core/body/content-type.ts";
import { bearsGatewayKey } from "../core/secrets/gateway-key.ts";
import { GatewayError } from "../core/gateway-error.ts";
import type { HeaderMap } from "../core/header-map.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { clientName } from "../core/trace/client-name.ts";
import type { Try } from "../core/routing/plan.ts";
import { hex, readTraceparent, writeTraceparent } from "../core/trace/traceparent.ts";
import type { Ports } from "../gateway/ports.ts";
import type { CallLabels } from "../gateway/request/call.ts";
import type { Delivery } from "../gateway/delivery.ts";
import type { TraceDraft } from "../gateway/trace-draft.ts";
import { RATE_HEADER } from "../gateway/limits/rate-headers.ts";
import { INERT_HEADERS, inertType } from "./inert.ts";

/** Request headers that may go to any upstream: these, and every `*-beta` that is not a hop's or the gateway's own. Spec, "Bodies and headers". */
const FORWARDED = /^(content-type|accept|anthropic-version|idempotency-key|user-agent|(?!x-to11-|x-forwarded-|cf-).*-beta)$/;
/** Request headers that name an account of the caller's: they belong to the caller's own key. */
const FORWARDED_ON_PASSTHROUGH: readonly string[] = ["openai-organization", "openai-project"];
/** Response headers that name the account that was called with. */
const ACCOUNT_HEADERS: ReadonlySet<string> = new Set(["openai-organization", "openai-project", "anthropic-organization-id"]);
const PASSED_BACK = /^(content-type|retry-after|retry-after-ms|.*ratelimit.*|(.*-)?request-id|openai-processing-ms|openai-version)$/;

/** Where a session's id may stand, the gateway's own header first. Spec, "Labels". */
const SESSION_HEADERS = [
  "x-to11-session-id",
  "x-claude-code-session-id",
  "x-session-affinity",
  "session-id",
  "session_id",
  "thread-id",
  "x-opencode-session",
] as const;

/** Longest `x-to11-dropped`; the trace says more. */
const DROPPED_CHARACTERS = 256;

const METADATA_ENTRIES = 16;

/**
 * The caller's headers that may go upstream, apart for those that only go with the caller's own key. A value that bears a gateway key or a secret never does. A
 * `tracestate` belongs to the trace that the caller began: https://www.w3.org/TR/trace-context/#a-traceparent-is-received.
 */
export function forwardable(
  headers: HeaderMap,
  { span, parentSpanId }: Pick<CallLabels, "span" | "parentSpanId">,
  holdsSecret: Ports["holdsSecret"],
): { readonly always: [string, string][]; readonly onPassthrough: [string, string][] } {
  const always: [string, string][] = [["traceparent", writeTraceparent(span)]];
  const onPassthrough: [string, string][] = [];
  for (const [name, value] of headers) {
    const isAlways = FORWARDED.test(name) || (name === "tracestate" && parentSpanId !== null);
    if (!isAlways && !FORWARDED_ON_PASSTHROUGH.includes(name)) continue;
    if (bearsGatewayKey(value) || holdsSecret(value)) continue;
    (isAlways ? always : onPassthrough).push([name, value]);
  }
  return { always, onPassthrough };
}

/**
 * The headers of a body that was read as JSON. Under another type, or none (`curl -d` names a form), some upstream would read another body than the one that
 * was routed, or none: it hears what the gateway read.
 */
export function saidAsJson(forwarded: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  if (forwarded.some(([name, value]) => name === "content-type" && saysJson(value))) return forwarded;
  return [...forwarded.filter(([name]) => name !== "content-type"), ["content-type", "application/json"]];
}

/** Whom a request comes from, as its headers say it. `randomBytes` gives 24 bytes for new trace and span ids. */
export function readLabels(headers: HeaderMap, randomBytes: Uint8Array): Omit<CallLabels, "apiKey" | "holder" | "metadata" | "colo"> {
  const parent = readTraceparent(headers.get("traceparent"));
  const spanId = hex(randomBytes.subarray(16, 24));
  return {
    userId: label(headers, "x-to11-user-id"),
    sessionId: sessionLabel(headers),
    conversationId: label(headers, "x-to11-conversation-id"),
    environment: label(headers, "x-to11-env"),
    client: clientOf(headers),
    span: { traceId: parent?.traceId ?? hex(randomBytes.subarray(0, 16)), spanId, flags: parent?.flags ?? "01" },
    parentSpanId: parent?.spanId ?? null,
  };
}

/** The session that the headers of a request name. */
export function sessionLabel(headers: HeaderMap): string | null {
  for (const name of SESSION_HEADERS) {
    const value = label(headers, name);
    if (value !== null) return value;
  }
  return null;
}

function clientOf(headers: HeaderMap): string | null {
  const userAgent = headers.get("user-agent");
  return userAgent === undefined || bearsGatewayKey(userAgent) ? null : clientName(userAgent);
}

function label(headers: HeaderMap, name: string): string | null {
  const value = headers.get(name);
  return value === undefined || value === "" ? null : meant(value);
}

/** Header values arrive as Latin-1, a character per byte; what is valid UTF-8 was meant as such. */
function meant(value: string): string {
  if (!/[\x80-\xff]/.test(value)) return value;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(
      Uint8Array.from(value, (character) => character.charCodeAt(0)),
    );
  } catch {
    return value;
  }
}

/** `x-to11-metadata` as a flat object, or what is wrong with it. */
export function readMetadata(headers: HeaderMap): Result<Record<string, string>, GatewayError> {
  const header = headers.get("x-to11-metadata");
  if (header === undefined || header.trim() === "") return ok({});
  const refusal = fail(
    new GatewayError(
      "invalid_request",
      `x-to11-metadata must be a JSON object of at most ${METADATA_ENTRIES} strings, such as {"feature":"search"}.`,
      { param: "x-to11-metadata" },
    ),
  );
  const value = parsed(meant(header));
  if (typeof value !== "object" || value === null || Array.isArray(value)) return refusal;
  const entries = Object.entries(value);
  if (entries.length > METADATA_ENTRIES) return refusal;
  const metadata: Record<string, string> = {};
  for (const [key, each] of entries) {
    if (typeof each !== "string") return refusal;
    metadata[key] = each;
  }
  return ok(metadata);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/**
 * The headers of an upstream's answer that reach the caller, without secrets, and the gateway's own; a plain object costs the runtime less than `Headers`.
 */
export function answerHeaders(delivery: Delivery, draft: TraceDraft, redact: Ports["redact"]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of delivery.headers) {
    // Where the gateway limits the caller, an upstream's word on what it still takes would be another limit than theirs.
    if (draft.rateHeaders !== undefined && RATE_HEADER.test(name)) continue;
    if (PASSED_BACK.test(name) || (delivery.account === "callers" && ACCOUNT_HEADERS.has(name))) headers[name] = redact(value);
  }
  headers["content-type"] = inertType(headers["content-type"]);
  if (delivery.encoding !== undefined) headers["content-encoding"] = delivery.encoding;
  if (delivery.errorCode !== undefined) headers["x-to11-error-code"] = delivery.errorCode;
  if (delivery.exhausted) headers["x-should-retry"] = "false";
  return Object.assign(headers, ownHeaders(draft));
}

/** What every answer under `/v1` says of itself, refusals included. */
export function ownHeaders(draft: TraceDraft): Record<string, string> {
  const { plan, served } = draft;
  const own: Record<string, string> = {
    "x-to11-request-id": draft.id,
    "x-to11-config": draft.config,
    traceparent: writeTraceparent(draft.labels.span),
    ...INERT_HEADERS,
    "cache-control": "no-store",
  };
  if (plan !== undefined) {
    own["x-to11-layer"] = plan.layer;
    own["x-to11-strategy"] = plan.strategy;
    own["x-to11-attempts"] = String(draft.calls);
    if (plan.route !== undefined) own["x-to11-route"] = plan.route.name;
  }
  if (served !== undefined) {
    own["x-to11-target"] = inAscii(draft.word(served.candidate.target));
    own["x-to11-upstream-provider"] = served.candidate.provider.id;
    Object.assign(own, translationHeaders(served, draft));
  }
  const variant = draft.arm?.variant;
  if (variant !== undefined) own["x-gateway-variant"] = variant.name;
  if (draft.simulated) own["x-to11-simulated"] = "true";
  return draft.rateHeaders === undefined ? own : Object.assign(own, draft.rateHeaders);
}

/** What a translation did; nothing where there is none. */
function translationHeaders({ call: { translation } }: Try, draft: TraceDraft): Readonly<Record<string, string>> {
  if (translation === undefined) return {};
  const translated = { "x-to11-translated": `${translation.from}->${translation.to}` };
  const dropped = inAscii(draft.told.join(", "));
  return dropped === "" ? translated : { ...translated, "x-to11-dropped": dropped.slice(0, DROPPED_CHARACTERS) };
}

/** A model's name may hold any character, a header value only visible ASCII: the rest is percent-encoded. Ids hold nothing else. */
function inAscii(value: string): string {
  return value.replace(/[^\x20-\x7e]+/gu, (characters) => encodeURIComponent(characters.toWellFormed()));
}
