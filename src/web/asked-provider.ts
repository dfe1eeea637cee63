import { isOtherPath } from "../config/other-paths.ts";
import { isProviderAllowed } from "../core/governance/allowed.ts";
import { allowedText, type KeyPlan } from "../core/governance/key-plan.ts";
import { GatewayError } from "../core/gateway-error.ts";
import type { HeaderMap } from "../core/header-map.ts";
import { nearest } from "../core/nearest.ts";
import { apiPathFault, behindBase } from "../core/routing/api-path.ts";
import type { Provider } from "../core/routing/routing-table.ts";
import { ENDPOINTS } from "../endpoints/index.ts";
import type { Entrance } from "./entrance.ts";

/** Where all of a provider's API is: `/providers/openai/files`. */
const PROVIDERS = "/providers/";
const V1 = "/v1/";

/** A provider, and what is asked of its own API. */
export interface AskedProvider {
  readonly provider: Provider;
  /** Behind the provider's address, as it was written: `files/file-1`. */
  readonly path: string;
}

/** Where providers are looked for, and which of them the caller's key may call. */
type Place = Pick<Entrance, "table" | "plan">;

/**
 * The provider whose own API a request is for, by its address or by `x-to11-provider`; `undefined`: it is for the gateway. `path` as it was written.
 * @throws GatewayError where nobody can tell whose, the key may not call it, or the path leads out of it.
 */
export function askedProvider(path: string, headers: HeaderMap, place: Place): AskedProvider | undefined {
  const asked = path.startsWith(PROVIDERS) ? byAddress(path, place) : byHeader(path, headers, place);
  if (asked !== undefined) refuseBeyondPlan([asked.provider], place.plan);
  const fault = asked === undefined ? undefined : apiPathFault(asked.path);
  if (fault !== undefined)
    throw new GatewayError("invalid_request", `The path behind the provider ${fault}; write it as the provider's own documentation does.`);
  return asked && { ...asked, path: behindBase(asked.provider.api.baseUrl, asked.path) };
}

/** @throws GatewayError `model_not_allowed` where the key's plan lets its holder call none of them. */
function refuseBeyondPlan(providers: readonly Provider[], plan: KeyPlan | undefined): void {
  if (plan?.allow === undefined || providers.some(({ id }) => isProviderAllowed(plan.allow, id))) return;
  throw new GatewayError(
    "model_not_allowed",
    `This key may not call the API of ${idsOf(providers)}: its plan ${JSON.stringify(plan.name)} allows ${allowedText(plan.allow)}.`,
  );
}

function byAddress(path: string, place: Place): AskedProvider {
  const [id = ""] = path.slice(PROVIDERS.length).split("/", 1);
  const provider = place.table.providers.get(id);
  if (provider === undefined) throw new GatewayError("unknown_path", noProvider(id, place));
  return { provider, path: path.slice(PROVIDERS.length + id.length + 1) };
}

function byHeader(path: string, headers: HeaderMap, place: Place): AskedProvider | undefined {
  const behind = path.slice(V1.length);
  if (!path.startsWith(V1) || behind === "" || ENDPOINTS.has(path)) return undefined;
  const id = headers.get("x-to11-provider");
  const param = { param: "x-to11-provider" };
  if (id !== undefined) {
    const provider = place.table.providers.get(id);
    if (provider === undefined) throw new GatewayError("invalid_request", noProvider(id, place), param);
    return { provider, path: behind };
  }
  const all = [...place.table.providers.values()];
  const having = all.filter(({ others }) => others.some((beginning) => isBelow(behind, beginning)));
  if (having.length === 0 && !isOtherPath((beginning) => isBelow(behind, beginning))) return undefined;
  const [only, ...rest] = having.length === 0 ? all : having;
  if (only !== undefined && rest.length === 0) return { provider: only, path: behind };
  refuseBeyondPlan(having.length === 0 ? all : having, place.plan);
  const [told, choice] = [callable(having, place), callable(all, place)];
  const which = told.length === 0 ? `None of the providers is known to have ${path}` : `${idsOf(told)} may all have ${path}`;
  throw new GatewayError("invalid_request", `${which}: say which is meant in x-to11-provider (one of ${idsOf(choice)}).`, param);
}

/** `files` and `files/file-1`, but nothing for `files/`. */
function isBelow(path: string, beginning: string): boolean {
  return path === beginning || (path.startsWith(`${beginning}/`) && path.length > beginning.length + 1);
}

function noProvider(id: string, place: Place): string {
  const there = callable([...place.table.providers.values()], place);
  const meant = nearest(
    id,
    there.map((provider) => provider.id),
  );
  const remedy = meant === undefined ? `there are ${idsOf(there)}` : `did you mean "${meant}"?`;
  return there.length === 0 ? `There is no provider ${JSON.stringify(id)}.` : `There is no provider ${JSON.stringify(id)}: ${remedy}`;
}

/** Those that the caller's key may call, which alone it is told of. */
function callable(providers: readonly Provider[], { plan }: Place): readonly Provider[] {
  return providers.filter(({ id }) => isProviderAllowed(plan?.allow, id));
}

function idsOf(providers: readonly Provider[]): string {
  return providers.map(({ id }) => id).join(", ");
}
