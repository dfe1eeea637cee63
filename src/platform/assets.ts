import type { PriceTable } from "../config/prices.ts";
import type { Env } from "./env.ts";

/** Any origin would do: the binding looks at the path only. */
const ORIGIN = "https://assets.invalid";

/** The price table that this deploy ships; `undefined`: it ships none, or it cannot be read now. */
export function readPriceTable(env: Pick<Env, "ASSETS">): Promise<PriceTable | undefined> {
  return readJson<PriceTable>(env, "/prices.json");
}

/** The description of the control API that this deploy ships; `undefined`: as above. */
export function readOpenApi(env: Pick<Env, "ASSETS">): Promise<unknown> {
  return readJson<unknown>(env, "/openapi.json");
}

async function readJson<T>({ ASSETS }: Pick<Env, "ASSETS">, path: string): Promise<T | undefined> {
  try {
    // Where there is no such file, the assets answer with the dashboard's page, which is no JSON.
    return await (await ASSETS?.fetch(ORIGIN + path))?.json<T>();
  } catch {
    return undefined; // Who asked goes on without, and says so.
  }
}
