import { GatewayError } from "../../../core/gateway-error.ts";
import type { Endpoint } from "../../../core/endpoint.ts";
import type { Resolution } from "../../../core/routing/resolve.ts";
import { callOf } from "../../../core/routing/plan.ts";
import type { Candidate, Route, RouteStep, UpstreamCall } from "../../../core/routing/routing-table.ts";
import { secretFaultText } from "../../../core/secrets/secret-fault.ts";
import { siteOfKey } from "../../../core/secrets/secret-site.ts";
import { ENDPOINTS } from "../../../endpoints/index.ts";
import { resolved, subjectOf } from "../../../gateway/answer.ts";
import { sessionLabel } from "../../headers.ts";
import { answer, type ApiCall } from "../call.ts";
import { explainRequestSchema } from "../requests.ts";
import type { ControlServices } from "../services.ts";

/** What was asked, where it stands. */
interface Question {
  readonly model: string;
  readonly path: string;
  readonly endpoint: Endpoint;
  /** An operator asks: no plan narrows it. */
  readonly plan: undefined;
  /** By their names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** How each candidate of a step would be called. */
type Calls = ReadonlyMap<Candidate, UpstreamCall | undefined>;

interface Asked {
  readonly path: string;
  readonly control: ControlServices;
}

type Explained = Parameters<typeof answer<"explainedSchema">>[1]["candidates"];

/** POST /api/explain: where a model would go, calling nobody. */
export async function explain(call: ApiCall): Promise<Response> {
  const { model, path, headers } = await call.json(explainRequestSchema, '{"model": "gpt-4o", "path": "/v1/chat/completions"}');
  const endpoint = ENDPOINTS.get(path);
  if (endpoint === undefined) {
    throw new GatewayError("invalid_request", `path must be one of ${[...ENDPOINTS.keys()].join(", ")}.`, { param: "path" });
  }
  const { table } = await call.served();
  const named = new Map(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const question = { model, path, endpoint, plan: undefined, headers: named };
  const resolution = resolved(table, model, question);
  return answer("explainedSchema", {
    layer: resolution.layer,
    route: resolution.layer === "route" ? resolution.route.name : null,
    function: resolution.layer === "function" ? resolution.route.name : null,
    strategy: resolution.layer === "passthrough" ? "passthrough" : resolution.route.strategy,
    candidates: candidatesOf(resolution, question, call.control),
    reason: reasonOf(resolution, question),
    config: table.version,
  });
}

function candidatesOf(resolution: Resolution, question: Question, control: ControlServices): Explained {
  if (resolution.layer === "passthrough") {
    const { provider, model } = resolution;
    const spoken = provider.calls.get(question.path);
    const named = { target: model, provider: provider.id, model, step: 0, variant: null, translated: spoken?.translation?.to ?? null };
    return [
      { ...named, share: spoken === undefined ? 0 : 1, skipped: spoken === undefined ? notSpoken(provider.id, question.path) : null },
    ];
  }
  const { route } = resolution;
  const subject = subjectFor(route, question.headers);
  return route.steps.flatMap((step, index) => {
    const calls = new Map(step.candidates.map((candidate) => [candidate, callOf(candidate, route, question.path)]));
    const shares = sharesOf(step, calls, subject);
    return step.candidates.map((candidate) => ({
      target: candidate.target,
      provider: candidate.provider.id,
      model: candidate.model,
      step: index,
      variant: candidate.variant?.name ?? null,
      share: shares.get(candidate) ?? 0,
      translated: calls.get(candidate)?.translation?.to ?? null,
      skipped: skippedOf(candidate, calls.get(candidate), { path: question.path, control }),
    }));
  });
}

/**
 * How likely each candidate is the first one tried, found by asking the strategy: where it draws, the shares are those of the weights; where it does not,
 * its first candidate is certain.
 */
function sharesOf(step: RouteStep, calls: Calls, subject: string | undefined): ReadonlyMap<Candidate, number> {
  const able = step.candidates.filter((candidate) => calls.get(candidate) !== undefined);
  if (able.length === 0) return new Map();
  let drawnFrom: number | undefined;
  const draw = (total: number): number => {
    drawnFrom = total;
    return 0;
  };
  const [first] = step.strategy.order(able, { draw, subject });
  const total = drawnFrom;
  if (total !== undefined) return new Map(able.map((candidate) => [candidate, candidate.weight / total]));
  return first === undefined ? new Map() : new Map([[first, 1]]);
}

/** Why a candidate would not be called. A secret that cannot be used is not seen by the draw: the share stays, and the attempt fails. */
function skippedOf({ provider, credential }: Candidate, spoken: UpstreamCall | undefined, { path, control }: Asked): string | null {
  if (spoken === undefined) return notSpoken(provider.id, path);
  const site = siteOfKey(spoken.auth, provider.origin);
  if (credential === undefined || site === undefined || control.simulator?.providers.has(provider.id) === true) return null;
  const fault = control.secretFault(credential, site);
  return fault === undefined ? null : secretFaultText(credential, fault, site);
}

function notSpoken(provider: string, path: string): string {
  return `${provider} does not speak ${path}`;
}

function subjectFor(route: Route, headers: Question["headers"]): string | undefined {
  return subjectOf(route, {
    user: headers.get("x-to11-user-id"),
    session: sessionLabel(headers),
    conversation: headers.get("x-to11-conversation-id"),
  });
}

function reasonOf(resolution: Resolution, { model, endpoint, headers }: Question): string {
  if (resolution.layer === "passthrough") {
    const { provider } = resolution;
    if (model.startsWith(`${provider.id}::`)) return `The prefix ${provider.id}:: asks for passthrough, with the caller's own key.`;
    const listed = provider.models.includes(model) ? "it" : "all";
    return `No function or route covers this model for ${endpoint.kind}; ${provider.id} is the first provider that lists ${listed}, so it is passed through.`;
  }
  const { route, layer } = resolution;
  const asked = model === route.name || model === `${layer}::${route.name}`;
  const why = asked
    ? `The ${layer} ${route.name} is asked for by its name.`
    : `The route ${route.name} covers this model for ${endpoint.kind}.`;
  return `${why} ${howOf(route, subjectFor(route, headers))}`;
}

function howOf(route: Route, subject: string | undefined): string {
  if (subject !== undefined) return `Its variant is fixed by the ${route.stickyBy ?? ""} of the request.`;
  switch (route.strategy) {
    case "single":
      return "It has one target.";
    case "weighted":
      return "Each request draws one target by weight.";
    case "fallback":
      return route.steps.length > 1 ? "Its steps are tried in order." : "Its targets are tried in order.";
    case "experiment":
      return "Each request draws one variant by weight.";
  }
}
