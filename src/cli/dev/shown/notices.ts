import type { CompiledConfig, CompiledProvider } from "../../../config/compiled.ts";
import { providerSecrets } from "../../../config/provider-secrets.ts";
import { formatTable } from "../../terminal/table.ts";
import { isSet, type Variables } from "../../variables.ts";
import type { StartPlan } from "../start-plan.ts";

/** What a local gateway was started with. */
export interface Started {
  readonly compiled: CompiledConfig;
  readonly plan: StartPlan;
  readonly variables: Variables;
  readonly envFile: string;
}

/** What a user must know of a local gateway: which providers are real, which are simulated and how to make them real, and who may call. */
export function notices(started: Started): string[] {
  const { compiled, plan } = started;
  const secrets = providerSecrets(compiled);
  const rows = compiled.providers.map((provider) => [
    provider.id,
    plan.simulated.has(provider.id) ? "simulated" : "real",
    keyWords(provider, [...(secrets.get(provider.id) ?? [])], started),
  ]);
  return [
    ...(rows.length === 0 ? [] : formatTable([["PROVIDER", "ANSWERS ARE", "KEY"], ...rows])),
    ...(plan.simulated.size === 0 ? [] : ["", simulationWords(plan)]),
    ...(plan.open ? ["Open: whoever reaches 127.0.0.1 on this machine may call; no gateway key is needed."] : []),
    ...(compiled.issued === true ? [`Keys are issued: \`npx to11 key create --name me\` makes one.`] : []),
  ];
}

function simulationWords({ rule }: StartPlan): string {
  const who = "The built-in simulator answers in the place of the simulated ones: nothing is sent to them, whatever key a caller brings.";
  if (rule === "demo") return `Demo: no provider's key is set. ${who}`;
  return rule === "all" ? `As --simulate all asks, no provider is called. ${who}` : who;
}

function keyWords({ id, credential }: CompiledProvider, secrets: readonly string[], { plan, variables, envFile }: Started): string {
  if (!plan.simulated.has(id)) {
    if (secrets.length > 0) return `${secrets.join(", ")} ${secrets.length === 1 ? "is" : "are"} set`;
    return credential === undefined ? "takes none" : "the caller's own";
  }
  const missing = secrets.filter((name) => !isSet(variables, name));
  const ways = [
    ...(plan.rule === "all" ? ["start without --simulate all"] : []),
    ...(missing.length > 0 ? [`add to ${envFile}: ${missing.map((name) => `${name}="…"`).join(" ")}`] : []),
  ];
  return ways.length === 0 ? "real as soon as a key of another is set" : `to make it real, ${ways.join(" and ")}`;
}
