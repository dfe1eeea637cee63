import { type KeyPlan, missingPlan } from "../core/governance/key-plan.ts";
import { GatewayError } from "../core/gateway-error.ts";
import type { HeaderMap } from "../core/header-map.ts";
import type { RoutingTable } from "../core/routing/routing-table.ts";
import { authenticate, type Caller, type KeyRing, keyRing } from "./auth.ts";
import { isForeign } from "./foreign-origin.ts";
import { isLocalDevelopment } from "./local-development.ts";
import type { World } from "./world.ts";

/** A request that may come in: who calls, and the configuration it is served by from start to end. */
export interface Entrance {
  readonly caller: Caller;
  readonly table: RoutingTable;
  /** What the caller's key may ask for; `undefined`: everything. */
  readonly plan: KeyPlan | undefined;
}

/**
 * Decides whether a request to `/v1` may come in. A key belongs to a project, so the project's keys decide; where the project is unknown, only
 * somebody with a key of the default project is told so.
 * @throws GatewayError 401, 403, 404 `unknown_project`, 503 `no_config`.
 */
export async function enter(request: Request, headers: HeaderMap, world: World): Promise<Entrance> {
  const project = headers.get("x-to11-project-id");
  const served = await world.control.served(project, world.keepAlive);
  if (served.ok) {
    const { table } = served.value;
    const caller = await callerOf(request, headers, table, world);
    return { table, caller, plan: planOf(caller, table) };
  }
  if (served.error === "no_config") throw noConfig();
  const fallback = await world.control.served(undefined, world.keepAlive);
  if (!fallback.ok) throw noConfig();
  await callerOf(request, headers, fallback.value.table, world);
  throw new GatewayError("unknown_project", `There is no project ${JSON.stringify(project)} (x-to11-project-id).`);
}

function noConfig(): GatewayError {
  return new GatewayError("no_config", "The gateway has no configuration that it can serve; GET /health with the admin key says why.");
}

/** The plan of whoever calls. A key that names none, and an open gateway's caller, have none. */
function planOf({ apiKey, issued }: Caller, table: RoutingTable): KeyPlan | undefined {
  if (issued === undefined) return apiKey === null ? undefined : table.staticPlan;
  return issued.plan === null ? undefined : (table.plans.get(issued.plan) ?? missingPlan(issued.plan));
}

/** The ring of each table, made at its first request: secrets do not change while an isolate lives. */
const rings = new WeakMap<RoutingTable, KeyRing>();

async function makeRing(table: RoutingTable, world: World): Promise<KeyRing> {
  const ring = await keyRing(table, (name) => world.gatewayKey(name));
  rings.set(table, ring);
  return ring;
}

async function callerOf(request: Request, headers: HeaderMap, table: RoutingTable, world: World): Promise<Caller> {
  const ring = rings.get(table) ?? (await makeRing(table, world));
  const isLocal = isLocalDevelopment(world.control.devVariable, headers.get("host") ?? null);
  const isOpenForDevelopment = isLocal && ring.keys.length === 0 && !table.issued;
  if (isOpenForDevelopment && isForeign(request, table.corsOrigins)) {
    throw new GatewayError(
      "forbidden",
      "This gateway is open for local development; a page of another origin may not call it (cors_origins lists those that may).",
    );
  }
  const findIssued = table.issued ? (presented: string) => world.control.findKey(table.project, presented) : undefined;
  return authenticate(headers, { ring, findIssued, open: table.open || isOpenForDevelopment });
}
