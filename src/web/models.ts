import { ENDPOINT_KINDS } from "../core/endpoint.ts";
import { isReachable } from "../core/governance/allowed.ts";
import type { AllowList } from "../core/governance/key-plan.ts";
import { GatewayError } from "../core/gateway-error.ts";
import type { Provider, Route, RoutingTable } from "../core/routing/routing-table.ts";

/** What may be asked for, by one name. */
interface Model {
  readonly id: string;
  /** The provider of a passthrough model; `to11` for what a route or function serves. */
  readonly ownedBy: string;
  readonly limits: Limits;
}

/** Tokens; `undefined`: not known. */
interface Limits {
  readonly contextWindow: number | undefined;
  readonly maxOutputTokens: number | undefined;
}

/** How a dialect tells models. */
interface ModelForm {
  readonly list: (models: readonly Model[]) => object;
  readonly one: (model: Model) => object;
}

/** What is listed, and which of it. */
interface Shown {
  readonly table: RoutingTable;
  /** `undefined`: everything. */
  readonly allow: AllowList | undefined;
}

const MODELS_PATH = "/v1/models";

/** Whose dialect the call of a path is in that has one form for each: a call of the list that names a version of Anthropic's API is in Anthropic's. */
export function dialectPath(path: string, anthropicVersion: string | undefined): string {
  return isModelsPath(path) && anthropicVersion !== undefined ? "/v1/messages" : path;
}

/** Whether a path is that of the list of models, or of one of them. */
export function isModelsPath(path: string): boolean {
  return path === MODELS_PATH || path.startsWith(`${MODELS_PATH}/`);
}

/**
 * What a caller may ask for, or one of them: functions and routes by name, covered and passthrough models.
 * @throws GatewayError `unknown_model`.
 */
export function modelsAt(path: string, { table, allow }: Shown, anthropicVersion: string | undefined): object {
  const form = anthropicVersion === undefined ? OPENAI : ANTHROPIC;
  const id = path.slice(MODELS_PATH.length + 1);
  const models = modelsOf(table);
  if (id === "") return form.list([...models.values()].filter((model) => isReachable(table, allow, model.id)));
  const found = models.get(id) ?? prefixed(table, id);
  if (found === undefined || !isReachable(table, allow, id)) {
    throw new GatewayError("unknown_model", `There is no ${JSON.stringify(id)}. GET /v1/models lists what there is.`, { param: "model" });
  }
  return form.one(found);
}

/** https://platform.openai.com/docs/api-reference/models, with the limits that OpenRouter and others tell there. `created` is 0: the gateway does not know. */
const OPENAI: ModelForm = {
  list: (models) => ({ object: "list", data: models.map(OPENAI.one) }),
  one: ({ id, ownedBy, limits: { contextWindow, maxOutputTokens } }) => ({
    id,
    object: "model",
    created: 0,
    owned_by: ownedBy,
    ...(contextWindow === undefined ? {} : { context_window: contextWindow }),
    ...(maxOutputTokens === undefined ? {} : { max_output_tokens: maxOutputTokens }),
  }),
};

/** https://platform.claude.com/docs/en/api/models: `created_at` may be the epoch where it is not known. All are on one page. */
const ANTHROPIC: ModelForm = {
  list: (models) => ({
    data: models.map(ANTHROPIC.one),
    has_more: false,
    first_id: models.at(0)?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
  }),
  one: ({ id, limits: { contextWindow, maxOutputTokens } }) => ({
    type: "model",
    id,
    display_name: id,
    created_at: "1970-01-01T00:00:00Z",
    max_input_tokens: contextWindow ?? null,
    max_tokens: maxOutputTokens ?? null,
  }),
};

const MANAGED = "to11";

/** By their plain names, which every picker shows and every client may send; the prefixed ones mean the same. */
function modelsOf(table: RoutingTable): ReadonlyMap<string, Model> {
  const models = new Map<string, Model>();
  const add = (id: string, ownedBy: string, limits: Limits): void => {
    if (!models.has(id)) models.set(id, { id, ownedBy, limits });
  };
  for (const route of [...table.functions.values(), ...table.routes.values()]) add(route.name, MANAGED, limitsOfRoute(table, route));
  for (const kind of ENDPOINT_KINDS)
    for (const [model, route] of table.routesByModel[kind]) add(model, MANAGED, limitsOfRoute(table, route));
  for (const [model, provider] of table.listings) add(model, provider.id, limitsOf(table, provider, model));
  return models;
}

function prefixed(table: RoutingTable, id: string): Model | undefined {
  const [layer, name = ""] = id.split("::");
  const route = layer === "route" ? table.routes.get(name) : layer === "function" ? table.functions.get(name) : undefined;
  return route === undefined ? undefined : { id, ownedBy: MANAGED, limits: limitsOfRoute(table, route) };
}

/** What holds whichever target serves: the smallest limit, where all are known. */
function limitsOfRoute(table: RoutingTable, route: Route): Limits {
  const each = route.steps.flatMap(({ candidates }) => candidates.map(({ provider, model }) => limitsOf(table, provider, model)));
  return {
    contextWindow: smallest(each.map(({ contextWindow }) => contextWindow)),
    maxOutputTokens: smallest(each.map(({ maxOutputTokens }) => maxOutputTokens)),
  };
}

function limitsOf(table: RoutingTable, provider: Provider, model: string): Limits {
  const settings = table.models.get(model);
  return { contextWindow: settings?.contextWindow ?? provider.contextWindows.get(model), maxOutputTokens: settings?.maxOutputTokens };
}

function smallest(limits: readonly (number | undefined)[]): number | undefined {
  const known = limits.filter((limit) => limit !== undefined);
  return known.length > 0 && known.length === limits.length ? Math.min(...known) : undefined;
}
