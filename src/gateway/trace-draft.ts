import { costUsd } from "../core/usage/cost.ts";
import type { AnswerFacts } from "../core/endpoint.ts";
import type { Plan, Try } from "../core/routing/plan.ts";
import type { Candidate, RoutingTable } from "../core/routing/routing-table.ts";
import { keptLabels } from "../core/trace/labels.ts";
import type { Words } from "../core/trace/trace-content.ts";
import type { AttemptOutcome, AttemptRecord, TraceOutcome, TraceRecord } from "../core/trace/trace-record.ts";
import { usageOf } from "../core/usage/usage.ts";
import { traceWord } from "../core/trace/trace-word.ts";
import type { CallLabels, Holder } from "./request/call.ts";
import type { Ports } from "./ports.ts";
import { steadyClock } from "./steady-clock.ts";

/** Losses of a translation that a trace and a caller are told of at most. */
const MOST_DROPPED = 16;

/** What is known of a request when it arrives. */
export interface TraceStart {
  readonly id: string;
  readonly startedAtMs: number;
  readonly path: string;
  readonly endpoint: TraceRecord["endpoint"];
  readonly labels: CallLabels;
}

/** How a request ended, for its trace. */
export interface TraceEnd {
  readonly outcome: TraceOutcome;
  readonly status: number;
  readonly errorCode: TraceRecord["error_code"];
  readonly responseBytes: number;
  readonly facts: AnswerFacts;
  /** Characters of the answer's text, or a little more, as far as they were counted. */
  readonly textBytes?: number;
  /** Left out: whatever was said was read. */
  readonly unwatched?: boolean;
}

/** An attempt whose answer is still on its way. */
export interface AttemptDraft {
  readonly attempted: Try;
  readonly offsetMs: number;
  readonly waitedMs: number;
}

/** What came of an attempt. */
export interface AttemptEnd {
  readonly outcome: AttemptOutcome;
  readonly status: number | null;
  readonly timeout?: AttemptRecord["timeout"];
  readonly said?: string;
}

/** The trace of one request while it is being served. Filled along the path, closed exactly once: later closings do nothing. */
export class TraceDraft {
  readonly #start: TraceStart;
  readonly #table: RoutingTable;
  readonly #ports: Ports;
  readonly #now: () => number;
  #closed = false;
  readonly attempts: AttemptRecord[] = [];
  requestedModel: string | null = null;
  stream = false;
  requestBytes = 0;
  userId: string | null;
  sessionId: string | null;
  conversationId: string | null;
  simulated = false;
  /** Upstream calls made so far. */
  calls = 0;
  plan: Plan | undefined;
  /** The try whose answer the caller gets. */
  served: Try | undefined;
  /** What the last translation lost. */
  dropped: readonly string[] = [];
  firstContentMs: number | null = null;
  /** What the limits did; `null`: nothing about it is limited. */
  limits: TraceRecord["limits"] = null;
  /** How the caller's limits stand; `undefined`: nobody limits it. */
  rateHeaders: Readonly<Record<string, string>> | undefined;
  /** Called once when it closes. */
  whenClosed: ((end: TraceEnd) => void) | undefined;
  /** What the request says, where that is to be kept. */
  words: Words | null = null;

  constructor(start: TraceStart, table: RoutingTable, ports: Ports) {
    this.#start = start;
    this.#table = table;
    this.#ports = ports;
    this.#now = steadyClock(() => ports.now(), start.startedAtMs);
    this.userId = start.labels.userId;
    this.sessionId = start.labels.sessionId;
    this.conversationId = start.labels.conversationId;
  }

  get id(): string {
    return this.#start.id;
  }

  get labels(): CallLabels {
    return this.#start.labels;
  }

  /** First 8 hex digits of the configuration that serves this request. */
  get config(): string {
    return this.#table.version.slice(0, 8);
  }

  /** Whether what is said is kept. */
  get capturesContent(): boolean {
    return this.#table.traces.captureContent;
  }

  /** The arm of an experiment that was drawn, whether it answered or failed; `undefined` outside experiments. */
  get arm(): Candidate | undefined {
    const candidate = (this.served ?? this.plan?.tries[0])?.candidate;
    return candidate?.variant === undefined ? undefined : candidate;
  }

  /** Milliseconds since the request began; never less than before. */
  elapsedMs(): number {
    return this.#now() - this.#start.startedAtMs;
  }

  /** Keeps what came of an attempt. */
  addAttempt(draft: AttemptDraft, end: AttemptEnd): void {
    const { attempted } = draft;
    this.attempts.push({
      target: this.word(attempted.candidate.target),
      provider: attempted.candidate.provider.id,
      model: this.word(attempted.candidate.model),
      step: attempted.step,
      strategy: attempted.strategy,
      offset_ms: draft.offsetMs,
      duration_ms: this.elapsedMs() - draft.offsetMs,
      status: end.status,
      outcome: end.outcome,
      timeout: end.timeout ?? null,
      waited_ms: draft.waitedMs,
      ...(end.said === undefined ? {} : { said: this.word(end.said) }),
    });
  }

  /** What the translation lost whose answer the caller gets. */
  get told(): readonly string[] {
    return this.served?.call.translation === undefined ? [] : this.dropped.slice(0, MOST_DROPPED).map((each) => this.word(each));
  }

  /** What somebody else said, as the trace keeps it. On passthrough the caller names the target. */
  word(text: string): string {
    return traceWord(text, this.#ports.redact);
  }

  /** Closes the trace and hands it over for storing. */
  close(end: TraceEnd): void {
    if (this.#closed) return;
    this.#closed = true;
    this.whenClosed?.(end);
    const content = this.capturesContent ? { request: this.words, answer: end.facts.text ?? null } : undefined;
    this.#ports.record(this.#record(end), content);
  }

  #record(end: TraceEnd): TraceRecord {
    const { plan, served, labels } = this;
    const word = (text: string | null | undefined): string | null =>
      text === null || text === undefined || text === "" ? null : this.word(text);
    const kept = keptLabels({ ...labels, userId: this.userId, sessionId: this.sessionId, conversationId: this.conversationId }, (text) =>
      this.word(text),
    );
    const usage = usageOf(end.facts.usage);
    return {
      format: 1,
      id: this.id,
      project: this.#table.project,
      started_at: new Date(this.#start.startedAtMs).toISOString(),
      duration_ms: this.elapsedMs(),
      first_content_ms: this.firstContentMs,
      endpoint: this.#start.endpoint,
      path: this.word(this.#start.path),
      stream: this.stream,
      requested_model: word(this.requestedModel),
      layer: plan?.layer ?? null,
      route: plan?.layer === "route" ? (plan.route?.name ?? null) : null,
      function: plan?.layer === "function" ? (plan.route?.name ?? null) : null,
      strategy: plan?.strategy ?? null,
      variant: this.arm?.variant?.name ?? null,
      variant_weight: this.arm?.weight ?? null,
      target: word(served?.candidate.target),
      provider: served?.candidate.provider.id ?? null,
      upstream_model: word(served?.candidate.model),
      reported_model: word(end.facts.model),
      translated: served?.call.translation?.to ?? null,
      dropped: this.told,
      status: end.status,
      outcome: end.outcome,
      error_code: end.errorCode,
      finish_reason: word(end.facts.finishReason),
      attempts: this.attempts,
      usage,
      cost_usd: costUsd(usage, served?.candidate.price),
      unwatched: end.unwatched ?? false,
      tool_calls: end.facts.toolCalls ?? 0,
      request_bytes: this.requestBytes,
      response_bytes: end.responseBytes,
      simulated: this.simulated,
      user_id: kept.userId,
      session_id: kept.sessionId,
      conversation_id: kept.conversationId,
      environment: kept.environment,
      client: labels.client,
      metadata: labels.holder === undefined ? kept.metadata : withHolder(kept.metadata, labels.holder),
      trace_id: labels.span.traceId,
      span_id: labels.span.spanId,
      parent_span_id: labels.parentSpanId,
      config: this.config,
      api_key: labels.apiKey,
      key_owner: labels.holder?.owner ?? null,
      team: labels.holder?.team ?? null,
      colo: labels.colo,
      limits: this.limits,
    };
  }
}

/** Begins the names of what a key says of its holder: a caller can say nothing under them. */
const KEY_PREFIX = "key.";

function withHolder(said: TraceRecord["metadata"], { metadata }: Holder): TraceRecord["metadata"] {
  const ofCaller = Object.entries(said).filter(([name]) => !name.startsWith(KEY_PREFIX));
  return Object.fromEntries([...ofCaller, ...Object.entries(metadata).map(([name, value]) => [KEY_PREFIX + name, value] as const)]);
}
