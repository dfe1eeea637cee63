import { GatewayError } from "../../core/gateway-error.ts";
import type { Units } from "../../core/governance/limit.ts";
import { loopIn, type ToolCall } from "../../core/governance/loop.ts";
import { inputTokens, microUsd, reservedTokens, type Tokens, toldMicroUsd, usedTokens, wordTokens } from "../../core/governance/reserve.ts";
import type { LimitedSubject } from "../../core/governance/subject.ts";
import type { TableLimits } from "../../core/governance/table-limits.ts";
import type { Plan, Try } from "../../core/routing/plan.ts";
import type { RoutingTable } from "../../core/routing/routing-table.ts";
import type { Price } from "../../core/usage/usage.ts";
import { usageOf } from "../../core/usage/usage.ts";
import type { Ports } from "../ports.ts";
import type { CredentialChoice } from "../request/upstream-request.ts";
import type { TraceDraft, TraceEnd } from "../trace-draft.ts";
import { limitedSubjects, whoCalls } from "./limited-subjects.ts";
import type { Holding, TakeOrder, Taking } from "./meters.ts";
import { rateHeaders } from "./rate-headers.ts";
import { limitRefusal, limitsUnavailable } from "./refusal.ts";

/** What is to be admitted. */
export interface AdmissionOrder {
  readonly limits: TableLimits;
  readonly table: Pick<RoutingTable, "project" | "traces">;
  readonly asking: Asking;
  readonly plan: Plan;
  readonly credential: CredentialChoice;
  readonly draft: TraceDraft;
  readonly ports: Ports;
}

/** What limits want to know of a request, besides its size. */
export interface Asking {
  /** The tokens that it allows an answer; `undefined`: it does not say. */
  maxOutputTokens(): number | undefined;
  /** The tool calls of its conversation, in their order. */
  toolCalls(): readonly ToolCall[];
  /** `nothing`: it is a call that no tokens are counted of. */
  readonly uses: "tokens" | "nothing";
}

/** An attempt that is under way, and what it took of its account and target. */
interface Attempted {
  readonly price: Price | undefined;
  readonly holding: Holding | undefined;
}

/**
 * Takes what a request needs of all that limit its caller. What it used is settled when its trace closes.
 * @throws GatewayError `rate_limit_exceeded`, `insufficient_quota`, `limits_unavailable`, `loop_detected`.
 */
export async function admit(order: AdmissionOrder): Promise<Admission> {
  refuseLoop(order);
  const { limits, plan, draft, ports } = order;
  const subjects = limitedSubjects(limits, whoCalls(draft), plan);
  const admission = new Admission(order, subjects);
  draft.whenClosed = (end) => admission.close(end);
  if (subjects.length === 0) return admission;
  const taking = await ports.meters.take({ ...placeOf(order), subjects, units: admission.reserved });
  admission.noteAsking(taking);
  if (taking.kind === "unavailable") throw limitsUnavailable();
  if (taking.kind === "refused") throw admission.refused(taking);
  admission.holding = taking.holding;
  const standings = taking.holding.standing();
  draft.rateHeaders = standings === undefined ? {} : rateHeaders(standings, ports.now());
  return admission;
}

function refuseLoop({ limits, plan, asking }: AdmissionOrder): void {
  const most = plan.route === undefined ? limits.sameToolCall : plan.route.sameToolCall;
  const loop = most === undefined ? undefined : loopIn(asking.toolCalls(), most);
  if (loop === undefined) return;
  throw new GatewayError(
    "loop_detected",
    `The last ${loop.times} tool calls of this conversation are the same call of ${JSON.stringify(loop.name)} with the same arguments; ` +
      `${most} are the most (same_tool_call). Another call, or other arguments, go on.`,
    { param: "same_tool_call" },
  );
}

function placeOf({ table, limits }: AdmissionOrder): Pick<TakeOrder, "project" | "jurisdiction" | "onUnavailable"> {
  return { project: table.project, jurisdiction: table.traces.jurisdiction, onUnavailable: limits.onUnavailable };
}

/** What one request has taken, from its admission to its end. */
export class Admission {
  readonly #order: AdmissionOrder;
  readonly #tokens: Tokens;
  readonly #countsMoney: boolean;
  /** Of the caller's subjects; `undefined`: none is limited. */
  holding: Holding | undefined;
  /** What is reserved for the request. */
  readonly reserved: Units;
  #attempted: Attempted | undefined;
  /** What attempts used whose answers broke. */
  #broken = { tokens: 0, usd: 0 };
  #saidBytes = 0;
  #isPassedOver = false;

  constructor(order: AdmissionOrder, subjects: readonly LimitedSubject[]) {
    this.#order = order;
    const { asking, draft, limits, plan } = order;
    this.#tokens = reservedTokens({
      bodyBytes: draft.requestBytes,
      maxOutputTokens: asking.maxOutputTokens(),
      meanOutputTokens: order.ports.meters.outputMeans.of(this.#meanName()),
      reserve: limits.reserve,
    });
    this.#countsMoney = subjects.some(inMoney);
    const dearest = plan.tries.map(({ candidate }) => this.#reservedUsd(candidate.price, candidate.model));
    this.reserved = {
      requests: 1,
      slots: 1,
      tokens: this.#usesNothing ? 0 : this.#sum(this.#tokens),
      usd: this.#countsMoney ? Math.max(...dearest) : 0,
    };
  }

  /** Keeps for the trace what asking the meters took. */
  noteAsking({ asked, waitedMs }: Pick<Taking, "asked" | "waitedMs">): void {
    const { draft } = this.#order;
    draft.limits = { refused_by: null, asked: (draft.limits?.asked ?? 0) + asked, waited_ms: (draft.limits?.waited_ms ?? 0) + waitedMs };
  }

  /** What the caller is told, and the trace. */
  refused({ subject, shortage }: Extract<Taking, { kind: "refused" }>): GatewayError {
    const refusal = limitRefusal(subject, shortage);
    const { draft } = this.#order;
    draft.limits = { asked: 0, waited_ms: 0, ...draft.limits, refused_by: refusal.details.param ?? null };
    return refusal;
  }

  /** Takes what the next attempt needs of its account and target; a refusal where they are full. */
  async begin({ candidate }: Try): Promise<GatewayError | undefined> {
    const { credential, limits, ports } = this.#order;
    const along = credential.kind === "caller" ? undefined : candidate.along;
    const { price } = candidate;
    if (along === undefined) {
      this.#passOn();
      this.#attempted = { price, holding: undefined };
      return undefined;
    }
    const subjects = along.map((each): LimitedSubject => ({ ...each, revision: limits.revision, timezone: limits.timezone }));
    const usd = subjects.some(inMoney) ? this.#reservedUsd(price, candidate.model) : 0;
    const taking = await ports.meters.take({ ...placeOf(this.#order), subjects, units: { ...this.reserved, usd }, within: this.holding });
    this.noteAsking(taking);
    if (taking.kind === "taken") {
      this.#passOn();
      this.#attempted = { price, holding: taking.holding };
      return undefined;
    }
    this.#isPassedOver = true;
    return taking.kind === "unavailable" ? limitsUnavailable() : this.refused(taking);
  }

  /** An account that was full before refused nothing in the end. */
  #passOn(): void {
    const { draft } = this.#order;
    if (draft.limits?.refused_by !== undefined) draft.limits = { ...draft.limits, refused_by: null };
  }

  /** The attempt gave no content, so it used nothing but a call. */
  failed(): void {
    this.#attempted?.holding?.settle({ requests: 1, slots: 0, tokens: 0, usd: 0 });
    this.#attempted = undefined;
  }

  /** The answer broke when the caller had `said` of it; another attempt may go on. */
  broke(said: string): void {
    const saidBytes = new TextEncoder().encode(said).length;
    const used = { input: inputTokens(this.#bodyBytes), output: wordTokens(saidBytes - this.#saidBytes) };
    this.#saidBytes = saidBytes;
    this.#settleAttempt(used, undefined);
  }

  /** The request is over. */
  close(end: TraceEnd): void {
    // Of a provider's own API an error comes here as it is.
    if (end.outcome === "failed") this.failed();
    if (this.#attempted !== undefined) {
      const usage = usageOf(end.facts.usage);
      const textBytes = end.unwatched === true ? end.responseBytes : (end.textBytes ?? end.facts.text?.length ?? 0);
      const used = usedTokens(usage, { bodyBytes: this.#bodyBytes, textBytes });
      if (usage.output_tokens !== null) this.#order.ports.meters.outputMeans.note(this.#meanName(), usage.output_tokens);
      const { price } = this.#attempted;
      this.#settleAttempt(used, price === undefined ? undefined : toldMicroUsd(usage, price));
    }
    // What a limit refused is counted nowhere.
    const requests = this.#isPassedOver && this.#order.draft.calls === 0 ? 0 : 1;
    this.holding?.settle({ requests, slots: 0, ...this.#broken });
  }

  #settleAttempt(tokens: Tokens, toldUsd: number | undefined): void {
    if (this.#attempted === undefined) return;
    const { price, holding } = this.#attempted;
    const isFree = this.#order.credential.kind === "caller" || price === undefined;
    const used = this.#usesNothing
      ? { tokens: 0, usd: 0 }
      : { tokens: this.#sum(tokens), usd: isFree ? 0 : (toldUsd ?? microUsd(tokens, price)) };
    holding?.settle({ requests: 1, slots: 0, ...used });
    this.#broken = { tokens: this.#broken.tokens + used.tokens, usd: this.#broken.usd + used.usd };
    this.#attempted = undefined;
  }

  get #bodyBytes(): number {
    return this.#order.draft.requestBytes;
  }

  #sum({ input, output }: Tokens): number {
    return input + output;
  }

  get #usesNothing(): boolean {
    return this.#order.asking.uses === "nothing";
  }

  #meanName(): string {
    const { plan, table } = this.#order;
    return `${table.project}/${plan.route === undefined ? `${plan.tries[0]?.candidate.provider.id}::${plan.tries[0]?.candidate.model}` : `${plan.layer}/${plan.route.name}`}`;
  }

  /** @throws GatewayError `config_error` where money is counted and nobody knows what the model costs. */
  #reservedUsd(price: Price | undefined, model: string): number {
    if (this.#order.credential.kind === "caller" || this.#usesNothing) return 0;
    if (price !== undefined) return microUsd(this.#tokens, price);
    if (!this.#countsMoney) return 0;
    const what =
      model === ""
        ? "a call to a provider's own API costs, so it is not made with a stored key where a limit in USD holds: bring your own"
        : `${JSON.stringify(model)} costs, and a limit in USD holds for this call: routes.toml needs [models.${JSON.stringify(model)}] with a price`;
    throw new GatewayError("config_error", `Nobody knows what ${what}.`);
  }
}

function inMoney({ limits }: Pick<LimitedSubject, "limits">): boolean {
  return limits.some(({ unit }) => unit === "usd");
}
