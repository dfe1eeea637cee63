import { GatewayError } from "../../core/gateway-error.ts";
import type { ApiCall } from "./call.ts";

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;

/**
 * How many entries one page holds.
 * @throws GatewayError `invalid_request`.
 */
export function limitOf({ query }: ApiCall): number {
  const text = query.get("limit");
  if (text === null) return DEFAULT_LIMIT;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new GatewayError("invalid_request", `limit must be a whole number from 1 to ${MAX_LIMIT}.`, { param: "limit" });
}
