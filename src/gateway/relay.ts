import { decide, type Place } from "../core/attempt/decide.ts";
import type { HeaderMap } from "../core/header-map.ts";
import type { Answered, Outcome, Refused } from "../core/attempt/outcome.ts";
import type { Try } from "../core/routing/plan.ts";
import type { AnswerBody } from "./attempt/answer-body.ts";
import type { Caller } from "./request/caller.ts";
import { callTarget, endOf, type Relay, timeLeftMs } from "./attempt/call-target.ts";
import { CallerGone, exhaustion } from "./exhaustion.ts";
import { type FlowEnd, type FlowOrder, observe } from "./stream/observe.ts";
import type { Ports } from "./ports.ts";
import { attemptEndOf, type Progress, Rescue } from "./stream/rescue.ts";
import type { AttemptDraft, TraceDraft, TraceEnd } from "./trace-draft.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** What the caller gets of an upstream: its status, its headers before any rule of ours, its body. */
export interface Delivery {
  readonly status: number;
  readonly headers: HeaderMap;
  /** `null`: such an answer has none (204, `HEAD`). */
  readonly body: Uint8Array | ReadableStream<Uint8Array> | null;
  /** Set where the body still is in an encoding the runtime does not know. */
  readonly encoding: string | undefined;
  /** `upstream_error` where an upstream's refusal is the answer. */
  readonly errorCode: "upstream_error" | undefined;
  /** Whose account the upstream's answer speaks of. */
  readonly account: "callers" | "gateways";
  /** Every target failed: the caller's own client should not try again at once. */
  readonly exhausted: boolean;
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
    if (call.caller.gone) throw new CallerGone();
    const record: AttemptDraft = { attempted, offsetMs: draft.elapsedMs(), waitedMs };
    const outcome = await attemptTarget(relay, attempted);
    if (outcome.kind === "answered") return deliver(relay, { record, index, made: made + 1 }, outcome);
    draft.addAttempt(record, endOf(outcome));
    if (outcome.kind === "cancelled") throw new CallerGone();
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

function attemptTarget(relay: Relay, attempted: Try): Promise<Outcome<AnswerBody>> {
  return callTarget(relay, attempted, {
    upstream: relay.asked.bodyFor(attempted.candidate),
    framing: mayBeRescued(relay) ? "whole_events" : "as_it_came",
  });
}

function mayBeRescued({ asked, plan, call }: Relay): boolean {
  return plan.route?.rescue !== undefined && call.endpoint.continuation !== undefined && (asked.facts.choices ?? 1) === 1;
}

function deliver(relay: Relay, progress: Progress, outcome: Answered<AnswerBody>): Delivery {
  const { draft, call, ports } = relay;
  const { body, status, headers } = outcome;
  draft.served = progress.record.attempted;
  draft.firstContentMs = draft.elapsedMs();
  const delivery = { status, headers, errorCode: undefined, account: accountOf(relay), exhausted: false };
  if (body.kind === "whole") {
    draft.addAttempt(progress.record, { outcome: "answered", status });
    draft.close({ outcome: "complete", status, errorCode: null, responseBytes: body.bytes.length, facts: body.facts });
    return { ...delivery, body: body.bytes, encoding: undefined };
  }
  const ending = mayBeRescued(relay) ? rescuedEnding(relay, { ...progress, status }) : plainEnding(draft, progress.record, status);
  const flow = {
    body: { ...body, idleMs: progress.record.attempted.candidate.idleTimeoutMs },
    timeLeftMs: timeLeftMs(relay),
    caller: call.caller,
    ...(ending.rescue === undefined ? {} : { rescue: ending.rescue }),
  };
  return { ...delivery, body: observe(flow, ports, ending.ended), encoding: body.encoding };
}

/** What is to be done when a stream breaks, and when it is over. */
interface Ending {
  readonly rescue?: NonNullable<FlowOrder["rescue"]>;
  readonly ended: (end: FlowEnd) => void;
}

/** Nothing here holds the request's body: from the commit on nobody needs it. */
function plainEnding(draft: TraceDraft, record: AttemptDraft, status: number): Ending {
  return {
    ended(end) {
      draft.addAttempt(record, attemptEndOf(end, status));
      closeWith(draft, end, { outcome: end.outcome, status });
    },
  };
}

function rescuedEnding(relay: Relay, progress: Progress & { readonly status: number }): Ending {
  const { call, draft } = relay;
  const letGo = call.body.hold();
  const rescue = new Rescue(relay, progress);
  return {
    rescue: rescue.next,
    ended(end) {
      letGo();
      rescue.close(end);
      closeWith(draft, end, { outcome: end.outcome === "complete" && rescue.rescued ? "rescued" : end.outcome, status: progress.status });
    },
  };
}

function closeWith(draft: TraceDraft, { bytes, facts, unwatched }: FlowEnd, how: Pick<TraceEnd, "outcome" | "status">): void {
  const errorCode = how.outcome === "truncated" ? "stream_truncated" : null;
  draft.close({ ...how, errorCode, responseBytes: bytes, facts, unwatched });
}

function deliverRefusal(relay: Relay, attempted: Try, outcome: Refused): Delivery {
  const { status, headers, bytes } = withoutSecrets(outcome, relay.ports);
  relay.draft.served = attempted;
  relay.draft.close({ outcome: "failed", status, errorCode: "upstream_error", responseBytes: bytes.length, facts: {} });
  return {
    status,
    headers,
    body: bytes,
    encoding: undefined,
    errorCode: "upstream_error",
    account: accountOf(relay),
    exhausted: false,
  };
}

function accountOf({ credential }: Relay): Delivery["account"] {
  return credential.kind === "stored" ? "gateways" : "callers";
}

/** Waits, but no longer than the caller does. */
function wait(ms: number, caller: Caller, ports: Ports): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      forget();
      resolve();
    };
    const cancel = ports.after(ms, finish);
    const forget = caller.whenGone(finish);
  });
}
