/** A window of the calendar: from its first moment to that of the next, ms since the epoch. */
export interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether a text names a time zone, `"Europe/Berlin"`. */
export function isTimeZone(text: string): boolean {
  try {
    formatOf(text);
    return true;
  } catch {
    return false;
  }
}

/** The day, week (from Monday) or month of a time zone that a moment lies in. Days are as long as they are there: 23 to 25 hours where clocks change. */
export function windowAt(period: "day" | "week" | "month", nowMs: number, timeZone: string): Window {
  const today = new Date(wallMs(nowMs, timeZone));
  const [year, month, day] = [today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate()];
  const monday = day - ((today.getUTCDay() + 6) % 7);
  const [from, to] =
    period === "month"
      ? [Date.UTC(year, month), Date.UTC(year, month + 1)]
      : period === "week"
        ? [Date.UTC(year, month, monday), Date.UTC(year, month, monday + 7)]
        : [Date.UTC(year, month, day), Date.UTC(year, month, day + 1)];
  return { startMs: momentOf(from, timeZone), endMs: momentOf(to, timeZone) };
}

/** What the clocks of a time zone show, as if they showed UTC. */
function wallMs(ms: number, timeZone: string): number {
  const parts = formatOf(timeZone).formatToParts(ms);
  const of = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
}

/** When the clocks of a time zone show a midnight; where they leave it out, the first moment behind it. */
function momentOf(wall: number, timeZone: string): number {
  const offsetAt = (ms: number): number => wallMs(ms, timeZone) - ms;
  const near = wall - offsetAt(wall);
  const moment = wall - offsetAt(near);
  return wallMs(moment, timeZone) === wall ? moment : Math.max(near, moment);
}

/** To make one takes half a millisecond. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const [year, month, day, hour, minute, second] = Array.from({ length: 6 }, () => "numeric" as const);
  const format = new Intl.DateTimeFormat("en-US", { timeZone, hourCycle: "h23", year, month, day, hour, minute, second });
  formats.set(timeZone, format);
  return format;
}
