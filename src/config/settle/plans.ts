import type { CompiledConfig, CompiledPlan, CompiledProvider, CompiledRoute } from "../compiled.ts";
import type { Findings } from "../file/findings.ts";
import type { PlanTable, RoutesFile } from "../schema.ts";

/** What a list of a plan may name: where it stands in the file, and all there is. */
type Known = Readonly<Record<"routes" | "functions" | "providers", ReadonlySet<string>>>;

const LISTS = ["routes", "functions", "models", "providers"] as const;

/** `[plans]`; a document of a file without any stays as it is. */
export function compilePlans(
  file: RoutesFile,
  { routes, providers }: { readonly routes: readonly CompiledRoute[]; readonly providers: readonly CompiledProvider[] },
  findings: Findings,
): Pick<CompiledConfig, "plans"> {
  if (file.plans === undefined) return {};
  const ofLayer = (layer: CompiledRoute["layer"]) => new Set(routes.flatMap((route) => (route.layer === layer ? [route.name] : [])));
  const known: Known = { routes: ofLayer("route"), functions: ofLayer("function"), providers: new Set(providers.map(({ id }) => id)) };
  const plans = Object.entries(file.plans).map(([name, table]) => [name, compilePlan(name, table, known, findings)] as const);
  return { plans: Object.fromEntries(plans) };
}

function compilePlan(plan: string, table: PlanTable, known: Known, findings: Findings): CompiledPlan {
  for (const list of ["routes", "functions", "providers"] as const) {
    table[list]?.forEach((name, index) => {
      if (known[list].has(name) || findings.isMisshapen([list, name])) return;
      const what = list.slice(0, -1);
      const meant = findings.meant(name, known[list]) || `; add [${list}.${name}], or name another`;
      findings.wrong(["plans", plan, list, index], `there is no ${what} "${name}"${meant}`);
    });
  }
  return Object.fromEntries(LISTS.flatMap((list) => (table[list] === undefined ? [] : [[list, [...new Set(table[list])]]])));
}
