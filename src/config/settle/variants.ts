import type { CompiledCandidate } from "../compiled.ts";
import type { Findings } from "../file/findings.ts";
import type { KeyPath } from "../file/key-path.ts";
import { candidateOf, type TimeoutSources } from "./candidates.ts";
import type { RouteTable, VariantTable } from "../schema.ts";
import type { SettledTarget, Targets } from "./targets.ts";

/** Parameters that the gateway itself reads or writes in a request: a variant that set one would contradict it. */
const NOT_PARAMETERS: ReadonlyMap<string, string> = new Map([
  ["stream", "the caller decides whether to stream"],
  ["stream_options", "the gateway sets it to read the usage"],
]);

/** A variant's own keys of which a misspelling would be taken for a parameter. Near `model` is `models`, which OpenRouter takes as one. */
const MISTAKABLE: readonly string[] = ["weight", "target"];

/** The arms of an experiment, in file order. */
export function compileVariants(
  path: KeyPath,
  route: RouteTable,
  context: { readonly targets: Targets; readonly sources: TimeoutSources; readonly findings: Findings },
): readonly CompiledCandidate[] {
  return Object.entries(route.variants ?? {}).flatMap(([name, table]) => {
    const at = [...path, "variants", name];
    const parameters = parametersOf(at, table, context.findings);
    const target = targetOf(at, table, context);
    const candidate = target === undefined ? undefined : candidateOf(target, route, context.sources);
    return candidate === undefined ? [] : [{ ...candidate, weight: table.weight ?? 1, variant: { name, parameters } }];
  });
}

function targetOf(
  path: KeyPath,
  table: VariantTable,
  { targets, findings }: { readonly targets: Targets; readonly findings: Findings },
): SettledTarget | undefined {
  if (table.model !== undefined && table.target !== undefined) {
    findings.wrong(path, "has both model and target; keep one");
    // Counts as a use, so that the target is not also taken for a bare one.
    targets.named(table.target, [...path, "target"]);
    return undefined;
  }
  if (table.target !== undefined) return targets.named(table.target, [...path, "target"]);
  if (table.model !== undefined) return targets.forModel(table.model, [...path, "model"]);
  findings.absent(path, ["model", "target"], 'needs a model, such as model = "gpt-4o-mini", or a target');
  return undefined;
}

/** Every other key, its value as JSON text. */
function parametersOf(path: KeyPath, table: VariantTable, findings: Findings): readonly (readonly [string, string])[] {
  const { model: _model, target: _target, weight: _weight, ...parameters } = table;
  return Object.entries(parameters).flatMap(([name, value]) => {
    const reason = NOT_PARAMETERS.get(name);
    const json = jsonText(value);
    if (reason !== undefined) findings.wrong([...path, name], `cannot be a variant's parameter: ${reason}`);
    else if (json === undefined)
      findings.wrong([...path, name], "must be what JSON can say: text, number, true, false, array or table (no date, no inf or nan)");
    else {
      const meant = findings.nearest(name, MISTAKABLE);
      if (meant !== undefined) findings.warn([...path, name], `is sent as a request parameter; did you mean "${meant}"?`);
      return [[name, json] as const];
    }
    return [];
  });
}

/** JSON of a TOML value, integers of any size included; `undefined` for what JSON cannot say. */
function jsonText(value: unknown): string | undefined {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string" || typeof value === "boolean") return JSON.stringify(value);
  if (typeof value === "number") return Number.isFinite(value) ? JSON.stringify(value) : undefined;
  if (Array.isArray(value)) return joined("[", value.map(jsonText), "]");
  if (typeof value !== "object" || value === null || value instanceof Date) return undefined;
  const members = Object.entries(value).map(([key, inner]) => {
    const text = jsonText(inner);
    return text === undefined ? undefined : `${JSON.stringify(key)}:${text}`;
  });
  return joined("{", members, "}");
}

function joined(open: string, parts: readonly (string | undefined)[], close: string): string | undefined {
  return parts.includes(undefined) ? undefined : `${open}${parts.join(",")}${close}`;
}
