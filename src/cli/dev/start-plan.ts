import type { CompiledConfig } from "../../config/compiled.ts";
import { namedSecrets, providerSecrets } from "../../config/provider-secrets.ts";
import { fail, ok, type Result } from "../../core/result.ts";
import { placeText } from "../../core/secrets/secret-site.ts";
import { credentialsOf, gatewayKeysOf, malformedSecrets, missingLine, sentSecrets } from "../needed-secrets.ts";
import type { RoutesFile } from "../routes-file.ts";
import { isSet, type Variables } from "../variables.ts";
import type { SimulateChoice } from "./simulate-choice.ts";

/** How a local gateway starts. */
export interface StartPlan {
  /** Ids of the providers that the simulator stands in for; the others are called. */
  readonly simulated: ReadonlySet<string>;
  /** The rule that decided. */
  readonly rule: "demo" | SimulateChoice;
  /** No gateway key is set and none is issued, so `to11 dev` opens the gateway on loopback. */
  readonly open: boolean;
}

/** What decides besides the file and the variables. */
export interface StartOptions {
  readonly simulate: SimulateChoice;
  readonly envFile: string;
  /** `refused`: real providers are called now, and do not turn into a demo because of an edit. */
  readonly demo: "allowed" | "refused";
}

/** How to start with these variables, or every reason why not. */
export function planStart(
  { toml, compiled }: Pick<RoutesFile, "toml" | "compiled">,
  variables: Variables,
  options: StartOptions,
): Result<StartPlan, readonly string[]> {
  const needs = providerSecrets(compiled);
  const rule = ruleOf([...needs.values()], variables, options);
  const named = namedSecrets(toml);
  const stops = (name: string): boolean => rule === "off" || (rule === "auto" && named.has(name));
  const missing = credentialsOf(compiled).filter(({ name }) => !isSet(variables, name) && stops(name));
  const problems = [
    ...missing.map((secret) => missingLine(secret, options.envFile)),
    ...(missing.length === 0 ? [] : [WAYS_OUT]),
    ...malformedSecrets(compiled, variables),
  ];
  if (problems.length > 0) return fail(problems);
  const isSimulated = (secrets: ReadonlySet<string>): boolean =>
    rule === "all" || rule === "demo" || [...secrets].some((name) => !isSet(variables, name));
  const simulated = new Set([...needs].filter(([, secrets]) => isSimulated(secrets)).map(([id]) => id));
  const hasKey = compiled.issued === true || gatewayKeysOf(compiled).some(({ name }) => isSet(variables, name));
  return ok({ simulated, rule, open: compiled.open || !hasKey });
}

const WAYS_OUT = "Set it, take what names it out of the file, or let the simulator stand in where a key is missing: --simulate missing";

function ruleOf(needs: readonly ReadonlySet<string>[], variables: Variables, { simulate, demo }: StartOptions): StartPlan["rule"] {
  const needed = needs.flatMap((secrets) => [...secrets]);
  if (simulate !== "auto" || needed.length === 0 || needed.some((name) => isSet(variables, name))) return simulate;
  return demo === "allowed" ? "demo" : "off";
}

/** Whether two plans make the same gateway. */
export function isSamePlan(left: StartPlan, right: StartPlan): boolean {
  return (
    left.open === right.open && left.simulated.size === right.simulated.size && [...left.simulated].every((id) => right.simulated.has(id))
  );
}

/** Whether a gateway that runs for `running` can serve `next` after a mere publish: no new secret, no secret to a new place, the same project. */
export function servesWithoutRestart(running: CompiledConfig, next: CompiledConfig): boolean {
  const pinned = new Set(pinsOf(running));
  return running.project === next.project && pinsOf(next).every((pin) => pinned.has(pin));
}

function pinsOf(compiled: CompiledConfig): string[] {
  return [...gatewayKeysOf(compiled), ...sentSecrets(compiled)].flatMap(({ name, sites }) =>
    sites.length === 0 ? [`${name} gateway`] : sites.map((site) => `${name} ${site.origin} ${placeText(site)}`),
  );
}
