import { fail, ok, type Result } from "../result.ts";
import type { TraceOutcome, TraceRecord } from "./trace-record.ts";

/** The names that GET /api/traces, the live view and `to11 traces` filter by. */
export const TRACE_FILTERS = [
  "since",
  "until",
  "status",
  "outcome",
  "provider",
  "model",
  "route",
  "function",
  "target",
  "variant",
  "session",
  "user",
  "environment",
  "api_key",
  "trace_id",
  "min_tokens",
  "max_tokens",
  "q",
] as const;
export type TraceFilterName = (typeof TRACE_FILTERS)[number];

/** Which traces are meant: all that pass every condition given. Plain data, so that it travels to the objects that hold the traces. */
export interface TraceFilter {
  /** Started at this time or later; ms since the epoch. */
  readonly sinceMs?: number;
  /** Started before this time; ms since the epoch. */
  readonly untilMs?: number;
  /** `error`: failed, truncated or rejected; `ok`: everything else. */
  readonly status?: "ok" | "error";
  readonly outcome?: TraceOutcome;
  /** Conditions of the form "this member is this text". */
  readonly equal?: Partial<Readonly<Record<EqualityName, string>>>;
  /** Input and output together. A trace whose usage was not reported has no such number and does not pass. */
  readonly minTokens?: number;
  readonly maxTokens?: number;
  /** Occurs somewhere in the trace's names, ids or metadata; lower case. */
  readonly q?: string;
}

/** Why parameters are no filter. */
export type FilterFault =
  | { readonly kind: "unknown"; readonly name: string }
  | { readonly kind: "repeated"; readonly name: string }
  | { readonly kind: "invalid"; readonly name: TraceFilterName; readonly expected: string };

type EqualityName =
  | "provider"
  | "model"
  | "route"
  | "function"
  | "target"
  | "variant"
  | "session"
  | "user"
  | "environment"
  | "api_key"
  | "trace_id";

/** What an equality compares with; any one of several will do. */
const COMPARED: Readonly<Record<EqualityName, (trace: TraceRecord) => readonly (string | null)[]>> = {
  provider: (trace) => [trace.provider],
  model: (trace) => [trace.requested_model, trace.upstream_model, trace.reported_model],
  route: (trace) => [trace.route],
  function: (trace) => [trace.function],
  target: (trace) => [trace.target],
  variant: (trace) => [trace.variant],
  session: (trace) => [trace.session_id],
  user: (trace) => [trace.user_id],
  environment: (trace) => [trace.environment],
  api_key: (trace) => [trace.api_key],
  trace_id: (trace) => [trace.trace_id],
};

const COMPARISONS = Object.entries(COMPARED);

const OUTCOMES = ["complete", "rescued", "truncated", "client_closed", "failed", "rejected"] as const satisfies readonly TraceOutcome[];
const ERRORS: ReadonlySet<TraceOutcome> = new Set(["failed", "truncated", "rejected"]);

/** A day, or a moment with its zone: a moment without one would mean something else to each reader. */
const MOMENT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;
export const MOMENT_EXPECTED = "an ISO 8601 time with its zone, such as 2026-11-20T12:00:00Z, or a UTC day, such as 2026-11-20";
const COUNT_EXPECTED = "a whole number of tokens, 0 or more";

/** What one parameter adds to a filter; `undefined`: its value is not of the form `expected` describes. */
interface Parameter {
  readonly expected: string;
  read(value: string): TraceFilter | undefined;
}

const PARAMETERS: Readonly<Record<Exclude<TraceFilterName, EqualityName>, Parameter>> = {
  since: { expected: MOMENT_EXPECTED, read: (value) => numbered(momentMs(value), (sinceMs) => ({ sinceMs })) },
  until: { expected: MOMENT_EXPECTED, read: (value) => numbered(momentMs(value), (untilMs) => ({ untilMs })) },
  status: { expected: '"ok" or "error"', read: (value) => (value === "ok" || value === "error" ? { status: value } : undefined) },
  outcome: {
    expected: `one of ${OUTCOMES.join(", ")}`,
    read: (value) => {
      const outcome = OUTCOMES.find((known) => known === value);
      return outcome === undefined ? undefined : { outcome };
    },
  },
  min_tokens: { expected: COUNT_EXPECTED, read: (value) => numbered(count(value), (minTokens) => ({ minTokens })) },
  max_tokens: { expected: COUNT_EXPECTED, read: (value) => numbered(count(value), (maxTokens) => ({ maxTokens })) },
  q: { expected: "a text to look for", read: (value) => (value === "" ? undefined : { q: value.toLowerCase() }) },
};

/** Reads a filter from query parameters; every one must be a filter's name, given once. */
export function readTraceFilter(parameters: Iterable<readonly [string, string]>): Result<TraceFilter, FilterFault> {
  let filter: TraceFilter = {};
  const seen = new Set<string>();
  for (const [given, value] of parameters) {
    const name = TRACE_FILTERS.find((known) => known === given);
    if (name === undefined) return fail({ kind: "unknown", name: given });
    if (seen.has(name)) return fail({ kind: "repeated", name });
    seen.add(name);
    if (isEquality(name)) {
      if (value === "") return fail({ kind: "invalid", name, expected: "a name" });
      filter = { ...filter, equal: { ...filter.equal, [name]: value } };
      continue;
    }
    const parameter = PARAMETERS[name];
    const part = parameter.read(value);
    if (part === undefined) return fail({ kind: "invalid", name, expected: parameter.expected });
    filter = { ...filter, ...part };
  }
  const { sinceMs = -Infinity, untilMs = Infinity, minTokens = 0, maxTokens = Infinity } = filter;
  if (sinceMs >= untilMs) return fail({ kind: "invalid", name: "since", expected: "before until" });
  if (minTokens > maxTokens) return fail({ kind: "invalid", name: "min_tokens", expected: "at most max_tokens" });
  return ok(filter);
}

/** Whether a trace passes every condition of a filter. */
export function matches(filter: TraceFilter, trace: TraceRecord): boolean {
  return (
    startedWithin(filter, trace) &&
    (filter.status === undefined || (filter.status === "error") === isError(trace)) &&
    (filter.outcome === undefined || filter.outcome === trace.outcome) &&
    equalities(filter).every(([name, wanted]) => COMPARED[name](trace).includes(wanted)) &&
    hasTokens(filter, trace) &&
    (filter.q === undefined || mentions(trace, filter.q))
  );
}

/** Whether a trace counts as an error: failed, truncated or rejected. */
export function isError({ outcome }: Pick<TraceRecord, "outcome">): boolean {
  return ERRORS.has(outcome);
}

/**
 * All that a trace can be found by, as short texts; `tail` is its id's. A pack keeps a summary of its traces' terms, so that packs without those of a filter
 * are not opened.
 */
export function termsOf(trace: TraceRecord, tail: string): readonly string[] {
  const terms = [tail, trace.outcome, isError(trace) ? "error" : "ok"];
  for (const [name, members] of COMPARISONS) {
    for (const value of members(trace)) if (value !== null) terms.push(`${name}=${value}`);
  }
  return terms;
}

/** The terms that a trace must have to pass a filter. */
export function termsOfFilter(filter: TraceFilter): readonly string[] {
  const named = equalities(filter).map(([name, wanted]) => `${name}=${wanted}`);
  return [...named, filter.outcome, filter.status].filter((term) => term !== undefined);
}

function startedWithin({ sinceMs, untilMs }: TraceFilter, trace: TraceRecord): boolean {
  if (sinceMs === undefined && untilMs === undefined) return true;
  const startedMs = Date.parse(trace.started_at);
  return startedMs >= (sinceMs ?? -Infinity) && startedMs < (untilMs ?? Infinity);
}

function hasTokens({ minTokens, maxTokens }: TraceFilter, trace: TraceRecord): boolean {
  if (minTokens === undefined && maxTokens === undefined) return true;
  const tokens = tokensOf(trace);
  return tokens !== null && tokens >= (minTokens ?? 0) && tokens <= (maxTokens ?? Infinity);
}

/** Input and output together; `null`: neither was reported. */
export function tokensOf({ usage }: TraceRecord): number | null {
  if (usage.input_tokens === null && usage.output_tokens === null) return null;
  return (usage.input_tokens ?? 0) + (usage.output_tokens ?? 0);
}

function mentions(trace: TraceRecord, q: string): boolean {
  const texts = [
    ...Object.values(COMPARED).flatMap((members) => members(trace)),
    trace.id,
    trace.conversation_id,
    trace.error_code,
    trace.path,
    ...Object.entries(trace.metadata).flat(),
  ];
  return texts.some((text) => text !== null && text.toLowerCase().includes(q));
}

function equalities(filter: TraceFilter): readonly (readonly [EqualityName, string])[] {
  return Object.entries(filter.equal ?? {}).flatMap(([name, wanted]) => (isEquality(name) ? [[name, wanted] as const] : []));
}

function isEquality(name: string): name is EqualityName {
  return Object.hasOwn(COMPARED, name);
}

/** ms since the epoch of an ISO 8601 time with its zone, or of a UTC day; NaN for anything else. */
export function momentMs(value: string): number {
  return MOMENT.test(value) ? Date.parse(value) : Number.NaN;
}

function count(value: string): number {
  return /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
}

function numbered(value: number, part: (value: number) => TraceFilter): TraceFilter | undefined {
  return Number.isNaN(value) ? undefined : part(value);
}
