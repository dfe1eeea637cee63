import type * as z from "zod/mini";
import type { CompiledConfig } from "../../../config/compiled.ts";
import { secretUses } from "../../../config/secret-uses.ts";
import { isGatewayKey } from "../../../core/secrets/gateway-key.ts";
import { secretFaultText } from "../../../core/secrets/secret-fault.ts";
import { version } from "../../../../package.json";
import { refusedCalls } from "../../refused-calls.ts";
import { isLocalDevelopment } from "../../local-development.ts";
import type { World } from "../../world.ts";
import { isAdmin } from "../admin-auth.ts";
import type { healthSchema } from "../contract.ts";
import type { ControlServices, ServedConfig } from "../services.ts";

type Health = z.infer<typeof healthSchema>;

/** What health needs of the Worker's world. */
type HealthWorld = Pick<World, "control" | "keepAlive" | "gatewayKey">;

/** GET /health: that the gateway is there; to operators also what is wrong. */
export async function healthOf(request: Request, world: HealthWorld): Promise<Health> {
  const { control } = world;
  const served = await control.served(undefined, world.keepAlive);
  const problems = [
    ...control.configFaults(),
    ...lossesOf(control),
    ...(served.ok ? problemsOf(served.value, request, world) : [NOTHING_SERVES]),
  ];
  const health: Health = { status: problems.length === 0 ? "ok" : "degraded", version };
  if (!(await isAdmin(request, control))) return health;
  const known = {
    ...health,
    problems,
    lost_traces: control.lostTraces(),
    lost_exports: control.lostExports(),
    refused_calls: refusedCalls(),
  };
  if (!served.ok) return known;
  const { table, compiled, source } = served.value;
  const config = { project: table.project, version: table.version, source };
  return { ...known, demo: isDemo(compiled, control), config };
}

const NOTHING_SERVES = "there is no configuration that can be served";

function lossesOf(control: ControlServices): readonly string[] {
  const losses: readonly (readonly [number, string])[] = [
    [control.lostTraces(), "traces could not be stored"],
    [control.lostExports(), "traces could not be exported: the collector of otlp_endpoint did not take them"],
  ];
  return losses.flatMap(([lost, what]) => (lost === 0 ? [] : [`${lost} ${what}`]));
}

function problemsOf({ table, compiled }: ServedConfig, request: Request, { control, gatewayKey }: HealthWorld): readonly string[] {
  // Where the simulator stands in for providers, none of their secrets is missed.
  const needed = control.simulator === undefined ? secretUses(compiled).filter((use) => use.needed) : [];
  const told = needed.flatMap(({ secret, site, usedBy }) => {
    const fault = site === null ? undefined : control.secretFault(secret, site);
    return site === null || fault === undefined ? [] : [`${secretFaultText(secret, fault, site)}; used by ${usedBy.join(", ")}`];
  });
  // A secret that is not set is missed in every place in which it is sent.
  const faulty = [...new Set(told)];
  const hasKey = table.apiKeys.some((name) => isGatewayKey(gatewayKey(name) ?? ""));
  const isOpen = table.open || isLocalDevelopment(control.devVariable, request.headers.get("host"));
  if (hasKey || isOpen) return faulty;
  return [...faulty, "no gateway key is set, so every call is refused; set one of [auth].api_keys, or open = true"];
}

/** Whether the simulator stands in for providers, none of whose credentials is set. */
function isDemo(compiled: CompiledConfig, control: ControlServices): boolean {
  const { simulator } = control;
  return simulator !== undefined && !secretUses(compiled).some(({ secret, site }) => site !== null && control.isSecretSet(secret));
}
