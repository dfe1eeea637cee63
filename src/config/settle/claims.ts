import { ENDPOINT_KINDS } from "../../core/endpoint.ts";
import type { CompiledRoute } from "../compiled.ts";
import type { Findings } from "../file/findings.ts";
import type { KeyPath } from "../file/key-path.ts";
import type { RoutesFile } from "../schema.ts";

/** Checks names against each other: what a caller writes must lead to one place. */
export function checkClaims(routes: readonly CompiledRoute[], file: RoutesFile, findings: Findings): void {
  const covering = checkModels(routes, file, findings);
  const routeNames = new Set(routes.flatMap((route) => (route.layer === "route" && route.kind !== undefined ? [route.name] : [])));
  for (const route of routes) {
    if (route.kind === undefined) continue;
    if (route.layer === "function" && routeNames.has(route.name)) {
      findings.wrong(["functions", route.name], `has the name of routes.${route.name}; a name asks for one thing: rename one of them`);
    }
    const other = covering.get(route.name)?.find((name) => name !== route.name);
    if (other === undefined) continue;
    findings.warn(pathOf(route), `is named like a model that the route ${other} covers: calls for "${route.name}" come here, not there`);
  }
}

function pathOf(route: CompiledRoute): KeyPath {
  if (route.kind === undefined) return ["targets", route.name];
  return [route.layer === "function" ? "functions" : "routes", route.name];
}

/** Reports models that two routes claim for one kind; gives who covers each model. */
function checkModels(routes: readonly CompiledRoute[], file: RoutesFile, findings: Findings): ReadonlyMap<string, readonly string[]> {
  const claims = new Map<string, string>();
  const covering = new Map<string, string[]>();
  for (const route of routes) {
    if (route.layer === "function") continue;
    // The file's own list may name a model twice; the first place counts.
    const positions = new Map(file.routes?.[route.name]?.models?.map((model, index) => [model, index] as const).toReversed());
    for (const model of route.models) {
      const claim = `${route.kind ?? "every kind"} ${model}`;
      const first = claims.get(claim);
      if (first === undefined) claims.set(claim, route.name);
      else if (route.kind === undefined) findings.wrong(["targets", route.name], twoBareTargets(first, route.name, model));
      else {
        const position = positions.get(model) ?? 0;
        const message = `"${model}" is already covered by routes.${first} for endpoint = "${route.kind}"; keep it in one of ${first} and ${route.name}`;
        findings.wrong(["routes", route.name, "models", position], message);
      }
      if (route.kind !== undefined) {
        const names = covering.get(model);
        if (names === undefined) covering.set(model, [route.name]);
        else names.push(route.name);
      } else if (ENDPOINT_KINDS.some((kind) => claims.has(`${kind} ${model}`)))
        findings.warn(["targets", route.name], forgotten(route.name, model));
    }
  }
  return covering;
}

function twoBareTargets(first: string, second: string, model: string): string {
  return `${first} and ${second} are used by no route, so both would serve "${model}"; put them into one route, or remove one`;
}

function forgotten(name: string, model: string): string {
  return `no route uses ${name}, and a route covers "${model}" already: name it in that route's targets, or remove it`;
}
