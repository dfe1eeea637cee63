import { ENDPOINT_KINDS, type Endpoint, type EndpointKind } from "../endpoint.ts";
import { fail, ok, type Result } from "../result.ts";
import type { Provider, Route, RoutingTable } from "./routing-table.ts";

/** Where a name leads. */
export type Resolution =
  | { readonly layer: "route" | "function"; readonly route: Route }
  | { readonly layer: "passthrough"; readonly provider: Provider; readonly model: string };

/** Why a name leads nowhere. */
export type ResolutionFault =
  | { readonly kind: "unknown_name"; readonly name: string }
  | { readonly kind: "unknown_function" | "unknown_route"; readonly name: string }
  | { readonly kind: "unknown_prefix"; readonly prefix: string }
  | { readonly kind: "empty_model"; readonly provider: string }
  | { readonly kind: "wrong_kind"; readonly layer: "route" | "function"; readonly name: string; readonly routeKind: EndpointKind };

/** An id of routes.toml: what can stand before `::`. A model such as `ft:gpt-4o:acme::a1` has no prefix by this rule. */
const ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** What a path asks of a name. */
type AskedKind = Pick<Endpoint, "kind">;

/**
 * Where a request's `model` leads when it is asked for at `endpoint`: an explicit prefix looks in its own layer only; otherwise a function of that name, a
 * route of that name, a route that covers the model for this kind, the first provider that lists it by name, the first that lists all.
 */
export function resolve(table: RoutingTable, name: string, endpoint: AskedKind): Result<Resolution, ResolutionFault> {
  const separator = name.indexOf("::");
  if (separator >= 0) {
    const prefix = name.slice(0, separator);
    if (prefix === "" || ID.test(prefix)) return resolvePrefixed(table, prefix, name.slice(separator + 2), endpoint);
  }
  const named = table.functions.get(name) ?? table.routes.get(name);
  if (named !== undefined) return fitting(named, endpoint);
  const covering = table.routesByModel[endpoint.kind].get(name);
  if (covering !== undefined) return ok({ layer: covering.layer, route: covering });
  const provider = table.listings.get(name) ?? table.listsAll;
  if (provider !== undefined) return ok({ layer: "passthrough", provider, model: name });
  return fail({ kind: "unknown_name", name });
}

function resolvePrefixed(table: RoutingTable, prefix: string, name: string, endpoint: AskedKind): Result<Resolution, ResolutionFault> {
  if (prefix === "function" || prefix === "route") {
    const found = prefix === "function" ? table.functions.get(name) : table.routes.get(name);
    if (found !== undefined) return fitting(found, endpoint);
    return fail({ kind: prefix === "function" ? "unknown_function" : "unknown_route", name });
  }
  const provider = table.providers.get(prefix);
  if (provider === undefined) return fail({ kind: "unknown_prefix", prefix });
  if (name === "") return fail({ kind: "empty_model", provider: prefix });
  return ok({ layer: "passthrough", provider, model: name });
}

function fitting(route: Route, endpoint: AskedKind): Result<Resolution, ResolutionFault> {
  if (route.kind === undefined || route.kind === endpoint.kind) return ok({ layer: route.layer, route });
  return fail({ kind: "wrong_kind", layer: route.layer, name: route.name, routeKind: route.kind });
}

/** Every name a caller may ask for: functions, routes, covered and listed models. For messages and `/v1/models`, not for the path of a request. */
export function knownNames(table: RoutingTable): ReadonlySet<string> {
  const names = new Set<string>([...table.functions.keys(), ...table.routes.keys()]);
  for (const kind of ENDPOINT_KINDS) for (const model of table.routesByModel[kind].keys()) names.add(model);
  for (const model of table.listings.keys()) names.add(model);
  return names;
}
