import type { LimitTable } from "./limit.ts";

/**
 * What may be asked for, where not everything may. Judged on what was asked and the layer it resolved to, never on a target's model: which models an allowed
 * route falls back to is the route's business.
 */
export interface AllowList {
  /** Calls that resolve to them, by name or by model. */
  readonly routes: ReadonlySet<string>;
  readonly functions: ReadonlySet<string>;
  /** The caller's own word, wherever it leads. */
  readonly models: ReadonlySet<string>;
  /** Passthrough to them, with or without prefix, and all else of their APIs. */
  readonly providers: ReadonlySet<string>;
}

/** `[plans.NAME]`: what the keys of this plan may do. */
export interface KeyPlan {
  readonly name: string;
  /** `undefined`: everything. */
  readonly allow: AllowList | undefined;
  readonly limits: LimitTable;
}

const NONE: ReadonlySet<string> = new Set();

/** The plan of a key whose plan is not, or no longer, in the configuration: nobody can say what it allows, so it allows nothing. */
export function missingPlan(name: string): KeyPlan {
  return { name, allow: { routes: NONE, functions: NONE, models: NONE, providers: NONE }, limits: {} };
}

/** Names of each kind that a message lists at most. */
const TOLD_NAMES = 10;

/** `the routes balanced; the models gpt-4o, gpt-4o-mini`, or `nothing`. */
export function allowedText({ routes, functions, models, providers }: AllowList): string {
  const kinds = [
    ["routes", routes],
    ["functions", functions],
    ["models", models],
    ["models and API of", providers],
  ] as const;
  const parts = kinds.flatMap(([kind, names]) => (names.size === 0 ? [] : [`${kind} ${listed([...names])}`]));
  return parts.length === 0 ? "nothing" : `the ${parts.join("; the ")}`;
}

function listed(names: readonly string[]): string {
  const more = names.length > TOLD_NAMES ? ` and ${names.length - TOLD_NAMES} more` : "";
  return names.slice(0, TOLD_NAMES).join(", ") + more;
}
