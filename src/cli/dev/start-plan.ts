import type { CompiledConfig } from "../../config/compiled.ts";
import { fail, ok, type Result } from "../../core/result.ts";
import { placeText } from "../../core/secrets/secret-site.ts";
import { credentialsOf, gatewayKeysOf, malformedSecrets, missingLine, sentSecrets } from "../needed-secrets.ts";
import { isSet, type Variables } from "../variables.ts";

/** `--simulate`. */
export type SimulateChoice = "auto" | "all" | "off";

/** How a local gateway starts. */
export interface StartPlan {
  /** What the simulator answers: nothing, calls that need a stored credential, everything. */
  readonly simulate: "off" | "stored" | "all";
  /** No gateway key is set, so `to11 dev` opens the gateway on loopback. */
  readonly open: boolean;
}

/** How to start with these variables, or every reason why not. With none of the file's credentials set it is a demo; with any set, all must be. */
export function planStart(
  compiled: CompiledConfig,
  variables: Variables,
  options: { readonly simulate: SimulateChoice; readonly envFile: string },
): Result<StartPlan, readonly string[]> {
  const credentials = credentialsOf(compiled);
  const missing = credentials.filter(({ name }) => !isSet(variables, name));
  const simulate = simulated(options.simulate, credentials.length, missing.length);
  const problems = [
    ...(simulate === "off" ? missing.map((secret) => missingLine(secret, options.envFile)) : []),
    ...malformedSecrets(compiled, variables),
  ];
  if (problems.length > 0) return fail(problems);
  return ok({ simulate, open: compiled.open || !gatewayKeysOf(compiled).some(({ name }) => isSet(variables, name)) });
}

function simulated(choice: SimulateChoice, named: number, missing: number): StartPlan["simulate"] {
  if (choice === "all") return "all";
  return choice === "auto" && named > 0 && missing === named ? "stored" : "off";
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
