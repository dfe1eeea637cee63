import type { PriceTable } from "../config/prices.ts";
import type { Env } from "./env.ts";

/** Any origin would do: the binding looks at the path only. */
const ADDRESS = "https://assets.invalid/prices.json";

/** The price table that this deploy ships; `undefined`: it ships none, or it cannot be read now. */
export async function readPriceTable({ ASSETS }: Pick<Env, "ASSETS">): Promise<PriceTable | undefined> {
  try {
    // Where there is no such file, the assets answer with the dashboard's page, which is no JSON.
    return await (await ASSETS?.fetch(ADDRESS))?.json<PriceTable>();
  } catch {
    return undefined; // Publishing goes on without, and says so.
  }
}
