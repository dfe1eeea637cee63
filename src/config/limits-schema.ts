import * as z from "zod/mini";
import { integer, table } from "./schema-parts.ts";

/** Far above what anybody counts: a number beyond it is a slip. */
const MOST_UNITS = 1_000_000_000_000;

/** Calls under way at once: no account has more. */
const MOST_CONCURRENT = 1_000_000;

/** Fewer than two calls are no repetition; more than a hundred are none that anybody waits for. */
const SAME_CALLS = { least: 2, most: 100 };

const requests = z.optional(integer(1, MOST_UNITS, "requests"));
const tokens = z.optional(integer(1, MOST_UNITS, "tokens"));
const USD_RULE = "must be a number of USD from 0.000001 to 1000000000";
const usd = z.optional(z.number(USD_RULE).check(z.minimum(0.000_001, USD_RULE), z.maximum(1_000_000_000, USD_RULE)));

/** The limits of a subject, each key as `LimitName` has it. */
const limitKeys = {
  requests_per_minute: requests,
  requests_per_hour: requests,
  requests_per_day: requests,
  requests_per_week: requests,
  requests_per_month: requests,
  tokens_per_minute: tokens,
  tokens_per_hour: tokens,
  tokens_per_day: tokens,
  tokens_per_week: tokens,
  tokens_per_month: tokens,
  usd_per_minute: usd,
  usd_per_hour: usd,
  usd_per_day: usd,
  usd_per_week: usd,
  usd_per_month: usd,
  max_concurrent: z.optional(integer(1, MOST_CONCURRENT, "calls at once")),
};

/** `[limits.key]` and its like: the limits of one subject. */
export const limitTable = table(limitKeys);

/** The same where a conversation that goes in circles can be stopped too. */
export const limitTableWithLoops = table({
  ...limitKeys,
  same_tool_call: z.optional(integer(SAME_CALLS.least, SAME_CALLS.most, "the same tool call, one after another")),
});
