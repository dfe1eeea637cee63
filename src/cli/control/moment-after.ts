/** How long a unit is, ms. */
const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A span as it is written, `24h`, `90m`, `7d` or `0`, in ms; `undefined`: it is none. */
export function spanMs(text: string): number | undefined {
  if (text === "0") return 0;
  const [, count, unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * (UNITS_MS[unit] ?? 0);
}

/** The moment so long after now, as the API takes it. An ISO 8601 time is itself; `undefined`: it is neither. */
export function momentAfter(text: string, nowMs: number): string | undefined {
  const span = spanMs(text);
  if (span !== undefined) return new Date(nowMs + span).toISOString();
  const isIso = /^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(Date.parse(text));
  return isIso ? new Date(text).toISOString() : undefined;
}
