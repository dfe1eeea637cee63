/** What a step between two marks begins with, so that people can count in it. */
const ROUND = [1, 2, 2.5, 5, 10];

/** Marks that an axis is divided by at least, where its figures are not whole. */
const LEAST_STEPS = 4;

/** Digits of a mark: beyond them a product of floats is noise. */
const DIGITS = 12;

/** The marks of an axis from 0 to `greatest` or just above, no closer than `leastStep`: `axisMarks(37, 1)` is `[0, 10, 20, 30, 40]`. */
export function axisMarks(greatest: number, leastStep: number): readonly number[] {
  const top = greatest > 0 ? greatest : Math.max(1, leastStep);
  const rough = top / LEAST_STEPS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const round = (ROUND.find((each) => each * power >= rough) ?? 10) * power;
  const step = Math.max(round, leastStep);
  const steps = Math.ceil(Number((top / step).toPrecision(DIGITS)));
  return Array.from({ length: steps + 1 }, (_, index) => Number((index * step).toPrecision(DIGITS)));
}

/** Which of `count` labels can stand under an axis of `width` px without touching, where the longest takes `labelWidth` px: every how manieth. */
export function labelStride(count: number, labelWidth: number, width: number): number {
  return Math.max(1, Math.ceil((count * labelWidth) / Math.max(1, width)));
}
