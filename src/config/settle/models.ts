import type { CompiledConfig, CompiledModel, CompiledProvider } from "../compiled.ts";
import type { Findings } from "../file/findings.ts";
import type { ModelTable, RoutesFile } from "../schema.ts";
import type { Price } from "../../core/usage/usage.ts";

/** `[models."…"]`: what is true of a model, whoever serves it. */
export function compileModels(
  models: NonNullable<RoutesFile["models"]>,
  providers: readonly CompiledProvider[],
  findings: Findings,
): CompiledConfig["models"] {
  const listed = new Set(providers.flatMap((provider) => provider.models));
  const isComplete = !listed.has("*") && !findings.lacksModels;
  const entries = Object.entries(models).map(([name, table]) => {
    if (isComplete && !listed.has(name))
      findings.warn(["models", name], `no provider lists "${name}", so this is never used${findings.meant(name, listed)}`);
    return [name, compileModel(table)] as const;
  });
  return Object.fromEntries(entries);
}

function compileModel(table: ModelTable): CompiledModel {
  const { timeout_ms: timeoutMs, price, context_window: contextWindow, max_output_tokens: maxOutputTokens } = table;
  return {
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(price === undefined ? {} : { price: priceOf(price) }),
    ...(contextWindow === undefined ? {} : { contextWindow }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
  };
}

/** The price without the keys that were left out. */
function priceOf({ input, output, ...parts }: NonNullable<ModelTable["price"]>): Price {
  const given = Object.entries(parts).filter((part): part is [keyof typeof parts, number] => part[1] !== undefined);
  return { input, ...Object.fromEntries(given), output };
}
