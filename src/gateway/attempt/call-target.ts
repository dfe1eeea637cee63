import type { Outcome } from "../../core/attempt/outcome.ts";
import type { Plan, Try } from "../../core/routing/plan.ts";
import type { AnswerGiven, ChangedAsk, Translation } from "../../core/translation.ts";
import type { AnswerBody } from "./answer-body.ts";
import type { Asked, UpstreamBody } from "../request/ask.ts";
import { attempt } from "./attempt.ts";
import type { Call } from "../request/call.ts";
import { forwardedTo } from "../request/forwarded-headers.ts";
import type { ContinuationGate } from "../stream/continuation-gate.ts";
import type { Ports } from "../ports.ts";
import type { Watching } from "./read-answer.ts";
import type { AttemptEnd, TraceDraft } from "../trace-draft.ts";
import { addressOf, type CredentialChoice } from "../request/upstream-request.ts";

/** One request on its way along its plan. */
export interface Relay {
  readonly call: Call;
  readonly asked: Asked;
  readonly plan: Plan;
  readonly credential: CredentialChoice;
  readonly draft: TraceDraft;
  readonly ports: Ports;
}

/** What one call to a target is made of, besides the target. */
export interface TargetCall {
  readonly upstream: UpstreamBody;
  readonly framing: Watching["framing"];
  readonly gate?: ContinuationGate;
  /** Set where the target speaks another dialect. */
  readonly translated?: { readonly translation: Translation; readonly changed: ChangedAsk | undefined };
}

const MS_PER_SECOND = 1000;

/** Makes one upstream call for a request. */
export async function callTarget(relay: Relay, attempted: Try, made: TargetCall): Promise<Outcome<AnswerBody>> {
  const { call, asked, credential, ports, draft } = relay;
  const forwarded = forwardedTo(attempted.candidate.provider, call, credential, ports);
  const query = made.translated === undefined ? call.query : [];
  const address = addressOf(attempted, credential, { forwarded, query, wanted: asked.wanted }, ports);
  if ("refused" in address) return { kind: "unsent", why: address.refused };
  draft.simulated = address.simulated;
  draft.calls += 1;
  const { body, usageEvents } = made.upstream;
  const { translated } = made;
  const order = {
    address,
    body,
    endpoint: translated?.translation.endpoint ?? call.endpoint,
    wanted: asked.wanted,
    watching: {
      usageEvents,
      choices: asked.facts.choices ?? 1,
      framing: made.framing,
      ...(draft.capturesContent ? { gathersText: true as const } : {}),
      ...(made.gate === undefined ? {} : { gate: made.gate }),
      ...(translated === undefined
        ? {}
        : { translated: { translation: translated.translation, given: { ...givenTo(relay, attempted), changed: translated.changed } } }),
    },
    firstContentMs: attempted.candidate.timeoutMs,
    timeLeftMs: timeLeftMs(relay),
    caller: call.caller,
  };
  return attempt(order, ports);
}

/** What the writer of a translated answer has to know of the request. */
function givenTo({ asked, draft, ports }: Relay, { candidate }: Try): AnswerGiven {
  return { id: draft.id, model: candidate.model, createdAt: Math.floor(ports.now() / MS_PER_SECOND), usage: asked.usage };
}

/** What a trace says of an attempt that gave no answer. */
export function endOf(outcome: Exclude<Outcome, { kind: "answered" }>): AttemptEnd {
  const status = "status" in outcome ? outcome.status : null;
  const timeout = outcome.kind === "timed_out" ? outcome.limit : null;
  const said = outcome.kind === "refused" ? outcome.regionRefusal : undefined;
  return { outcome: outcome.kind, status, timeout, ...(said === undefined ? {} : { said }) };
}

/** What the route's total timeout leaves, ms; `Infinity` where it has none. */
export function timeLeftMs(relay: Relay): number {
  const { totalTimeoutMs } = relay.plan;
  return totalTimeoutMs === undefined ? Infinity : Math.max(0, totalTimeoutMs - relay.draft.elapsedMs());
}
