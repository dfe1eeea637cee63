import { parse } from "smol-toml";
import {
  addHeaderAbove,
  addTable,
  childPaths,
  hasHeader,
  hasTable,
  keyLiteral,
  pathText,
  removeKey,
  removeTable,
  renameTable,
  setKey,
  type TablePath,
  valueLiteral,
} from "./edit-toml.ts";
import { NotUnderHeader } from "./not-under-header.ts";
import { LIMIT_KEYS, readRules, type Rule, type RuleTarget, type RuleVariant } from "./rules.ts";

/**
 * The file with a rule as it is wanted: a new one, or `before` changed into it. Only the keys that differ are touched, so that comments, layout and keys
 * that the form does not know stay as they are.
 * @throws {NotUnderHeader} where the rule or one of its targets is written inline.
 */
export function writeRule(toml: string, before: Rule | undefined, after: Rule): string {
  const path = pathOf(after);
  let text = withTargets(toml, after);
  if (before !== undefined && !before.isBare) {
    if (!hasHeader(text, pathOf(before))) throw new NotUnderHeader(pathText(pathOf(before)));
    if (pathText(pathOf(before)) !== pathText(path)) text = renameTable(text, pathOf(before), path);
  }
  text = withKeys(text, path, after);
  text = withSteps(text, path, after);
  return withVariants(text, path, after);
}

/** The file without a rule; its targets stay. */
export function deleteRule(toml: string, rule: Rule): string {
  const path = pathOf(rule);
  let text = toml;
  if (!hasHeader(text, path)) throw new NotUnderHeader(pathText(path));
  for (const child of [...childPaths(text, [...path, "steps"]), ...childPaths(text, [...path, "variants"])].toReversed()) {
    text = removeTable(text, child);
  }
  return hasTable(text, path) ? removeTable(text, path) : text;
}

function pathOf(rule: Rule): TablePath {
  return [rule.layer === "route" ? "routes" : "functions", rule.name];
}

/** New targets are added, changed ones changed. A target that other rules use too changes for them as well. */
function withTargets(toml: string, rule: Rule): string {
  const known = readRules(toml).targets;
  return rule.steps
    .flatMap((step) => step.targets)
    .filter((target) => !target.isModel)
    .reduce((text, target) => {
      const before = known.get(target.name);
      return before === undefined ? addTable(text, ["targets"], targetLines(target)) : withTarget(text, before, target);
    }, toml);
}

function withTarget(toml: string, before: RuleTarget, after: RuleTarget): string {
  const path = ["targets", after.name];
  return (["model", "provider", "credential", "weight"] as const).reduce((text, key) => {
    if (before[key] === after[key]) return text;
    const literal = after[key] === "" ? undefined : valueLiteral(after[key]);
    return literal === undefined ? removeKey(text, path, key) : setKey(text, path, key, literal);
  }, toml);
}

function targetLines({ name, model, provider, credential, weight }: RuleTarget): string[] {
  return [`[${pathText(["targets", name])}]`, ...pairLines({ model, provider, credential, weight })];
}

/** Keys with a value: neither empty nor null. */
function pairLines(values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const literal = value === "" ? undefined : valueLiteral(value);
    return literal === undefined ? [] : [`${keyLiteral(key)} = ${literal}`];
  });
}

/** The rule's own keys as they should be; `undefined`: not there. */
function keysOf(rule: Rule): Readonly<Record<string, unknown>> {
  const [only, ...more] = rule.steps;
  const called = rule.strategy === "steps" || rule.strategy === "experiment" ? undefined : only?.targets;
  const areModels = rule.layer === "function" && more.length === 0 && called?.every(({ isModel }) => isModel) === true;
  const names = called?.map(({ name }) => name);
  return {
    endpoint: rule.endpoint === "chat" ? undefined : rule.endpoint,
    models: areModels ? names : rule.models.length > 0 ? rule.models : undefined,
    strategy: rule.strategy === "steps" || (rule.strategy === "single" && names?.length === 1) ? undefined : rule.strategy,
    targets: areModels ? undefined : names,
    sticky_by: rule.strategy === "experiment" && rule.stickyBy !== "" ? rule.stickyBy : undefined,
    ...Object.fromEntries(LIMIT_KEYS.map((key) => [key, rule.limits[key]])),
  };
}

/** What a key that is not written means, so that writing it, or its being written, is no change. */
const MEANT: Readonly<Record<string, string>> = { endpoint: "chat" };

function withKeys(toml: string, path: TablePath, rule: Rule): string {
  const wanted = keysOf(rule);
  const present = writtenKeys(toml, path);
  if (!hasHeader(toml, path)) return addTable(toml, [path[0] ?? "routes"], [`[${pathText(path)}]`, ...pairLines(wanted)]);
  return Object.entries(wanted).reduce((text, [key, value]) => {
    if (JSON.stringify(present[key]) === JSON.stringify(value)) return text;
    if (value === undefined && (present[key] === MEANT[key] || isSaidAnyway(rule, key, present[key]))) return text;
    const literal = valueLiteral(value);
    if (literal === undefined) return removeKey(text, path, key);
    return setKey(hasTable(text, path) ? text : addHeaderAbove(text, path), path, key, literal);
  }, toml);
}

/** `strategy = "single"` for one target and `"fallback"` over steps may be written or left out. */
function isSaidAnyway(rule: Rule, key: string, written: unknown): boolean {
  return (
    key === "strategy" && ((rule.strategy === "single" && written === "single") || (rule.strategy === "steps" && written === "fallback"))
  );
}

/** The keys of a table with their values, as they are in the file. */
function writtenKeys(toml: string, path: TablePath): Readonly<Record<string, unknown>> {
  const found = path.reduce<unknown>((value, part) => (isTable(value) ? value[part] : undefined), parse(toml));
  return isTable(found) ? found : {};
}

function isTable(value: unknown): value is Readonly<Record<string | number, unknown>> {
  return typeof value === "object" && value !== null;
}

function withSteps(toml: string, path: TablePath, rule: Rule): string {
  const steps = rule.strategy === "steps" ? rule.steps : [];
  const written = childPaths(toml, [...path, "steps"]);
  // Those in excess go from the end, so that the positions of the others stay.
  let text = written
    .slice(steps.length)
    .toReversed()
    .reduce((sofar, child) => removeTable(sofar, child), toml);
  steps.forEach((step, index) => {
    const targets = step.targets.map(({ name }) => name);
    const strategy = step.strategy === "single" && targets.length === 1 ? undefined : step.strategy;
    const at = written[index];
    if (at === undefined) {
      text = addTable(text, path, [`[[${pathText([...path, "steps"])}]]`, ...pairLines({ strategy, targets })]);
      return;
    }
    const before = writtenKeys(text, at);
    if (JSON.stringify(before["targets"]) !== JSON.stringify(targets)) text = setKey(text, at, "targets", valueLiteral(targets) ?? "[]");
    if ((before["strategy"] ?? "single") === (strategy ?? "single")) return;
    text = strategy === undefined ? removeKey(text, at, "strategy") : setKey(text, at, "strategy", valueLiteral(strategy) ?? '""');
  });
  return text;
}

function withVariants(toml: string, path: TablePath, rule: Rule): string {
  const variants = rule.strategy === "experiment" ? rule.variants : [];
  const inside = [...path, "variants"];
  const kept = new Set(variants.map(({ name }) => name));
  const gone = childPaths(toml, inside).filter((child) => !kept.has(String(child.at(-1))));
  const text = gone.toReversed().reduce((sofar, child) => removeTable(sofar, child), toml);
  return variants.reduce((sofar, variant) => withVariant(sofar, [...inside, variant.name], variant), text);
}

function withVariant(toml: string, path: TablePath, variant: RuleVariant): string {
  const { name: _, parameters, ...own } = variant;
  const wanted: Readonly<Record<string, unknown>> = { ...own, ...parameters };
  if (!hasTable(toml, path)) return addTable(toml, path.slice(0, 2), [`[${pathText(path)}]`, ...pairLines(wanted)]);
  const before = writtenKeys(toml, path);
  const gone = Object.keys(before).filter((key) => !(key in wanted));
  const text = gone.reduce((sofar, key) => removeKey(sofar, path, key), toml);
  return Object.entries(wanted).reduce((sofar, [key, value]) => {
    if (JSON.stringify(before[key] ?? null) === JSON.stringify(value === "" ? null : value)) return sofar;
    const literal = value === "" ? undefined : valueLiteral(value);
    return literal === undefined ? removeKey(sofar, path, key) : setKey(sofar, path, key, literal);
  }, text);
}
