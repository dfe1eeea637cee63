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
    checkPrice(name, table, findings);
    return [name, compileModel(table)] as const;
  });
  return Object.fromEntries(entries);
}

/** What is paid by the token has a price for input and output. */
function checkPrice(name: string, { price }: ModelTable, findings: Findings): void {
  if (price === undefined || price.request !== undefined) return;
  for (const key of ["input", "output"] as const) {
    const path = ["models", name, "price", key];
    if (price[key] === undefined && !findings.isMisshapen(path))
      findings.wrong(path, "is missing; it must be a number, USD per million tokens");
  }
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
function priceOf({ input = 0, output = 0, ...parts }: NonNullable<ModelTable["price"]>): Price {
  const given = Object.entries(parts).filter((part): part is [keyof typeof parts, number] => part[1] !== undefined);
  return { input, ...Object.fromEntries(given), output };
}
