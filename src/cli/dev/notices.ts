import type { CompiledConfig } from "../../config/compiled.ts";
import { credentialsOf } from "../needed-secrets.ts";
import type { StartPlan } from "./start-plan.ts";

/** What a user must know of a local gateway: who is simulated and how to make them real, and who may call. */
export function notices(compiled: CompiledConfig, plan: StartPlan, envFile: string): string[] {
  return [
    ...simulationNotice(compiled, plan, envFile),
    ...(plan.open ? ["Open: whoever reaches 127.0.0.1 on this machine may call; no gateway key is needed."] : []),
  ];
}

function simulationNotice(compiled: CompiledConfig, plan: StartPlan, envFile: string): string[] {
  if (plan.simulate === "off") return [];
  if (plan.simulate === "all")
    return ["Simulated: every call is answered by the built-in simulator, as --simulate all asks; no provider is called."];
  const stored = new Set(
    compiled.routes.flatMap(({ steps }) =>
      steps.flatMap(({ candidates }) => candidates.filter(({ credential }) => credential !== undefined).map(({ provider }) => provider)),
    ),
  );
  const names = compiled.providers.filter((provider, at) => provider.credential !== undefined || stored.has(at)).map(({ id }) => id);
  return [
    `Demo: no credential is set, so the built-in simulator stands in for ${names.join(", ")}.`,
    "A call that passes through with a provider key of its own goes to the real provider all the same.",
    `To make them real, put these into ${envFile}: ${credentialsOf(compiled)
      .map(({ name }) => name)
      .join(", ")}`,
  ];
}
