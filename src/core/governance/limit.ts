/** What a limit counts. `tokens`: input and output as the provider counts them, cached and reasoning inside. */
export const LIMIT_UNITS = ["requests", "tokens", "usd"] as const;
export type LimitUnit = (typeof LIMIT_UNITS)[number];

/** Over which time. Minute and hour refill evenly; day, week (from Monday) and month are windows of the calendar. */
export const LIMIT_PERIODS = ["minute", "hour", "day", "week", "month"] as const;
export type LimitPeriod = (typeof LIMIT_PERIODS)[number];

/** A limit as routes.toml, keys and messages name it: `"usd_per_month"`. */
export type LimitName = `${LimitUnit}_per_${LimitPeriod}` | "max_concurrent";

/** The limits of one subject as they are written: money in USD. */
export type LimitTable = Readonly<Partial<Record<LimitName, number>>>;

/** Amounts by the limits that they count against: requests, tokens, slots, micro-dollars. One that is left out is 0. */
export type Amounts = Readonly<Partial<Record<LimitName, number>>>;

/** One limit, ready to be counted. */
export interface Limit {
  readonly name: LimitName;
  /** `slots`: calls under way at once. */
  readonly unit: LimitUnit | "slots";
  /** `undefined`: of slots, which come back. */
  readonly period: LimitPeriod | undefined;
  /** In the unit that is counted; micro-dollars where that is money. */
  readonly max: number;
}

/** Money is counted in whole micro-dollars. */
export const MICRO_USD = 1_000_000;

/** Every limit there is, in the order in which they are told. */
export const LIMIT_NAMES: readonly LimitName[] = [
  ...LIMIT_UNITS.flatMap((unit) => LIMIT_PERIODS.map((period): LimitName => `${unit}_per_${period}`)),
  "max_concurrent",
];

/** The limits of a table, ready to be counted. */
export function limitsOf(table: LimitTable): readonly Limit[] {
  return LIMIT_NAMES.flatMap((name) => {
    const max = table[name];
    return max === undefined ? [] : [limitOf(name, max)];
  });
}

function limitOf(name: LimitName, max: number): Limit {
  if (name === "max_concurrent") return { name, unit: "slots", period: undefined, max };
  const unit = LIMIT_UNITS.find((each) => name.startsWith(each)) ?? "requests";
  const period = LIMIT_PERIODS.find((each) => name.endsWith(each)) ?? "minute";
  return { name, unit, period, max: unit === "usd" ? Math.round(max * MICRO_USD) : max };
}

/** Whether what is taken is only known when the call is over, and is held until then: all but requests. */
export function isSettled(unit: Limit["unit"]): boolean {
  return unit !== "requests";
}

/** Whether a period is a window of the calendar. */
export function isWindow(period: LimitPeriod | undefined): period is "day" | "week" | "month" {
  return period === "day" || period === "week" || period === "month";
}
