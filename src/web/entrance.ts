import { GatewayError } from "../core/gateway-error.ts";
import type { HeaderMap } from "../core/header-map.ts";
import type { RoutingTable } from "../core/routing/routing-table.ts";
import type { ProviderKey } from "../gateway/request/call.ts";
import { type GatewayKey, type KeyRing, keyRing, refused, type SecretNames, secretsOf, type ShownKeys, shownKeys } from "./auth.ts";
import { isForeign } from "./foreign-origin.ts";
import { awayFromHome, isLocalDevelopment } from "./local-development.ts";
import type { World } from "./world.ts";

/** A request that may come in: who calls, and the configuration it is served by from start to end. */
export interface Entrance {
  readonly caller: Caller;
  readonly table: RoutingTable;
}

/** Who calls, and the caller's own key for a provider, if one was sent. */
export interface Caller {
  /** The secret whose key was used; `null` on an open gateway. */
  readonly apiKey: string | null;
  readonly providerKey: ProviderKey | undefined;
}

/** A request before the door. */
interface Visitor {
  readonly request: Request;
  readonly world: World;
  readonly shown: ShownKeys;
  /** The secrets whose key it shows; none: a stranger. */
  readonly names: SecretNames;
  readonly isHome: boolean;
}

/**
 * Decides whether a request to `/v1` may come in. First whether its key is one of the Worker's at all, then whether it is one of the project's: who has none
 * makes nobody look a project up, and is told nothing of which there are.
 * @throws GatewayError 401, 403, 404 `unknown_project`, 503 `no_config`.
 */
export async function enter(request: Request, headers: HeaderMap, world: World): Promise<Entrance> {
  const shown = shownKeys(headers);
  const names = await secretsOf(shown, rings.get(world.gatewayKeys) ?? (await makeRing(world.gatewayKeys)));
  const isHome = isLocalDevelopment(world.control.development, headers);
  const visitor = { request, world, shown, names, isHome };
  const project = headers.get("x-to11-project-id");
  return names.size > 0 || isHome ? enterKnown(visitor, project) : enterAsStranger(visitor, project);
}

/** The project's keys decide; that there is no such project is told to whom the default one lets in. */
async function enterKnown(visitor: Visitor, project: string | undefined): Promise<Entrance> {
  const { control, keepAlive } = visitor.world;
  const served = await control.served(project, keepAlive);
  if (served.ok) return admit(visitor, served.value.table);
  if (served.error === "no_config") throw noConfig();
  const fallback = await control.served(undefined, keepAlive);
  if (!fallback.ok) throw noConfig();
  admit(visitor, fallback.value.table);
  throw new GatewayError("unknown_project", `There is no project ${JSON.stringify(project)} (x-to11-project-id).`);
}

async function enterAsStranger(visitor: Visitor, project: string | undefined): Promise<Entrance> {
  const { control, keepAlive } = visitor.world;
  const served = await control.servedToStrangers(project, keepAlive);
  if (served.ok) return admit(visitor, served.value.table);
  throw served.error === "no_config" && project === undefined ? noConfig() : refusal(visitor);
}

function admit(visitor: Visitor, table: RoutingTable): Entrance {
  const { request, world, shown, names, isHome } = visitor;
  const { providerKey } = shown;
  const apiKey = names.size === 0 ? undefined : table.apiKeys.find((name) => names.has(name));
  if (apiKey !== undefined) return { table, caller: { apiKey, providerKey } };
  const isOpenAtHome = isHome && !world.gatewayKeys.some(({ name }) => table.apiKeys.includes(name));
  if (isOpenAtHome && isForeign(request, table.corsOrigins)) {
    throw new GatewayError(
      "forbidden",
      "This gateway is open for local development; a page of another origin may not call it (cors_origins lists those that may).",
    );
  }
  if (isOpenAtHome || table.open) return { table, caller: { apiKey: null, providerKey } };
  throw refusal(visitor);
}

function refusal({ shown, world: { gatewayKeys, control } }: Visitor): GatewayError {
  const away = shown.gatewayKey === undefined && gatewayKeys.length === 0 ? awayFromHome(control.development) : undefined;
  return away === undefined ? refused(shown) : new GatewayError("missing_api_key", away);
}

function noConfig(): GatewayError {
  return new GatewayError("no_config", "The gateway has no configuration that it can serve; GET /health with the admin key says why.");
}

/** The ring of each isolate's keys, made at its first request: secrets do not change while an isolate lives. */
const rings = new WeakMap<readonly GatewayKey[], KeyRing>();

async function makeRing(keys: readonly GatewayKey[]): Promise<KeyRing> {
  const ring = await keyRing(keys);
  rings.set(keys, ring);
  return ring;
}
