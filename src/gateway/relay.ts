import { decide, type Place } from "../core/attempt/decide.ts";
import type { Answered, Outcome } from "../core/attempt/outcome.ts";
import type { Try } from "../core/routing/plan.ts";
import type { Translation, Untranslatable } from "../core/translation.ts";
import type { AnswerBody } from "./attempt/answer-body.ts";
import type { Caller } from "./request/caller.ts";
import { callTarget, endOf, type Relay, timeLeftMs } from "./attempt/call-target.ts";
import type { Delivery } from "./delivery.ts";
import { CallerGone, type Failure } from "./exhaustion.ts";
import { accountOf, deliverRefusal, type Refusal, refusalOf } from "./refusal.ts";
import { type FlowEnd, type FlowOrder, observe } from "./stream/observe.ts";
import type { Ports } from "./ports.ts";
import { attemptEndOf, type Progress, Rescue } from "./stream/rescue.ts";
import type { AttemptDraft, TraceDraft, TraceEnd } from "./trace-draft.ts";

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
  let firstTooLong: Refusal | undefined;
  /** What came of those that were asked: of targets that were passed over nothing did. */
  let last: Failure | undefined;
  const passedOver: Untranslatable[] = [];
  for (;;) {
    const attempted = tries[index];
    if (attempted === undefined) throw new Error("a plan ran past its last target");
    if (call.caller.gone) throw new CallerGone();
    const record: AttemptDraft = { attempted, offsetMs: draft.elapsedMs(), waitedMs };
    const outcome = await attemptTarget(relay, attempted);
    if (outcome.kind === "answered") return deliver(relay, { record, index, made: made + 1 }, outcome);
    draft.addAttempt(record, endOf(outcome));
    if (outcome.kind === "cancelled") throw new CallerGone();
    if (outcome.kind === "passed_over") passedOver.push(...outcome.reasons);
    else last = { attempted, outcome };
    if (outcome.kind !== "unsent" && outcome.kind !== "passed_over") made += 1;
    if (outcome.kind === "refused" && outcome.contextTooLong) firstTooLong ??= { attempted, outcome };
    const decision = decide(outcome, placeOf(relay, { index, made, retriesDone }));
    switch (decision.kind) {
      case "deliver":
        return deliverRefusal(relay, firstTooLong ?? refusalOf(relay, last, passedOver));
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
        if (firstTooLong !== undefined) return deliverRefusal(relay, firstTooLong);
        return { ...deliverRefusal(relay, refusalOf(relay, last, passedOver)), exhausted: plan.layer !== "passthrough" };
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
  const { translation } = attempted.call;
  if (translation !== undefined) return attemptTranslated(relay, attempted, translation);
  return callTarget(relay, attempted, {
    upstream: relay.asked.bodyFor(attempted.candidate),
    framing: mayBeRescued(relay, attempted) ? "whole_events" : "as_it_came",
  });
}

async function attemptTranslated(relay: Relay, attempted: Try, translation: Translation): Promise<Outcome<AnswerBody>> {
  const { asked, draft, plan } = relay;
  const losses = plan.route?.strictTranslation === true ? "refused" : "told";
  const translated = asked.translatedFor(attempted.candidate, { translation, losses });
  if (!translated.ok) return { kind: "passed_over", reasons: translated.error };
  draft.dropped = translated.value.losses;
  return callTarget(relay, attempted, {
    upstream: { body: translated.value.body, usageEvents: "shown" },
    framing: "as_it_came",
    translated: { translation, changed: translated.value.changed },
  });
}

/** Only an answer that came in the caller's dialect is finished by another target. */
function mayBeRescued({ asked, plan, call }: Relay, { call: { translation } }: Try): boolean {
  const { endpoint } = call;
  return (
    translation === undefined && plan.route?.rescue !== undefined && endpoint.continuation !== undefined && (asked.facts.choices ?? 1) === 1
  );
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
  const ending = mayBeRescued(relay, progress.record.attempted)
    ? rescuedEnding(relay, { ...progress, status })
    : plainEnding(draft, progress.record, status);
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
