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

/** What a call takes, or used, in the units that are counted: money in micro-dollars. */
export type Units = Readonly<Record<Limit["unit"], number>>;

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
    return max === undefined ? [] : [limitWritten(name, max)];
  });
}

function limitWritten(name: LimitName, max: number): Limit {
  const limit = limitNamed(name, max);
  return limit.unit === "usd" ? { ...limit, max: Math.round(max * MICRO_USD) } : limit;
}

/** The limit of a name, its `max` as it is counted. */
export function limitNamed(name: LimitName, max: number): Limit {
  if (name === "max_concurrent") return { name, unit: "slots", period: undefined, max };
  const unit = LIMIT_UNITS.find((each) => name.startsWith(each)) ?? "requests";
  const period = LIMIT_PERIODS.find((each) => name.endsWith(each)) ?? "minute";
  return { name, unit, period, max };
}

/** Whether what is used is only known when the call is over: until then it is reserved. */
export function isSettled(unit: Limit["unit"]): boolean {
  return unit === "tokens" || unit === "usd";
}

/** Whether a period is a window of the calendar. */
export function isWindow(period: LimitPeriod | undefined): period is "day" | "week" | "month" {
  return period === "day" || period === "week" || period === "month";
}

/** What units count against each of these limits. */
export function amountsOf(limits: readonly Limit[], units: Units): Amounts {
  const amounts: Partial<Record<LimitName, number>> = {};
  for (const { name, unit } of limits) amounts[name] = units[unit];
  return amounts;
}
