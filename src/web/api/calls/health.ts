import type * as z from "zod/mini";
import type { CompiledConfig } from "../../../config/compiled.ts";
import { secretUses } from "../../../config/secret-uses.ts";
import { secretFaultText } from "../../../core/secrets/secret-fault.ts";
import { version } from "../../../../package.json";
import { refusedCalls } from "../../refused-calls.ts";
import { isLocalDevelopment } from "../../local-development.ts";
import type { World } from "../../world.ts";
import { isAdmin } from "../admin-auth.ts";
import type { healthSchema } from "../contract.ts";
import type { ControlServices, ServedConfig } from "../services.ts";
import { deployedVersion, isoTime } from "../serving.ts";
import { stoodInProviders, stoodInSecrets } from "../stood-in.ts";

type Health = z.infer<typeof healthSchema>;

/** What health needs of the Worker's world. */
type HealthWorld = Pick<World, "control" | "keepAlive" | "gatewayKeys">;

/** GET /health: that the gateway is there; to operators also what is wrong. */
export async function healthOf(request: Request, world: HealthWorld): Promise<Health> {
  const { control } = world;
  const isOperator = await isAdmin(request, control);
  const served = isOperator
    ? await control.served(undefined, world.keepAlive)
    : await control.servedToStrangers(undefined, world.keepAlive);
  const problems = [
    ...control.configFaults(),
    ...control.governorFaults(),
    ...lossesOf(control),
    ...(served.ok ? problemsOf(served.value, request, world) : [NOTHING_SERVES]),
  ];
  const health: Health = { status: problems.length === 0 ? "ok" : "degraded", version };
  if (!isOperator) return health;
  const known = {
    ...health,
    problems,
    lost_traces: control.lostTraces(),
    lost_exports: control.lostExports(),
    refused_calls: refusedCalls(),
  };
  if (!served.ok) return known;
  const { table, compiled, source, publishedAtMs } = served.value;
  const { project, version: serving } = table;
  const config = {
    project,
    version: serving,
    source,
    published_at: isoTime(publishedAtMs),
    deployed_version: deployedVersion(project, control),
  };
  const simulated = [...stoodInProviders(compiled, control.simulator)];
  return { ...known, demo: isDemo(compiled, simulated, control), simulated, config };
}

const NOTHING_SERVES = "there is no configuration that can be served";

function lossesOf(control: ControlServices): readonly string[] {
  const losses: readonly (readonly [number, string])[] = [
    [control.lostTraces(), "traces could not be stored"],
    [control.lostExports(), "traces could not be exported: the collector of otlp_endpoint did not take them"],
  ];
  return losses.flatMap(([lost, what]) => (lost === 0 ? [] : [`${lost} ${what}`]));
}

function problemsOf({ table, compiled }: ServedConfig, request: Request, { control, gatewayKeys }: HealthWorld): readonly string[] {
  const stoodIn = stoodInSecrets(compiled, control.simulator);
  const told = secretUses(compiled).flatMap(({ secret, site, usedBy, needed }) => {
    if (site === null || !needed || stoodIn.has(secret)) return [];
    const fault = control.secretFault(secret, site);
    return fault === undefined ? [] : [`${secretFaultText(secret, fault, site)}; used by ${usedBy.join(", ")}`];
  });
  // A secret that is not set is missed in every place in which it is sent.
  const faulty = [...new Set(told)];
  const hasKey = table.issued || gatewayKeys.some(({ name }) => table.apiKeys.includes(name));
  const isOpen = table.open || isLocalDevelopment(control.development, request.headers);
  if (hasKey || isOpen) return faulty;
  return [...faulty, "no gateway key is set, so every call is refused; set one of [auth].api_keys, or issued = true, or open = true"];
}

/** Whether the simulator stands in for every provider, and no credential of any is set. */
function isDemo(compiled: CompiledConfig, simulated: readonly string[], control: ControlServices): boolean {
  if (simulated.length === 0 || simulated.length < compiled.providers.length) return false;
  return !secretUses(compiled).some(({ secret, site }) => site !== null && control.isSecretSet(secret));
}
