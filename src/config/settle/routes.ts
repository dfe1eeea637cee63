import type { EndpointKind } from "../../core/endpoint.ts";
import type { StrategyName } from "../../core/routing/strategy.ts";
import { ENDPOINTS } from "../../endpoints/index.ts";
import { STRATEGIES } from "../../strategies/index.ts";
import { candidateOf, type TimeoutSources } from "./candidates.ts";
import type { CompiledCandidate, CompiledRoute } from "../compiled.ts";
import type { Findings } from "../file/findings.ts";
import type { KeyPath } from "../file/key-path.ts";
import type { RoutesFile, RouteTable } from "../schema.ts";
import { pathsReached } from "../translations.ts";
import type { Targets } from "./targets.ts";
import { compileVariants } from "./variants.ts";

const DEFAULT_MAX_RETRIES = 2;
const DEFAULT_BACKOFF_BASE_MS = 500;

/** 4xx statuses that always count as a failed attempt, so naming them would suggest that the others are all there is. */
const STANDING_FAILURES: ReadonlySet<number> = new Set([401, 402, 403, 408, 409, 425, 429]);

/** 2³²: how many values one draw can take. */
const LARGEST_DRAW = 2 ** 32;

/** What routes are compiled with. */
export interface RouteContext {
  readonly file: RoutesFile;
  readonly targets: Targets;
  readonly sources: TimeoutSources;
  readonly findings: Findings;
}

type Layer = CompiledRoute["layer"];
type Step = CompiledRoute["steps"][number];

/** `[routes]`, then `[functions]`, then a route for each target that none of them uses; each in file order. */
export function compileRoutes(context: RouteContext): readonly CompiledRoute[] {
  const { routes = {}, functions = {} } = context.file;
  return [
    ...Object.entries(routes).map(([name, table]) => compileRoute("route", name, table, context)),
    ...Object.entries(functions).map(([name, table]) => compileRoute("function", name, table, context)),
    ...bareRoutes(context),
  ];
}

/** A target that nothing uses is a `single` route for its model, for every kind of endpoint. */
function bareRoutes({ targets, sources, file }: RouteContext): readonly CompiledRoute[] {
  return targets.unused().flatMap((target) => {
    const candidate = candidateOf(target, {}, sources);
    if (candidate === undefined) return [];
    const steps = [{ strategy: "single" as const, candidates: [candidate] }];
    return [{ name: target.name, layer: "route", strategy: "single", models: [target.model], steps, ...retryOf({}, file), failoverOn: [] }];
  });
}

function compileRoute(layer: Layer, name: string, table: RouteTable, context: RouteContext): CompiledRoute {
  const path = [layer === "route" ? "routes" : "functions", name];
  const kind = table.endpoint ?? "chat";
  const form = formOf(path, layer, table, context);
  const steps = form === undefined ? [] : stepsOf(path, form, table, context);
  checkSettings(path, kind, table, context.findings);
  checkReach(path, table, steps, context);
  return {
    name,
    layer,
    kind,
    strategy: form === "steps" ? "fallback" : (steps[0]?.strategy ?? "single"),
    models: layer === "route" ? [...new Set(table.models)] : [],
    steps,
    ...(table.sticky_by === undefined ? {} : { stickyBy: table.sticky_by }),
    ...retryOf(table, context.file),
    failoverOn: [...new Set(table.failover_on)],
    ...(table.total_timeout_ms === undefined ? {} : { totalTimeoutMs: table.total_timeout_ms }),
    ...(table.rescue === undefined ? {} : { rescue: table.rescue }),
    ...(table.translate === false ? { translate: false } : {}),
    ...(table.strict_translation === true ? { strictTranslation: true } : {}),
  };
}

function retryOf(table: RouteTable, file: RoutesFile): Pick<CompiledRoute, "maxRetries" | "backoffBaseMs"> {
  const shared = file.routing?.retry;
  return {
    maxRetries: table.retry?.max_retries ?? shared?.max_retries ?? DEFAULT_MAX_RETRIES,
    backoffBaseMs: table.retry?.backoff_base_ms ?? shared?.backoff_base_ms ?? DEFAULT_BACKOFF_BASE_MS,
  };
}

type Form = "models" | "targets" | "steps" | "variants";

/** Which key says what is called: exactly one may. A function's `models` are called, a route's are what callers ask for. */
function formOf(path: KeyPath, layer: Layer, table: RouteTable, { findings, targets }: RouteContext): Form | undefined {
  const forms: readonly Form[] = layer === "function" ? ["models", "targets", "steps", "variants"] : ["targets", "steps", "variants"];
  const [form, ...others] = forms.filter((key) => table[key] !== undefined);
  const choice = `${forms.slice(0, -1).join(", ")} or ${forms.at(-1)}`;
  if (form === undefined) findings.absent(path, forms, `calls nothing: add one of ${choice}`);
  else if (others.length > 0) {
    findings.wrong(path, `has ${[form, ...others].join(" and ")}; exactly one of ${choice} says what is called`);
    // What the further ones name is in use all the same, and is not also taken for a bare target.
    for (const [name, at] of mentions(path, table)) targets.named(name, at);
    return undefined;
  }
  return form;
}

/** Every target a table names, with the place of the name. */
function mentions(path: KeyPath, table: RouteTable): readonly (readonly [string, KeyPath])[] {
  const list = (names: readonly string[] | undefined, at: KeyPath) =>
    (names ?? []).map((name, index) => [name, [...at, "targets", index]] as const);
  const variants = Object.entries(table.variants ?? {});
  return [
    ...list(table.targets, path),
    ...(table.steps ?? []).flatMap((step, index) => list(step.targets, [...path, "steps", index])),
    ...variants.flatMap(([name, { target }]) => (target === undefined ? [] : [[target, [...path, "variants", name, "target"]] as const])),
  ];
}

function stepsOf(path: KeyPath, form: Form, table: RouteTable, context: RouteContext): readonly Step[] {
  switch (form) {
    case "models": {
      const found = (table.models ?? []).map((model, index) => context.targets.forModel(model, [...path, "models", index]));
      const candidates = found.flatMap((target) => (target === undefined ? [] : (candidateOf(target, table, context.sources) ?? [])));
      return [listStep(path, { key: "models", names: table.models ?? [], strategy: table.strategy }, candidates, context.findings)];
    }
    case "targets":
      return [targetsStep(path, table.targets ?? [], { strategy: table.strategy, route: table }, context)];
    case "steps":
      return nestedSteps(path, table, context);
    case "variants": {
      const candidates = compileVariants(path, table, context);
      const strategy = table.strategy ?? "experiment";
      if (STRATEGIES[strategy].accepts !== "variants") {
        context.findings.wrong(
          [...path, "strategy"],
          `"${strategy}" takes targets, not variants; variants go with strategy = "experiment"`,
        );
      }
      if (Object.keys(table.variants ?? {}).length === 0) context.findings.wrong([...path, "variants"], "needs at least one variant");
      checkShares([...path, "variants"], candidates, Object.keys(table.variants ?? {}).length, context.findings);
      return [{ strategy: "experiment", candidates }];
    }
  }
}

function nestedSteps(path: KeyPath, table: RouteTable, context: RouteContext): readonly Step[] {
  const steps = table.steps ?? [];
  if (table.strategy !== undefined && table.strategy !== "fallback") {
    context.findings.wrong(
      [...path, "strategy"],
      'steps are tried in order: leave strategy out, or write "fallback"; each step has a strategy of its own',
    );
  }
  if (steps.length === 0) context.findings.wrong([...path, "steps"], "needs at least one step");
  return steps.map((step, index) => {
    const at = [...path, "steps", index];
    if (step.targets === undefined) {
      context.findings.absent(at, ["targets"], "calls nothing: add targets");
      return { strategy: step.strategy ?? "single", candidates: [] };
    }
    return targetsStep(at, step.targets, { strategy: step.strategy, route: table }, context);
  });
}

function targetsStep(
  path: KeyPath,
  names: readonly string[],
  { strategy, route }: { readonly strategy: StrategyName | undefined; readonly route: RouteTable },
  context: RouteContext,
): Step {
  const seen = new Set<string>();
  const candidates = names.flatMap((name, index) => {
    const at = [...path, "targets", index];
    if (seen.has(name)) {
      context.findings.wrong(at, `"${name}" stands in this list already`);
      return [];
    }
    seen.add(name);
    const target = context.targets.named(name, at);
    return target === undefined ? [] : (candidateOf(target, route, context.sources) ?? []);
  });
  return listStep(path, { key: "targets", names, strategy }, candidates, context.findings);
}

interface List {
  readonly key: "targets" | "models";
  readonly names: readonly string[];
  readonly strategy: StrategyName | undefined;
}

/** Checks that the strategy and the list fit each other. */
function listStep(path: KeyPath, list: List, candidates: readonly CompiledCandidate[], findings: Findings): Step {
  const { key, names, strategy } = list;
  if (names.length === 0) {
    findings.wrong([...path, key], "is empty: name at least one");
    return { strategy: strategy ?? "single", candidates };
  }
  if (strategy === undefined) {
    if (names.length > 1) findings.absent(path, ["strategy"], `has several ${key}, so it needs a strategy: "weighted" or "fallback"`);
    return { strategy: "single", candidates };
  }
  const { accepts } = STRATEGIES[strategy];
  if (accepts === "one_target" && names.length > 1) {
    findings.wrong(
      [...path, "strategy"],
      `"${strategy}" takes one of the ${key}, here are ${names.length}; use "weighted" or "fallback", or keep one`,
    );
  }
  if (accepts === "variants")
    findings.wrong([...path, "strategy"], `"${strategy}" takes variants, not ${key}; for a split without them use "weighted"`);
  if (strategy === "weighted") checkShares([...path, key], candidates, names.length, findings);
  return { strategy, candidates };
}

/** Weights must leave somebody to draw. `expected`: how many there are in the file, the unusable ones included. */
function checkShares(path: KeyPath, candidates: readonly CompiledCandidate[], expected: number, findings: Findings): void {
  if (candidates.length < expected || candidates.length === 0) return;
  const drawn = candidates.filter((candidate) => candidate.weight > 0);
  const total = drawn.reduce((sum, candidate) => sum + candidate.weight, 0);
  const [only] = drawn;
  if (only === undefined) findings.wrong(path, "all weigh 0, so nothing could be drawn; give at least one a weight above 0");
  else if (total > LARGEST_DRAW)
    findings.wrong(path, `weigh ${total} together, more than one draw can tell apart (${LARGEST_DRAW}); use smaller weights`);
  else if (drawn.length === 1) findings.warn(path, `all the weight is on ${only.variant?.name ?? only.target}: every draw is the same`);
}

function checkSettings(path: KeyPath, kind: EndpointKind, table: RouteTable, findings: Findings): void {
  if (table.sticky_by !== undefined && table.variants === undefined) {
    findings.wrong([...path, "sticky_by"], "has a meaning for an experiment only: it keeps a subject on its variant");
  }
  if (table.rescue !== undefined && kind !== "chat")
    findings.wrong([...path, "rescue"], 'has a meaning for streams of endpoint = "chat" only');
  table.failover_on?.forEach((status, index) => {
    if (!STANDING_FAILURES.has(status)) return;
    findings.wrong([...path, "failover_on", index], `${status} always counts as a failed attempt; name only others`);
  });
}

/** Warns of targets that no call to this route could reach. */
function checkReach(path: KeyPath, table: RouteTable, steps: readonly Step[], { sources, findings }: RouteContext): void {
  const kind = table.endpoint ?? "chat";
  const paths = [...ENDPOINTS.values()].filter((endpoint) => endpoint.kind === kind).map((endpoint) => endpoint.path);
  const providers = new Set(steps.flatMap((step) => step.candidates.map((candidate) => sources.providers[candidate.provider])));
  for (const provider of providers) {
    if (provider === undefined) continue;
    const reached = table.translate === false ? provider.speaks : pathsReached(provider);
    if (paths.some((called) => reached.includes(called))) continue;
    findings.warn(
      path,
      `its targets on ${provider.id} are never called: that provider speaks no path of endpoint = "${kind}" (see its speaks)`,
    );
  }
}
