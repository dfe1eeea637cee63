import type { ConditionalPrice, MatchLogic, ModelInfo, ModelPrice, Provider } from "@pydantic/genai-prices";
import { type PricedProvider, type PriceTable, pricedTypes } from "../../config/prices.ts";

/** The version of the package that the prices come from, and the day it was released: `npm view @pydantic/genai-prices time`. */
export const PRICES_RELEASE = { version: "0.1.8", date: "2026-09-23" };

/** Providers of the package that are no type of the gateway's and copy OpenAI's API: they are found by their address. */
const FURTHER_PROVIDERS = ["arcee", "baseten", "cloudflare", "minimax", "novita", "ovhcloud", "zai", "zhipuai"];

/** The parts of the input that have a price of their own, as the package names them. */
const PARTS = { cached_input: "cache_read_mtok", cache_write: "cache_write_mtok", cache_write_1h: "cache_write_1h_mtok" } as const;

/** The package's prices of the day it was released, one row for each model that is paid by the token. */
export async function priceTable(): Promise<PriceTable> {
  // Only a build needs the package: it takes longer to load than most commands to run.
  const { findProvider } = await import("@pydantic/genai-prices");
  const ids = [...pricedTypes(), ...FURTHER_PROVIDERS];
  const providers = ids.flatMap((id) => {
    const provider = findProvider({ providerId: id });
    if (provider === undefined) return [];
    const others = (provider.fallback_model_providers ?? []).map((other) => findProvider({ providerId: other }));
    return [[id, pricedProvider(provider, others)] as const];
  });
  return { date: PRICES_RELEASE.date, providers: Object.fromEntries(providers) };
}

/** `others`: those whose prices hold for models that the provider has no price of its own for. */
function pricedProvider(provider: Provider, others: readonly (Provider | undefined)[]): PricedProvider {
  const models = [provider, ...others].flatMap((each) => each?.models ?? []);
  return { address: provider.api_pattern, models: models.flatMap(row) };
}

function row({ match, prices, context_window: contextWindow }: ModelInfo): PricedProvider["models"] {
  const valid = Array.isArray(prices) ? prices.findLast(isInForce)?.prices : prices;
  const input = basePrice(valid?.["input_mtok"]);
  if (valid === undefined || input === undefined) return [];
  const parts = Object.entries(PARTS).flatMap(([part, name]) => {
    const price = basePrice(valid[name]);
    return price === undefined ? [] : [[part, price] as const];
  });
  const price = { input, ...Object.fromEntries(parts), output: basePrice(valid["output_mtok"]) ?? 0 };
  return [contextWindow === undefined ? [pattern(match), price] : [pattern(match), price, contextWindow]];
}

/** Prices of certain hours are left out: a request's price would depend on its time. */
function isInForce({ constraint }: ConditionalPrice): boolean {
  return constraint === undefined || (constraint.type === "start_date" && constraint.start_date <= PRICES_RELEASE.date);
}

/** Where a price rises with the length of the input, what short inputs cost. */
function basePrice(price: ModelPrice[string]): number | undefined {
  return typeof price === "object" ? price.base : price;
}

/** A condition on a model's name as a regular expression. */
function pattern(match: MatchLogic): string {
  if ("or" in match) return `(?:${match.or.map(pattern).join("|")})`;
  if ("and" in match) return match.and.map((each) => `(?=${anywhere(each)})`).join("");
  if ("equals" in match) return `^${escaped(match.equals)}$`;
  if ("starts_with" in match) return `^${escaped(match.starts_with)}`;
  if ("ends_with" in match) return `${escaped(match.ends_with)}$`;
  if ("contains" in match) return escaped(match.contains);
  return `(?:${match.regex})`;
}

/** A lookahead's condition holds from where it stands; these are to hold wherever they do. */
function anywhere(match: MatchLogic): string {
  return `.*(?:${pattern(match)})`;
}

/** https://262.ecma-international.org/#prod-SyntaxCharacter, and the slash, which JSON text shows plainer unescaped. */
function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
