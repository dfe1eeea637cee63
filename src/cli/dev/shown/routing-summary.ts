import type { CompiledConfig, CompiledProvider, CompiledRoute } from "../../../config/compiled.ts";
import { percent } from "../../terminal/percent.ts";
import { formatTable } from "../../terminal/table.ts";

/** Model names shown of one route or provider. */
const SHOWN_MODELS = 4;

/** What serves what, as lines: functions and routes with their targets' shares, then what passes through. `simulated`: providers by their ids. */
export function routingSummary(compiled: CompiledConfig, simulated: ReadonlySet<string>): string[] {
  const functions = compiled.routes.filter((route) => route.layer === "function");
  const routes = compiled.routes.filter((route) => route.layer === "route");
  const managed = [...functions, ...routes].map((route) => [
    route.layer === "function" ? route.name : `${route.layer}::${route.name}`,
    route.kind ?? "any",
    route.steps.length > 1 ? "fallback" : route.strategy,
    servedBy(route, compiled),
    route.models.length === 0 ? "-" : some(route.models),
  ]);
  const covered = new Set(routes.flatMap(({ models }) => models));
  const providers = compiled.providers
    .map((provider) => ({ provider, models: provider.models.filter((model) => !covered.has(model)) }))
    .filter(({ models }) => models.length > 0)
    .map(({ provider, models }) => [provider.id, some(models), simulated.has(provider.id) ? "simulated" : keyOf(provider)]);
  return [
    ...formatTable([["FUNCTION OR ROUTE", "KIND", "STRATEGY", "SERVED BY", "FOR MODELS"], ...managed]),
    ...(providers.length === 0 ? [] : ["", ...formatTable([["PASSTHROUGH", "MODELS NO ROUTE COVERS", ""], ...providers])]),
  ];
}

function keyOf({ passthrough, credential }: CompiledProvider): string {
  if (passthrough === "stored") return "with the stored key";
  return credential === undefined ? "without a key" : "with the caller's key";
}

/** `"openai-primary 70 %, azure-secondary 30 %"`; a fallback in order, `"a, then b"`; steps likewise, each with its shares. */
function servedBy(route: CompiledRoute, compiled: CompiledConfig): string {
  return route.steps
    .map(({ strategy, candidates }) => {
      const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
      const drawn = strategy === "weighted" || strategy === "experiment";
      const names = candidates.map((candidate) => {
        const provider = compiled.providers[candidate.provider]?.id ?? "?";
        const name = candidate.variant === undefined ? candidate.target : `${candidate.variant.name}: ${provider}/${candidate.model}`;
        return drawn && total > 0 ? `${name} ${percent(candidate.weight / total)}` : name;
      });
      return names.join(drawn ? ", " : ", then ");
    })
    .join(route.steps.length > 1 ? " · then " : "");
}

function some(models: readonly string[]): string {
  const rest = models.length - SHOWN_MODELS;
  return models.slice(0, SHOWN_MODELS).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
