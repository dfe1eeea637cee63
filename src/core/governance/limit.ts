/** What a limit counts. `tokens`: input and output as the provider counts them, cached and reasoning inside. */
const LIMIT_UNITS = ["requests", "tokens", "usd"] as const;

/** Over which time. Minute and hour refill evenly; day, week (from Monday) and month are windows of the calendar. */
const LIMIT_PERIODS = ["minute", "hour", "day", "week", "month"] as const;

/** A limit as keys name it: `"usd_per_month"`. */
type LimitName = `${(typeof LIMIT_UNITS)[number]}_per_${(typeof LIMIT_PERIODS)[number]}` | "max_concurrent";

/** The limits of one subject as they are written: money in USD. */
export type LimitTable = Readonly<Partial<Record<LimitName, number>>>;

/** Every limit there is, in the order in which they are told. */
export const LIMIT_NAMES: readonly LimitName[] = [
  ...LIMIT_UNITS.flatMap((unit) => LIMIT_PERIODS.map((period): LimitName => `${unit}_per_${period}`)),
  "max_concurrent",
];
