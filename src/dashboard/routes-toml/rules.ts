import { parse, TomlError } from "smol-toml";
import type { EndpointKind } from "../../core/endpoint.ts";

/** How a rule chooses, as the form names it. */
export type RuleStrategy = "single" | "weighted" | "fallback" | "experiment" | "steps";
export type StepStrategy = "single" | "weighted" | "fallback";

/** A target as a rule uses it. Empty text and `null`: not said in the file. */
export interface RuleTarget {
  readonly name: string;
  readonly model: string;
  readonly provider: string;
  readonly credential: string;
  readonly weight: number | null;
  /** A function may name models themselves, without targets. */
  readonly isModel: boolean;
}

export interface RuleStep {
  readonly strategy: StepStrategy;
  readonly targets: readonly RuleTarget[];
}

/** One arm of an experiment: a model or a target, and the parameters it sends along. */
export interface RuleVariant {
  readonly name: string;
  readonly model: string;
  readonly target: string;
  readonly weight: number | null;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Keys of a rule that say what happens when a target fails, and how long an answer may take, in the order in which they are written. */
export const LIMIT_KEYS = ["retry", "failover_on", "timeout_ms", "idle_timeout_ms", "total_timeout_ms", "rescue"] as const;

/** What a rule says of them, right or not; `undefined`: what stands elsewhere in the file, or the default, holds. */
export type RuleLimits = Readonly<Partial<Record<(typeof LIMIT_KEYS)[number], unknown>>>;

/** A route or a function as routes.toml says it; a bare target is the route for its model. */
export interface Rule {
  readonly layer: "route" | "function";
  readonly name: string;
  readonly endpoint: EndpointKind;
  /** The models that callers ask for; empty: by its name only. */
  readonly models: readonly string[];
  readonly strategy: RuleStrategy;
  /** One, unless the strategy is `steps`; none for an experiment. */
  readonly steps: readonly RuleStep[];
  readonly variants: readonly RuleVariant[];
  readonly stickyBy: "" | "user" | "session" | "conversation";
  readonly limits: RuleLimits;
  /** Not written as a rule: no rule uses the target. */
  readonly isBare: boolean;
}

/** All rules of a file, in its order. */
export interface Rules {
  readonly rules: readonly Rule[];
  readonly targets: ReadonlyMap<string, RuleTarget>;
  readonly providers: readonly { readonly id: string; readonly models: readonly string[] }[];
  /** Why the file could not be read as TOML. */
  readonly fault: string | undefined;
}

/** Every kind of endpoint, as it is called for people. */
export const KINDS: Readonly<Record<EndpointKind, string>> = {
  chat: "Chat",
  embeddings: "Embeddings",
  audio_speech: "Speech",
  audio_transcription: "Transcription",
  image_generation: "Images",
};

type Table = Readonly<Record<string, unknown>>;

/** Reads what a routes.toml says, right or not: what is missing is empty. */
export function readRules(toml: string): Rules {
  const file = read(toml);
  if (typeof file === "string") return { rules: [], targets: new Map(), providers: [], fault: file };
  const targets = new Map(Object.entries(table(file["targets"])).map(([name, value]) => [name, targetOf(name, table(value))]));
  const written = [
    ...Object.entries(table(file["routes"])).map(([name, value]) => ruleOf("route", name, table(value), targets)),
    ...Object.entries(table(file["functions"])).map(([name, value]) => ruleOf("function", name, table(value), targets)),
  ];
  const used = new Set(written.flatMap(namesUsed));
  const bare = [...targets.values()].filter(({ name }) => !used.has(name)).map(bareRule);
  const providers = Object.entries(table(file["providers"])).map(([id, value]) => ({ id, models: texts(table(value)["models"]) }));
  return { rules: [...written, ...bare], targets, providers, fault: undefined };
}

/** Names that callers can use, the ones that need no key of their own first. */
export function callableNames(toml: string): string[] {
  const { rules, providers } = readRules(toml);
  const chat = rules.filter(({ endpoint }) => endpoint === "chat");
  const named = chat.filter(({ isBare }) => !isBare).map(({ layer, name }) => `${layer}::${name}`);
  const models = [...chat.flatMap((rule) => rule.models), ...providers.flatMap((provider) => provider.models)];
  return [...new Set([...models, ...named])].filter((name) => name !== "*");
}

/** The part of 1 that each weight is; all 0 where nothing has weight. */
export function sharesOf(weights: readonly (number | null)[]): number[] {
  const settled = weights.map((weight) => weight ?? 1);
  const sum = settled.reduce((total, weight) => total + weight, 0);
  return settled.map((weight) => (sum === 0 ? 0 : weight / sum));
}

function namesUsed(rule: Rule): string[] {
  return [...rule.steps.flatMap((step) => step.targets.map(({ name }) => name)), ...rule.variants.map(({ target }) => target)];
}

function bareRule(target: RuleTarget): Rule {
  return {
    layer: "route",
    name: target.name,
    endpoint: "chat",
    models: [target.model],
    strategy: "single",
    steps: [{ strategy: "single", targets: [target] }],
    variants: [],
    stickyBy: "",
    limits: {},
    isBare: true,
  };
}

function ruleOf(layer: Rule["layer"], name: string, value: Table, targets: Rules["targets"]): Rule {
  const models = texts(value["models"]);
  const areCalled = layer === "function" && models.length > 0;
  const steps = Array.isArray(value["steps"]) ? value["steps"].map((step) => stepOf(table(step), targets)) : [];
  const variants = Object.entries(table(value["variants"])).map(([variant, arm]) => variantOf(variant, table(arm)));
  const called = areCalled ? models.map((model) => modelTarget(model)) : texts(value["targets"]).map((target) => known(target, targets));
  const strategy = value["strategy"];
  return {
    layer,
    name,
    endpoint: Object.keys(KINDS).find((kind): kind is EndpointKind => kind === value["endpoint"]) ?? "chat",
    models: areCalled ? [] : models,
    strategy: variants.length > 0 ? "experiment" : steps.length > 0 ? "steps" : stepStrategy(strategy),
    steps: steps.length > 0 ? steps : variants.length > 0 ? [] : [{ strategy: stepStrategy(strategy), targets: called }],
    variants,
    stickyBy: (["user", "session", "conversation"] as const).find((subject) => subject === value["sticky_by"]) ?? "",
    limits: Object.fromEntries(LIMIT_KEYS.filter((key) => key in value).map((key) => [key, value[key]])),
    isBare: false,
  };
}

function stepOf(value: Table, targets: Rules["targets"]): RuleStep {
  return { strategy: stepStrategy(value["strategy"]), targets: texts(value["targets"]).map((target) => known(target, targets)) };
}

function stepStrategy(value: unknown): StepStrategy {
  return value === "weighted" || value === "fallback" ? value : "single";
}

function variantOf(name: string, { model, target, weight, ...parameters }: Table): RuleVariant {
  return { name, model: text(model), target: text(target), weight: number(weight), parameters };
}

function targetOf(name: string, value: Table): RuleTarget {
  return {
    name,
    model: text(value["model"]),
    provider: text(value["provider"]),
    credential: text(value["credential"]),
    weight: number(value["weight"]),
    isModel: false,
  };
}

/** A model that a function names itself. */
export function modelTarget(model: string): RuleTarget {
  return { name: model, model, provider: "", credential: "", weight: null, isModel: true };
}

function known(name: string, targets: Rules["targets"]): RuleTarget {
  return targets.get(name) ?? targetOf(name, {});
}

function read(toml: string): Table | string {
  try {
    return parse(toml);
  } catch (error) {
    if (error instanceof TomlError) return error.message;
    throw error;
  }
}

function table(value: unknown): Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Table) : {};
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function number(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
