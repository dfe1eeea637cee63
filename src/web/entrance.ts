import { type IssuedKey, keyIdOf } from "../core/governance/issued-key.ts";
import { type KeyPlan, missingPlan } from "../core/governance/key-plan.ts";
import { GatewayError } from "../core/gateway-error.ts";
import type { HeaderMap } from "../core/header-map.ts";
import type { RoutingTable } from "../core/routing/routing-table.ts";
import type { ProviderKey } from "../gateway/request/call.ts";
import {
  acceptedKey,
  type GatewayKey,
  type KeyRing,
  keyRing,
  refused,
  type SecretNames,
  secretsOf,
  type ShownKeys,
  shownKeys,
} from "./auth.ts";
import { isForeign } from "./foreign-origin.ts";
import type { KeyFinding } from "./issued-keys.ts";
import { awayFromHome, isLocalDevelopment } from "./local-development.ts";
import type { World } from "./world.ts";

/** A request that may come in: who calls, and the configuration it is served by from start to end. */
export interface Entrance {
  readonly caller: Caller;
  readonly table: RoutingTable;
  /** What the caller's key may ask for; `undefined`: everything. */
  readonly plan: KeyPlan | undefined;
}

/** Who calls, and the caller's own key for a provider, if one was sent. */
export interface Caller {
  /** The id of an issued key, or the secret whose key was used; `null` on an open gateway. */
  readonly apiKey: string | null;
  readonly providerKey: ProviderKey | undefined;
  /** The issued key that was used; left out: another one, or none. */
  readonly issued?: IssuedKey;
}

/** A request before the door. */
interface Visitor {
  readonly request: Request;
  readonly world: World;
  readonly shown: ShownKeys;
  /** The secrets whose key it shows. */
  readonly names: SecretNames;
  readonly isHome: boolean;
}

/**
 * Decides whether a request to `/v1` may come in. First whether its key is one of the Worker's at all, then whether it is one of the project's: who has none
 * makes nobody look a project up, and is told nothing of which there are. What has the form of an issued key is looked for by itself, in whatever project is
 * named, and the project only for who holds it.
 * @throws GatewayError 401, 403, 404 `unknown_project`, 503 `no_config`, `keys_unavailable`.
 */
export async function enter(request: Request, headers: HeaderMap, world: World): Promise<Entrance> {
  const shown = shownKeys(headers);
  const names = await secretsOf(shown, rings.get(world.gatewayKeys) ?? (await makeRing(world.gatewayKeys)));
  const isHome = isLocalDevelopment(world.control.development, headers);
  const project = headers.get("x-to11-project-id");
  const visitor = { request, world, shown, names, isHome };
  if (names.size > 0 || isHome) return enterKnown(visitor, project);
  const { control, keepAlive } = world;
  const finding = hasIssuedForm(shown) ? await control.findStrangersKey(project, shown.gatewayKey, keepAlive) : UNKNOWN;
  return isStrangers(finding) ? enterAsStranger(visitor, project, finding) : enterKnown(visitor, project);
}

/** The project's keys decide; that there is no such project is told to whom the default one lets in. */
async function enterKnown(visitor: Visitor, project: string | undefined): Promise<Entrance> {
  const { control, keepAlive } = visitor.world;
  const served = await control.served(project, keepAlive);
  if (served.ok) return admit(visitor, served.value.table);
  if (served.error === "no_config") throw noConfig();
  const fallback = await control.served(undefined, keepAlive);
  if (!fallback.ok) throw noConfig();
  await admit(visitor, fallback.value.table);
  throw new GatewayError("unknown_project", `There is no project ${JSON.stringify(project)} (x-to11-project-id).`);
}

/** `finding`: what is known of the issued key that such a caller shows. */
async function enterAsStranger(visitor: Visitor, project: string | undefined, finding: KeyFinding): Promise<Entrance> {
  const { control, keepAlive } = visitor.world;
  const served = await control.servedToStrangers(project, keepAlive);
  const entrance = served.ok ? admitStranger(visitor, served.value.table) : undefined;
  if (entrance !== undefined) return entrance;
  acceptedKey(finding);
  throw !served.ok && served.error === "no_config" && project === undefined ? noConfig() : refusal(visitor);
}

async function admit(visitor: Visitor, table: RoutingTable): Promise<Entrance> {
  const { world, shown, names } = visitor;
  const { providerKey } = shown;
  const apiKey = names.size === 0 ? undefined : table.apiKeys.find((name) => names.has(name));
  if (apiKey !== undefined) return { table, caller: { apiKey, providerKey }, plan: table.staticPlan };
  // Looked for once more: the project's governor was asked since, where it had to be.
  const issued =
    table.issued && hasIssuedForm(shown) ? acceptedKey(await world.control.findKey(table.project, shown.gatewayKey)) : undefined;
  if (issued !== undefined) return { table, caller: { apiKey: callingId(issued), providerKey, issued }, plan: planOf(issued, table) };
  const entrance = admitStranger(visitor, table);
  if (entrance !== undefined) return entrance;
  throw refusal(visitor);
}

/** Lets in who shows no key that opens the project, where none is needed. */
function admitStranger({ request, world, shown, isHome }: Visitor, table: RoutingTable): Entrance | undefined {
  const isOpenAtHome = isHome && !table.issued && !world.gatewayKeys.some(({ name }) => table.apiKeys.includes(name));
  if (isOpenAtHome && isForeign(request, table.corsOrigins)) {
    throw new GatewayError(
      "forbidden",
      "This gateway is open for local development; a page of another origin may not call it (cors_origins lists those that may).",
    );
  }
  const isOpen = isOpenAtHome || table.open;
  return isOpen ? { table, caller: { apiKey: null, providerKey: shown.providerKey }, plan: undefined } : undefined;
}

const UNKNOWN: KeyFinding = { kind: "unknown" };

/** Who holds a key that has ended is no stranger: the project's governor may know better, or tell so. */
function isStrangers({ kind }: KeyFinding): boolean {
  return kind === "unknown" || kind === "unavailable";
}

function hasIssuedForm(shown: ShownKeys): shown is ShownKeys & { readonly gatewayKey: string } {
  return shown.gatewayKey !== undefined && keyIdOf(shown.gatewayKey) !== undefined;
}

/** @throws GatewayError `forbidden` for a key that may not call models. */
function callingId({ id, scopes }: IssuedKey): string {
  if (!scopes.includes("call")) throw new GatewayError("forbidden", `The key ${id} may not call models: it lacks the scope "call".`);
  return id;
}

/** The plan of an issued key; `undefined`: it names none. */
function planOf({ plan }: IssuedKey, table: RoutingTable): KeyPlan | undefined {
  return plan === null ? undefined : (table.plans.get(plan) ?? missingPlan(plan));
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
