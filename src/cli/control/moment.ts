import { CommandFailure } from "../command-failure.ts";

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A point in time as the control API takes it: `1h` before now, or a time as it is.
 * @throws {CommandFailure} for what is neither.
 */
export function moment(option: string, text: string, nowMs: number): string {
  const [, number, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const spanMs = Number(number) * (UNIT_MS[unit ?? ""] ?? Number.NaN);
  const timeMs = Number.isNaN(spanMs) ? isoMs(text) : nowMs - spanMs;
  if (Number.isFinite(timeMs) && Math.abs(timeMs) <= MAX_TIME_MS) return new Date(timeMs).toISOString();
  throw new CommandFailure(
    `${option} ${text}: neither a span up to now (30s, 15m, 1h, 7d) nor a time in ISO 8601 (2026-11-20, 2026-11-20T12:00:00Z)`,
    2,
  );
}

/** https://262.ecma-international.org/#sec-time-values-and-time-range */
const MAX_TIME_MS = 8.64e15;

/** Only ISO 8601: what else `Date` takes differs from one system to the next. */
function isoMs(text: string): number {
  return /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.test(text) ? Date.parse(text) : Number.NaN;
}
