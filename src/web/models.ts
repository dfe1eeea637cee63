import { ENDPOINT_KINDS } from "../core/endpoint.ts";
import { GatewayError } from "../core/gateway-error.ts";
import type { RoutingTable } from "../core/routing/routing-table.ts";

/** One entry of `GET /v1/models`, in OpenAI's shape. `created` is 0: the gateway does not know. */
export interface Model {
  readonly id: string;
  readonly object: "model";
  readonly created: 0;
  /** The provider, for a passthrough model; `to11` for what a route or function serves. */
  readonly owned_by: string;
}

const MANAGED = "to11";

/** What a caller may ask for: functions, routes by name, covered and passthrough models. */
export function listModels(table: RoutingTable): { readonly object: "list"; readonly data: readonly Model[] } {
  return { object: "list", data: [...modelsOf(table).values()] };
}

/**
 * One of them.
 * @throws GatewayError `unknown_model`.
 */
export function oneModel(table: RoutingTable, id: string): Model {
  const found = modelsOf(table).get(id);
  if (found === undefined) {
    throw new GatewayError("unknown_model", `There is no ${JSON.stringify(id)}. GET /v1/models lists what there is.`, { param: "model" });
  }
  return found;
}

function modelsOf(table: RoutingTable): ReadonlyMap<string, Model> {
  const models = new Map<string, Model>();
  const add = (id: string, ownedBy: string): void => {
    if (!models.has(id)) models.set(id, { id, object: "model", created: 0, owned_by: ownedBy });
  };
  for (const name of table.functions.keys()) add(`function::${name}`, MANAGED);
  for (const name of table.routes.keys()) add(`route::${name}`, MANAGED);
  for (const kind of ENDPOINT_KINDS) for (const model of table.routesByModel[kind].keys()) add(model, MANAGED);
  for (const [model, provider] of table.listings) add(model, provider.id);
  return models;
}
