import type { Price } from "../core/usage/usage.ts";
import { PROVIDER_TYPES } from "../providers/index.ts";
import { openai } from "../providers/openai.ts";
import type { CompiledConfig, CompiledProvider } from "./compiled.ts";

/** What models cost at the providers that the gateway knows: ships with a deploy as the asset prices.json. */
export interface PriceTable {
  /** The day it was made, `2026-09-23`. */
  readonly date: string;
  /** By provider type; providers that are none, by their name in the package that the table is made from. */
  readonly providers: Readonly<Record<string, PricedProvider>>;
}

/** What one provider charges. */
export interface PricedProvider {
  /** Its addresses, as a regular expression for their beginning. */
  readonly address: string;
  /** The model's names, as a regular expression, what it costs, and, where that is known, its context window in tokens; the first that fits holds. */
  readonly models: readonly (readonly [names: string, price: Price, contextWindow?: number])[];
}

/** What a configuration's models cost and hold, settled when it was published. */
export interface SettledPrices {
  /** The table's day; `null`: there was no table. */
  readonly date: string | null;
  /** By provider id and model. A model that is not there has no known price. */
  readonly models: Readonly<Record<string, Readonly<Record<string, Price>>>>;
  /** Context windows in tokens, in the same way. */
  readonly contextWindows?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Where there is no table. */
export const NO_PRICES: SettledPrices = { date: null, models: {} };

/** The provider types, for whoever makes a table. */
export function pricedTypes(): readonly string[] {
  return [...PROVIDER_TYPES.keys()];
}

/** The prices of all models that a configuration lists or calls, as far as the table has them. */
export function settlePrices(compiled: CompiledConfig, table: PriceTable): SettledPrices {
  const candidates = compiled.routes.flatMap((route) => route.steps.flatMap((step) => step.candidates));
  const byProvider = Map.groupBy(candidates, ({ provider }) => provider);
  const found = compiled.providers.map((provider, position) => {
    const priced = pricedProvider(provider, table);
    const called = (byProvider.get(position) ?? []).map(({ model }) => model);
    const names = [...new Set([...provider.models, ...called])];
    const rows = priced === undefined ? [] : names.flatMap((name) => rowOf(name, priced));
    return [provider.id, rows] as const;
  });
  return {
    date: table.date,
    models: Object.fromEntries(found.map(([id, rows]) => [id, Object.fromEntries(rows.map(({ name, price }) => [name, price]))])),
    contextWindows: Object.fromEntries(found.map(([id, rows]) => [id, Object.fromEntries(rows.flatMap(windowOf))])),
  };
}

/** Whoever is at the address; behind an address that nobody has (a proxy, a resource of one's own) whom the type names, or, where that is everybody's, the id. */
function pricedProvider({ id, type, baseUrl }: CompiledProvider, table: PriceTable): PricedProvider | undefined {
  const known = Object.entries(table.providers);
  const name = type === openai.id ? id : type;
  const found = known.find(([, { address }]) => patternOf(`^(?:${address})`).test(baseUrl)) ?? known.find(([each]) => each === name);
  return found?.[1];
}

/** What the table says of a model. */
interface FoundRow {
  readonly name: string;
  readonly price: Price;
  readonly contextWindow: number | undefined;
}

function rowOf(name: string, { models }: PricedProvider): readonly FoundRow[] {
  const found = models.find(([names]) => patternOf(names).test(name));
  return found === undefined ? [] : [{ name, price: found[1], contextWindow: found[2] }];
}

function windowOf({ name, contextWindow }: FoundRow): readonly (readonly [string, number])[] {
  return contextWindow === undefined ? [] : [[name, contextWindow]];
}

/** A table has some thousand patterns; to make one anew for each model would take a large file ten seconds. */
const patterns = new Map<string, RegExp>();

function patternOf(source: string): RegExp {
  const pattern = patterns.get(source) ?? new RegExp(source, "i");
  patterns.set(source, pattern);
  return pattern;
}
