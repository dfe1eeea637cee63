/** How long ago, by its unit, ms. */
const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The moment so long before now, as the API takes it: `30d`, `12h`, `90m`. An ISO 8601 time is itself; `undefined`: it is neither. */
export function momentBefore(text: string, nowMs: number): string | undefined {
  const [, count, unit = ""] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return new Date(nowMs - Number(count) * (UNITS_MS[unit] ?? 0)).toISOString();
  const isIso = /^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(Date.parse(text));
  return isIso ? text : undefined;
}
