import { GatewayError } from "../core/gateway-error.ts";
import { isAllowed, isProviderAllowed, isReachable } from "../core/governance/allowed.ts";
import { allowedText, type KeyPlan } from "../core/governance/key-plan.ts";
import { nearest } from "../core/nearest.ts";
import { type Plan, plan } from "../core/routing/plan.ts";
import { knownNames, type Resolution, type ResolutionFault, resolve } from "../core/routing/resolve.ts";
import type { Provider, Route, RoutingTable } from "../core/routing/routing-table.ts";
import type { Chance } from "../core/routing/strategy.ts";
import { type Asked, ask } from "./request/ask.ts";
import type { Call } from "./request/call.ts";
import { missingKey, passthroughKey } from "./request/passthrough-key.ts";
import { CallerGone } from "./exhaustion.ts";
import { admit } from "./limits/admission.ts";
import type { Ports } from "./ports.ts";
import type { Delivery } from "./delivery.ts";
import { relay } from "./relay.ts";
import type { TraceDraft } from "./trace-draft.ts";
import type { CredentialChoice } from "./request/upstream-request.ts";

/** Nginx's status for a caller who left; nobody receives it, traces show it. */
const CLIENT_CLOSED_STATUS = 499;

/**
 * The way of one authenticated request: what is asked, where it goes, how, and the answer.
 * @throws GatewayError for every refusal of the gateway's own, CallerGone when nobody is left to answer: `closeRefused` then closes the trace.
 */
export async function answer(call: Call, table: RoutingTable, draft: TraceDraft, ports: Ports): Promise<Delivery> {
  draft.requestBytes = call.body.bytes.length;
  const asked = ask(call);
  draft.requestedModel = asked.model;
  draft.stream = asked.facts.stream;
  if (draft.capturesContent) draft.words = asked.words();
  const { user, session, conversation } = asked.facts;
  draft.userId ??= user === undefined ? null : draft.word(user);
  draft.sessionId ??= session === undefined ? null : draft.word(session);
  draft.conversationId ??= conversation === undefined ? null : draft.word(conversation);
  const resolution = allowed(asked.model, resolved(table, asked.model, call), call.plan);
  const settled = planned(table, resolution, { asked, call, ports });
  draft.plan = settled;
  const credential = credentialFor(table, settled, call, ports);
  const { limits } = table;
  // A call about a request uses none of what the request would.
  const uses = call.endpoint.beside === undefined ? "tokens" : "nothing";
  const admission = limits && (await admit({ limits, table, asking: { ...asked, uses }, plan: settled, credential, draft, ports }));
  return relay({ call, asked, plan: settled, credential, draft, ports, admission });
}

/** Closes the trace of a request that ended with an error of the gateway's own. */
export function closeRefused(draft: TraceDraft, error: unknown): void {
  const end = { responseBytes: 0, facts: {} };
  if (error instanceof CallerGone) {
    draft.close({ ...end, outcome: "client_closed", status: CLIENT_CLOSED_STATUS, errorCode: null });
    return;
  }
  const refusal = error instanceof GatewayError ? error : new GatewayError("internal", "");
  // An account that is full was not called.
  const isRejected = draft.attempts.length === 0 || (draft.calls === 0 && typeof draft.limits?.refused_by === "string");
  const outcome = isRejected && refusal.code !== "internal" ? "rejected" : "failed";
  draft.close({ ...end, outcome, status: refusal.status, errorCode: refusal.code });
}

/**
 * Where a model's name leads, if the key's plan lets its holder ask for it.
 * @throws GatewayError `model_not_allowed`, saying what the key may ask for.
 */
function allowed(model: string, resolution: Resolution, plan: KeyPlan | undefined): Resolution {
  if (plan?.allow === undefined || isAllowed(plan.allow, model, resolution)) return resolution;
  const where =
    resolution.layer === "passthrough" ? `${resolution.provider.id}, passed through` : `the ${resolution.layer} ${resolution.route.name}`;
  throw new GatewayError(
    "model_not_allowed",
    `This key may not ask for ${JSON.stringify(model)} (${where}): its plan ${JSON.stringify(plan.name)} allows ${allowedText(plan.allow)}.`,
    { param: "model" },
  );
}

/** What a path asks of a model's name, and whose name it is. */
type Place = Pick<Call, "path" | "endpoint" | "plan">;

/**
 * Where a model's name leads at the path called.
 * @throws GatewayError that says why it leads nowhere.
 */
export function resolved(table: RoutingTable, model: string, call: Place): Resolution {
  const resolution = resolve(table, model, call.endpoint);
  if (resolution.ok) return resolution.value;
  throw unresolvable(table, model, call, resolution.error);
}

function unresolvable(table: RoutingTable, model: string, call: Place, fault: ResolutionFault): GatewayError {
  const param = { param: "model" };
  switch (fault.kind) {
    case "wrong_kind":
      return new GatewayError(
        "endpoint_mismatch",
        `The ${fault.layer} ${JSON.stringify(fault.name)} is for ${fault.routeKind} requests; ${call.path} is for ${call.endpoint.kind}.`,
        param,
      );
    case "unknown_prefix":
      return new GatewayError(
        "unknown_model",
        `${JSON.stringify(model)} begins with ${JSON.stringify(`${fault.prefix}::`)}, which is no provider of this gateway, nor "route::" or "function::".` +
          suggestion(fault.prefix, [...providerNames(table, call), "route", "function"]),
        param,
      );
    case "empty_model":
      return new GatewayError("unknown_model", `${JSON.stringify(model)} names no model; write ${fault.provider}::MODEL.`, param);
    case "unknown_function":
    case "unknown_route": {
      const layer = fault.kind === "unknown_function" ? "function" : "route";
      const names = [...(layer === "function" ? table.functions : table.routes).keys()].filter((name) =>
        isReachable(table, call.plan?.allow, `${layer}::${name}`),
      );
      return new GatewayError(
        "unknown_model",
        `There is no ${layer} ${JSON.stringify(fault.name)}.${suggestion(fault.name, names)}`,
        param,
      );
    }
    case "unknown_name":
      return new GatewayError(
        "unknown_model",
        `No function, route or provider of this gateway knows ${JSON.stringify(model)} for ${call.endpoint.kind}.` +
          suggestion(
            model,
            [...knownNames(table)].filter((name) => isReachable(table, call.plan?.allow, name)),
          ),
        param,
      );
  }
}

/** The providers that the caller's key may pass through to. */
function providerNames(table: RoutingTable, { plan }: Place): readonly string[] {
  return [...table.providers.keys()].filter((id) => isProviderAllowed(plan?.allow, id));
}

function suggestion(name: string, names: readonly string[]): string {
  const near = nearest(name, names);
  return near === undefined ? " GET /v1/models lists what there is." : ` Did you mean ${JSON.stringify(near)}?`;
}

interface Planning {
  readonly asked: Asked;
  readonly call: Call;
  readonly ports: Ports;
}

function planned(table: RoutingTable, resolution: Resolution, planning: Planning): Plan {
  const { call, ports } = planning;
  const { labels } = call;
  const { facts } = planning.asked;
  const subjects = {
    user: labels.userId ?? facts.user,
    session: labels.sessionId ?? facts.session,
    conversation: labels.conversationId ?? facts.conversation,
  };
  const subject = resolution.layer === "passthrough" ? undefined : subjectOf(resolution.route, subjects);
  const chance: Chance = { draw: (total) => ports.draw(total), subject };
  const settled = plan(table, resolution, call.endpoint, chance);
  if (settled.ok) return settled.value;
  const what =
    resolution.layer === "passthrough"
      ? "The provider"
      : `No target of the ${resolution.layer} ${JSON.stringify(resolution.route.name)} can serve it: the providers`;
  const code = call.endpoint.beside === undefined ? "endpoint_mismatch" : "unknown_path";
  throw new GatewayError(code, `${what} ${settled.error.providers.join(", ")} cannot be called at ${call.path}.`, { param: "model" });
}

/** Whom an experiment sticks to, salted with the route's name so that two experiments split the same users differently. */
export function subjectOf(
  route: Route,
  subjects: Readonly<Record<"user" | "session" | "conversation", string | null | undefined>>,
): string | undefined {
  const subject = route.stickyBy === undefined ? undefined : subjects[route.stickyBy];
  return subject === undefined || subject === null ? undefined : `${route.name}\n${subject}`;
}

/** Whose key goes upstream. A managed route uses its own; passthrough the caller's, or the stored one where routes.toml lends it. */
function credentialFor(table: RoutingTable, settled: Plan, call: Call, ports: Ports): CredentialChoice {
  if (settled.layer !== "passthrough") return { kind: "stored" };
  const [only] = settled.tries;
  if (only === undefined) return { kind: "none" };
  const { provider, model } = only.candidate;
  const stored = provider.passthrough === "stored" && lists(table, provider, model) ? "lent" : "kept";
  const key = passthroughKey(only, { providerKey: call.providerKey, stored }, ports);
  if (key !== undefined) return key;
  throw missingKey(only, `No route covers ${JSON.stringify(model)} for ${call.endpoint.kind}, so it`, ", or add a route for this model");
}

function lists(table: RoutingTable, provider: Provider, model: string): boolean {
  return table.listings.get(model) === provider || table.listsAll === provider || provider.models.includes(model);
}
