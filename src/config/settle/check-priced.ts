import type { LimitTable } from "../../core/governance/limit.ts";
import type { CompiledCandidate, CompiledConfig } from "../compiled.ts";
import type { Findings } from "../file/findings.ts";
import { formatKeyPath, type KeyPath } from "../file/key-path.ts";
import { type PriceTable, settlePrices } from "../prices.ts";

/** Whether some limit of a configuration is in USD. */
export function countsMoney(compiled: CompiledConfig): boolean {
  return moneyLimits(compiled).length > 0;
}

/** A limit in USD whose call costs nobody knows how much would never be met: refused, with the line that is missing. */
export function checkPriced(compiled: CompiledConfig, table: PriceTable, findings: Findings): void {
  const { models: settled } = settlePrices(compiled, table);
  const told = new Set<string>();
  for (const { path, covers } of moneyLimits(compiled)) {
    for (const candidate of candidatesOf(compiled)) {
      const { model, provider } = candidate;
      const id = compiled.providers[provider]?.id ?? "";
      if (!covers(candidate) || told.has(model)) continue;
      if (compiled.models[model]?.price !== undefined || settled[id]?.[model] !== undefined) continue;
      told.add(model);
      const price = `${formatKeyPath(["models", model])}.price`;
      findings.wrong(
        path,
        `counts USD, but nobody knows what ${JSON.stringify(model)} of ${id} costs: set ${price}, such as [${formatKeyPath(["models", model])}] ` +
          "price = { input = 2.0, output = 8.0 } (USD per million tokens), or, for a model without tokens, price = { request = 0.04 }",
      );
    }
  }
}

/** A limit in USD, and which calls count against it. */
interface MoneyLimit {
  readonly path: KeyPath;
  readonly covers: (candidate: Called) => boolean;
}

interface Called extends CompiledCandidate {
  readonly route: CompiledConfig["routes"][number];
}

function candidatesOf({ routes }: CompiledConfig): readonly Called[] {
  return routes.flatMap((route) => route.steps.flatMap(({ candidates }) => candidates.map((candidate) => ({ ...candidate, route }))));
}

function moneyLimits({ limits, routes, providers }: CompiledConfig): readonly MoneyLimit[] {
  if (limits === undefined) return [];
  const found: MoneyLimit[] = [];
  const note = (table: LimitTable | undefined, path: KeyPath, covers: MoneyLimit["covers"]): void => {
    for (const name of Object.keys(table ?? {})) if (name.startsWith("usd_")) found.push({ path: [...path, name], covers });
  };
  for (const kind of ["project", "key", "user", "session", "team"] as const) note(limits[kind], ["limits", kind], () => true);
  for (const [name, table] of Object.entries(limits.teams ?? {})) note(table, ["teams", name], () => true);
  for (const route of routes) {
    note(route.limits, [route.layer === "route" ? "routes" : "functions", route.name, "limits"], (candidate) => candidate.route === route);
    for (const { candidates } of route.steps) {
      for (const { target, limits: own } of candidates)
        note(own, ["targets", target, "limits"], (candidate) => candidate.target === target);
    }
  }
  providers.forEach(({ id, limits: own }, position) =>
    note(own, ["providers", id, "limits"], (candidate) => candidate.provider === position),
  );
  return found;
}
