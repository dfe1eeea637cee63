import { decide, type Place } from "../core/decide.ts";
import type { Answered, Outcome, Refused } from "../core/outcome.ts";
import type { Plan, Try } from "../core/plan.ts";
import type { AttemptOutcome } from "../core/trace-record.ts";
import type { AnswerBody } from "./answer-body.ts";
import type { Asked } from "./ask.ts";
import { attempt } from "./attempt.ts";
import type { Call } from "./call.ts";
import { CallerGone, exhaustion } from "./exhaustion.ts";
import { observe } from "./observe.ts";
import type { Ports } from "./ports.ts";
import type { AttemptDraft, TraceDraft } from "./trace-draft.ts";
import { addressOf, type CredentialChoice } from "./upstream-request.ts";

/** What the caller gets of an upstream: its status, its headers before any rule of ours, its body. */
export interface Delivery {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array | ReadableStream<Uint8Array>;
  /** Set where the body still is in an encoding the runtime does not know. */
  readonly encoding: string | undefined;
  /** `upstream_error` where an upstream's refusal is the answer. */
  readonly errorCode: "upstream_error" | undefined;
  /** Every target failed: the caller's own client should not try again at once. */
  readonly exhausted: boolean;
}

/** One request on its way along its plan. */
export interface Relay {
  readonly call: Call;
  readonly asked: Asked;
  readonly plan: Plan;
  readonly credential: CredentialChoice;
  readonly draft: TraceDraft;
  readonly ports: Ports;
}

/**
 * Tries the plan's targets in order until one answer has begun, and hands it over: the loop that the gateway is about. At most one answer leaves here.
 * @throws GatewayError when every target failed and the last one did not answer with an error of its own.
 * @throws CallerGone when the caller left before that.
 */
export async function relay(relay: Relay): Promise<Delivery> {
  const { plan, draft, call, ports } = relay;
  const { tries } = plan;
  let index = 0;
  let retriesDone = 0;
  let made = 0;
  let waitedMs = 0;
  let firstTooLong: Refused | undefined;
  for (;;) {
    const attempted = tries[index];
    if (attempted === undefined) throw new Error("a plan ran past its last target");
    if (call.caller.aborted) throw new CallerGone();
    const record: AttemptDraft = { attempted, offsetMs: draft.elapsedMs(), waitedMs };
    const outcome = await attemptOne(relay, attempted);
    if (outcome.kind === "answered") return deliver(relay, record, outcome);
    draft.addAttempt(record, nameOf(outcome), statusOf(outcome));
    if (outcome.kind !== "unsent") made += 1;
    if (outcome.kind === "refused" && outcome.contextTooLong) firstTooLong ??= outcome;
    const decision = decide(outcome, placeOf(relay, { index, made, retriesDone }));
    switch (decision.kind) {
      case "deliver":
        return deliverRefusal(relay, attempted, firstTooLong ?? exhaustion(relay, attempted, outcome));
      case "retry":
        retriesDone += 1;
        waitedMs = decision.afterMs;
        await wait(waitedMs, call.caller, ports);
        break;
      case "advance":
        index += 1;
        retriesDone = 0;
        waitedMs = 0;
        break;
      case "stop":
        if (firstTooLong !== undefined) return deliverRefusal(relay, attempted, firstTooLong);
        return { ...deliverRefusal(relay, attempted, exhaustion(relay, attempted, outcome)), exhausted: plan.layer !== "passthrough" };
    }
  }
}

function placeOf(relay: Relay, at: { readonly index: number; readonly made: number; readonly retriesDone: number }): Place {
  const { plan } = relay;
  return {
    layer: plan.layer,
    untried: plan.tries.length - at.index - 1,
    attemptsLeft: plan.maxAttempts - at.made,
    retriesDone: at.retriesDone,
    maxRetries: plan.retry.maxRetries,
    backoffBaseMs: plan.retry.backoffBaseMs,
    failoverOn: plan.failoverOn,
    jitter: relay.ports.draw(JITTER_GRAIN) / JITTER_GRAIN,
    timeLeftMs: timeLeftMs(relay),
  };
}

/** How finely a wait is jittered. */
const JITTER_GRAIN = 1024;

function timeLeftMs(relay: Relay): number {
  const { totalTimeoutMs } = relay.plan;
  return totalTimeoutMs === undefined ? Infinity : Math.max(0, totalTimeoutMs - relay.draft.elapsedMs());
}

async function attemptOne(relay: Relay, attempted: Try): Promise<Outcome<AnswerBody>> {
  const { call, asked, credential, ports, draft } = relay;
  const forwarded = credential.kind === "stored" ? call.forwarded : [...call.forwarded, ...call.forwardedOnPassthrough];
  const address = addressOf(attempted, credential, forwarded, ports);
  if ("refused" in address) return { kind: "unsent", why: address.refused };
  draft.simulated = address.simulated;
  const { body, usageEvents } = asked.bodyFor(attempted.candidate);
  const order = {
    address,
    body,
    usageEvents,
    endpoint: call.endpoint,
    firstContentMs: attempted.candidate.timeoutMs,
    timeLeftMs: timeLeftMs(relay),
    caller: call.caller,
  };
  return attempt(order, ports);
}

function nameOf(outcome: Exclude<Outcome, { kind: "answered" }>): AttemptOutcome {
  return outcome.kind;
}

function statusOf(outcome: Exclude<Outcome, { kind: "answered" }>): number | null {
  return "status" in outcome ? outcome.status : null;
}

function deliver(relay: Relay, record: AttemptDraft, outcome: Answered<AnswerBody>): Delivery {
  const { draft, call, ports } = relay;
  const { body, status, headers } = outcome;
  draft.served = record.attempted;
  draft.firstContentMs = draft.elapsedMs();
  const delivery = { status, headers, errorCode: undefined, exhausted: false };
  if (body.kind === "whole") {
    draft.addAttempt(record, "answered", status);
    draft.close({ outcome: "complete", status, errorCode: null, responseBytes: body.bytes.length, facts: body.facts });
    return { ...delivery, body: body.bytes, encoding: undefined };
  }
  const flow = {
    body,
    endpoint: call.endpoint,
    idleMs: record.attempted.candidate.idleTimeoutMs,
    timeLeftMs: timeLeftMs(relay),
    caller: call.caller,
  };
  const stream = observe(flow, ports, (end) => {
    const attemptOutcome = { complete: "answered", truncated: "cut", client_closed: "cancelled" } as const;
    draft.addAttempt(record, attemptOutcome[end.outcome], status);
    const errorCode = end.outcome === "truncated" ? "stream_truncated" : null;
    draft.close({ outcome: end.outcome, status, errorCode, responseBytes: end.bytes, facts: end.facts });
  });
  return { ...delivery, body: stream, encoding: body.encoding };
}

function deliverRefusal(relay: Relay, attempted: Try, outcome: Refused): Delivery {
  const { status, headers, bytes } = outcome;
  relay.draft.served = attempted;
  relay.draft.close({ outcome: "failed", status, errorCode: "upstream_error", responseBytes: bytes.length, facts: {} });
  return { status, headers, body: bytes, encoding: undefined, errorCode: "upstream_error", exhausted: false };
}

/** Waits, but no longer than the caller does. */
function wait(ms: number, caller: AbortSignal, ports: Ports): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      caller.removeEventListener("abort", finish);
      resolve();
    };
    const cancel = ports.after(ms, finish);
    caller.addEventListener("abort", finish);
  });
}
