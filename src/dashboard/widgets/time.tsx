import { Text, type TextProps } from "@mantine/core";

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const DAY = new Intl.DateTimeFormat(undefined, { day: "2-digit", month: "short" });
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

/** A moment in local time, with the exact one on hover: today its clock time, else the day too. */
export function Time({ at, ...text }: { readonly at: string } & TextProps): React.JSX.Element {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  return (
    <Text component="time" dateTime={at} title={`${EXACT.format(date)}\n${at}`} inherit style={{ whiteSpace: "nowrap" }} {...text}>
      {isToday ? CLOCK.format(date) : `${DAY.format(date)}, ${CLOCK.format(date)}`}
    </Text>
  );
}
