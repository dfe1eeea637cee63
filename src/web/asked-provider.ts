import { isOtherPath } from "../config/other-paths.ts";
import { GatewayError } from "../core/gateway-error.ts";
import type { HeaderMap } from "../core/header-map.ts";
import { nearest } from "../core/nearest.ts";
import { apiPathFault, behindBase } from "../core/routing/api-path.ts";
import type { Provider, RoutingTable } from "../core/routing/routing-table.ts";
import { ENDPOINTS } from "../endpoints/index.ts";

/** Where all of a provider's API is: `/providers/openai/files`. */
const PROVIDERS = "/providers/";
const V1 = "/v1/";

/** A provider, and what is asked of its own API. */
export interface AskedProvider {
  readonly provider: Provider;
  /** Behind the provider's address, as it was written: `files/file-1`. */
  readonly path: string;
}

/**
 * The provider whose own API a request is for, by its address or by `x-to11-provider`; `undefined`: it is for the gateway. `path` as it was written.
 * @throws GatewayError where nobody can tell whose, or the path leads out of it.
 */
export function askedProvider(path: string, headers: HeaderMap, table: RoutingTable): AskedProvider | undefined {
  const asked = path.startsWith(PROVIDERS) ? byAddress(path, table) : byHeader(path, headers, table);
  const fault = asked === undefined ? undefined : apiPathFault(asked.path);
  if (fault !== undefined)
    throw new GatewayError("invalid_request", `The path behind the provider ${fault}; write it as the provider's own documentation does.`);
  return asked && { ...asked, path: behindBase(asked.provider.api.baseUrl, asked.path) };
}

function byAddress(path: string, table: RoutingTable): AskedProvider {
  const [id = ""] = path.slice(PROVIDERS.length).split("/", 1);
  const provider = table.providers.get(id);
  if (provider === undefined) throw new GatewayError("unknown_path", noProvider(id, table));
  return { provider, path: path.slice(PROVIDERS.length + id.length + 1) };
}

function byHeader(path: string, headers: HeaderMap, table: RoutingTable): AskedProvider | undefined {
  const behind = path.slice(V1.length);
  if (!path.startsWith(V1) || behind === "" || ENDPOINTS.has(path)) return undefined;
  const id = headers.get("x-to11-provider");
  const param = { param: "x-to11-provider" };
  if (id !== undefined) {
    const provider = table.providers.get(id);
    if (provider === undefined) throw new GatewayError("invalid_request", noProvider(id, table), param);
    return { provider, path: behind };
  }
  const all = [...table.providers.values()];
  const having = all.filter(({ others }) => others.some((beginning) => isBelow(behind, beginning)));
  if (having.length === 0 && !isOtherPath((beginning) => isBelow(behind, beginning))) return undefined;
  const [only, ...rest] = having.length === 0 ? all : having;
  if (only !== undefined && rest.length === 0) return { provider: only, path: behind };
  const which = having.length === 0 ? `None of the providers is known to have ${path}` : `${idsOf(having)} may all have ${path}`;
  throw new GatewayError("invalid_request", `${which}: say which is meant in x-to11-provider (one of ${idsOf(all)}).`, param);
}

/** `files` and `files/file-1`, but nothing for `files/`. */
function isBelow(path: string, beginning: string): boolean {
  return path === beginning || (path.startsWith(`${beginning}/`) && path.length > beginning.length + 1);
}

function noProvider(id: string, table: RoutingTable): string {
  const meant = nearest(id, table.providers.keys());
  const remedy = meant === undefined ? `there are ${idsOf([...table.providers.values()])}` : `did you mean "${meant}"?`;
  return `There is no provider ${JSON.stringify(id)}: ${remedy}`;
}

function idsOf(providers: readonly Provider[]): string {
  return providers.map(({ id }) => id).join(", ");
}
