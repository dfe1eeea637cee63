import type { Endpoint } from "../endpoint.ts";
import type { Resolution } from "./resolve.ts";
import { fail, ok, type Result } from "../result.ts";
import type { Candidate, RetryPolicy, Route, RouteStep, RoutingTable, UpstreamCall } from "./routing-table.ts";
import type { Chance, StrategyName } from "./strategy.ts";

/** One target in its place in a plan. */
export interface Try {
  readonly candidate: Candidate;
  readonly call: UpstreamCall;
  /** Which step of the route it stands in, from 0. */
  readonly step: number;
  /** What chose it. */
  readonly strategy: StrategyName | "passthrough";
}

/** What will be done for one request, settled before anyone is called. */
export interface Plan {
  readonly layer: "passthrough" | "route" | "function";
  /** `undefined` for passthrough. */
  readonly route: Route | undefined;
  readonly strategy: StrategyName | "passthrough";
  /** First to last, at least one. */
  readonly tries: readonly Try[];
  readonly retry: RetryPolicy;
  readonly failoverOn: ReadonlySet<number>;
  /** Upstream calls that this request may make at most, retries included. */
  readonly maxAttempts: number;
  /** For all attempts and the answer together; `undefined`: no bound. */
  readonly totalTimeoutMs: number | undefined;
}

/** No target's provider speaks the path called. */
export interface PlanFault {
  readonly kind: "path_not_spoken";
  readonly providers: readonly string[];
}

/** Attempts that a request may always make, however few targets it has: retries need room too. */
const LEAST_ATTEMPTS_BOUND = 6;

/** Passthrough is one attempt; a second one stands by for a connection that proves to be dead before anything was asked. */
const PASSTHROUGH_ATTEMPTS_BOUND = 2;

const NO_RETRY: RetryPolicy = { maxRetries: 0, backoffBaseMs: 0 };
const NO_STATUSES: ReadonlySet<number> = new Set();

/** The tries for a resolution, in order, with one draw of chance per step that draws. Targets whose provider does not speak the path are left out. */
export function plan(table: RoutingTable, resolution: Resolution, endpoint: Endpoint, chance: Chance): Result<Plan, PlanFault> {
  if (resolution.layer === "passthrough") return planPassthrough(table, resolution, endpoint);
  const { route } = resolution;
  const tries = route.steps.flatMap((step, index) => triesOf(step, index, { route, endpoint }, chance));
  if (tries.length === 0) {
    const providers = new Set(route.steps.flatMap((step) => step.candidates.map((candidate) => candidate.provider.id)));
    return fail({ kind: "path_not_spoken", providers: [...providers] });
  }
  return ok({
    layer: route.layer,
    route,
    strategy: route.strategy,
    tries,
    retry: route.retry,
    failoverOn: route.failoverOn,
    maxAttempts: Math.max(LEAST_ATTEMPTS_BOUND, tries.length),
    totalTimeoutMs: route.totalTimeoutMs,
  });
}

/** What a request asks of a step. */
interface Asked {
  readonly route: Route;
  readonly endpoint: Endpoint;
}

function triesOf(step: RouteStep, index: number, { route, endpoint }: Asked, chance: Chance): readonly Try[] {
  const able = step.candidates.filter((candidate) => callOf(candidate, route, endpoint.path) !== undefined);
  if (able.length === 0) return [];
  return step.strategy.order(able, chance).flatMap((candidate) => {
    const call = callOf(candidate, route, endpoint.path);
    return call === undefined ? [] : [{ candidate, call, step: index, strategy: step.strategy.name }];
  });
}

/** How a route's candidate is called on a path; `undefined`: its provider does not speak it, and is not to be asked in another dialect. */
export function callOf({ provider }: Candidate, { translate }: Pick<Route, "translate">, path: string): UpstreamCall | undefined {
  const call = provider.calls.get(path);
  return call?.translation === undefined || translate ? call : undefined;
}

function planPassthrough(
  table: RoutingTable,
  resolution: Extract<Resolution, { layer: "passthrough" }>,
  endpoint: Endpoint,
): Result<Plan, PlanFault> {
  const { provider, model } = resolution;
  const call = provider.calls.get(endpoint.path);
  if (call === undefined) return fail({ kind: "path_not_spoken", providers: [provider.id] });
  const settings = table.models.get(model);
  const candidate: Candidate = {
    target: model,
    provider,
    model,
    credential: provider.credential,
    weight: 1,
    timeoutMs: settings?.timeoutMs ?? provider.timeoutMs,
    idleTimeoutMs: provider.idleTimeoutMs,
    maxOutputTokens: settings?.maxOutputTokens,
    price: settings?.price ?? provider.prices.get(model),
    variant: undefined,
  };
  return ok({
    layer: "passthrough",
    route: undefined,
    strategy: "passthrough",
    tries: [{ candidate, call, step: 0, strategy: "passthrough" }],
    retry: NO_RETRY,
    failoverOn: NO_STATUSES,
    maxAttempts: PASSTHROUGH_ATTEMPTS_BOUND,
    totalTimeoutMs: undefined,
  });
}
