import type { CompiledConfig, CompiledProvider } from "../compiled.ts";
import type { Findings } from "../file/findings.ts";
import { didYouMean } from "../../core/nearest.ts";
import type { RoutesFile } from "../schema.ts";

/** `[models."…"]`: a model's timeout and price, whoever serves it. */
export function compileModels(
  models: NonNullable<RoutesFile["models"]>,
  providers: readonly CompiledProvider[],
  findings: Findings,
): CompiledConfig["models"] {
  const listed = new Set(providers.flatMap((provider) => provider.models));
  const isComplete = !listed.has("*") && !findings.lacksModels;
  const entries = Object.entries(models).map(([name, { timeout_ms: timeoutMs, price }]) => {
    if (isComplete && !listed.has(name))
      findings.warn(["models", name], `no provider lists "${name}", so this is never used${didYouMean(name, [...listed])}`);
    return [
      name,
      { ...(timeoutMs === undefined ? {} : { timeoutMs }), ...(price === undefined ? {} : { price: priceOf(price) }) },
    ] as const;
  });
  return Object.fromEntries(entries);
}

function priceOf({ input, output, cached_input }: { input: number; output: number; cached_input?: number | undefined }) {
  return { input, ...(cached_input === undefined ? {} : { cached_input }), output };
}
