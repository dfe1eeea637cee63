import { ENDPOINT_KINDS } from "../endpoint.ts";
import { type Resolution, resolve } from "../routing/resolve.ts";
import type { RoutingTable } from "../routing/routing-table.ts";
import type { AllowList } from "./key-plan.ts";

/** Whether `asked`, which led to `resolution`, may be asked for. */
export function isAllowed(allow: AllowList | undefined, asked: string, resolution: Resolution): boolean {
  if (allow === undefined || allow.models.has(asked)) return true;
  switch (resolution.layer) {
    case "route":
      return allow.routes.has(resolution.route.name);
    case "function":
      return allow.functions.has(resolution.route.name);
    case "passthrough":
      return isProviderAllowed(allow, resolution.provider.id);
  }
}

/** Whether a provider may be called as it is: for its models, past routes and functions, and for its own API. */
export function isProviderAllowed(allow: AllowList | undefined, provider: string): boolean {
  return allow === undefined || allow.providers.has(provider);
}

/** Whether some kind of endpoint may be asked for this name. For messages and `/v1/models`, not for the path of a request. */
export function isReachable(table: RoutingTable, allow: AllowList | undefined, name: string): boolean {
  if (allow === undefined) return true;
  return ENDPOINT_KINDS.some((kind) => {
    const resolution = resolve(table, name, { kind });
    return resolution.ok && isAllowed(allow, name, resolution.value);
  });
}
