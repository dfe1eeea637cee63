import { readFileSync } from "node:fs";
import type { PriceTable } from "../../src/config/prices.ts";

/** A price table as a deploy ships it, with three providers; the tests' Durable Objects find it as their asset. */
export const PRICE_TABLE = JSON.parse(readFileSync("test/fixtures/assets/prices.json", "utf8")) as PriceTable;
