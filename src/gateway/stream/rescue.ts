import type { Outcome } from "../../core/attempt/outcome.ts";
import type { Try } from "../../core/routing/plan.ts";
import type { AnswerBody } from "../attempt/answer-body.ts";
import type { UpstreamBody } from "../request/ask.ts";
import { callTarget, endOf, type Relay, timeLeftMs } from "../attempt/call-target.ts";
import type { StopReason } from "../attempt/connection.ts";
import { ContinuationGate } from "./continuation-gate.ts";
import type { FlowEnd, Source } from "./observe.ts";
import type { AttemptDraft, AttemptEnd } from "../trace-draft.ts";

/** How far a plan had come when an answer began. */
export interface Progress {
  readonly record: AttemptDraft;
  /** Which of the plan's tries answers. */
  readonly index: number;
  /** Upstream calls made so far, this one included. */
  readonly made: number;
}

/**
 * Finds targets that finish an answer whose upstream broke after the commit, for routes that ask for it, and keeps the attempts' records. See
 * docs/decisions/0002-rescue.md.
 */
export class Rescue {
  readonly #relay: Relay;
  /** The status of the attempt under way; `null`: none came yet. */
  #status: number | null;
  #record: AttemptDraft | undefined;
  #index: number;
  #made: number;

  /** Another target than the first has gone on. */
  rescued = false;

  constructor(relay: Relay, begun: Progress & { readonly status: number }) {
    this.#relay = relay;
    this.#record = begun.record;
    this.#index = begun.index;
    this.#made = begun.made;
    this.#status = begun.status;
  }

  /** The next target that goes on after what was `said`; `undefined`: there is none. */
  readonly next = async (said: string, stopped: StopReason | undefined): Promise<Source | undefined> => {
    this.#closeRecord(brokenEnd(stopped, this.#status));
    for (let attempted = this.#advance(); attempted !== undefined && this.#mayAsk(); attempted = this.#advance()) {
      const source = await this.#goOn(attempted, said);
      if (source !== undefined) return source;
    }
    return undefined;
  };

  /** Closes the record of the attempt whose answer ended. */
  close(end: FlowEnd): void {
    this.#closeRecord(attemptEndOf(end, this.#status));
  }

  #closeRecord(end: AttemptEnd): void {
    if (this.#record !== undefined) this.#relay.draft.addAttempt(this.#record, end);
    this.#record = undefined;
  }

  #advance(): Try | undefined {
    if (this.#made >= this.#relay.plan.maxAttempts) return undefined;
    const { tries } = this.#relay.plan;
    // What another dialect says cannot be joined to what the caller has.
    do this.#index += 1;
    while (tries[this.#index]?.call.translation !== undefined);
    return tries[this.#index];
  }

  /** Whether anybody still waits for the rest. */
  #mayAsk(): boolean {
    return !this.#relay.call.caller.gone && timeLeftMs(this.#relay) > 0;
  }

  /** Asks one target to go on, by prefill where the route says so, else (or where it refuses that) to say it all again. */
  async #goOn(attempted: Try, said: string): Promise<Source | undefined> {
    const { asked, plan } = this.#relay;
    const prefilled = plan.route?.rescue === "prefill" ? asked.prefilledBodyFor(attempted.candidate, said) : undefined;
    if (prefilled !== undefined) {
      const answer = await this.#call(attempted, { upstream: prefilled, toSkip: "" });
      if (answer !== "refused") return answer;
    }
    if (this.#made >= plan.maxAttempts || !this.#mayAsk()) return undefined;
    const again = await this.#call(attempted, { upstream: asked.bodyFor(attempted.candidate), toSkip: said });
    return again === "refused" ? undefined : again;
  }

  async #call(attempted: Try, how: { readonly upstream: UpstreamBody; readonly toSkip: string }): Promise<Source | "refused" | undefined> {
    const { call, draft } = this.#relay;
    const { continuation } = call.endpoint;
    if (continuation === undefined) return undefined;
    const record = { attempted, offsetMs: draft.elapsedMs(), waitedMs: 0 };
    // Kept before the call is made: a caller who leaves meanwhile closes the trace.
    this.#record = record;
    this.#status = null;
    const gate = new ContinuationGate(continuation, how.toSkip);
    const outcome = await callTarget(this.#relay, attempted, { upstream: how.upstream, framing: "whole_events", gate });
    if (outcome.kind !== "unsent") this.#made += 1;
    const answer = sourceOf(outcome, attempted);
    if (answer !== undefined) {
      this.#status = answer.status;
      this.rescued = true;
      draft.served = attempted;
      return answer.source;
    }
    this.#closeRecord(outcome.kind === "answered" ? { outcome: "invalid", status: outcome.status } : endOf(outcome));
    return outcome.kind === "refused" && outcome.status < 500 ? "refused" : undefined;
  }
}

/** A stream to go on with; a plain answer cannot be joined to one. */
function sourceOf(outcome: Outcome<AnswerBody>, attempted: Try): { readonly source: Source; readonly status: number } | undefined {
  if (outcome.kind !== "answered" || outcome.body.kind !== "flowing") return undefined;
  if (outcome.body.watch === undefined) {
    outcome.body.connection.stop("finished");
    return undefined;
  }
  return { source: { ...outcome.body, idleMs: attempted.candidate.idleTimeoutMs }, status: outcome.status };
}

/** What a trace says of the attempt whose answer flowed to such an end. */
export function attemptEndOf({ outcome, stopped }: FlowEnd, status: number | null): AttemptEnd {
  switch (outcome) {
    case "complete":
      return { outcome: "answered", status };
    case "truncated":
      return brokenEnd(stopped, status);
    case "client_closed":
      return { outcome: "cancelled", status };
  }
}

function brokenEnd(stopped: StopReason | undefined, status: number | null): AttemptEnd {
  if (stopped === "idle" || stopped === "total") return { outcome: "timed_out", status, timeout: stopped };
  return { outcome: "cut", status };
}
