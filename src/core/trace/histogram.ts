/** A quantile read from a histogram differs from the true one by at most this share of it. */
export const QUANTILE_ERROR = 0.02;

/** Each bucket reaches this much farther than the one before it, so that its middle is right for all of it within the error. */
const GROWTH = (1 + QUANTILE_ERROR) / (1 - QUANTILE_ERROR);
const LOG_GROWTH = Math.log(GROWTH);

/** The last one begins at eight days in ms, and takes what is greater. */
const BUCKETS = 512;

/** How many values fell into each bucket that has some: values below 1 into the first, the others into buckets of equal ratio. */
export type Histogram = Map<number, number>;

/** One without values. */
export function emptyHistogram(): Histogram {
  return new Map();
}

/** Counts a value. */
export function countValue(histogram: Histogram, value: number): void {
  add(histogram, bucketOf(value), 1);
}

/** The value that `share` of all are no greater than, within `QUANTILE_ERROR`; `null`: there are none. */
export function quantile(histogram: Histogram, share: number): number | null {
  const counts = sorted(histogram);
  let left = Math.ceil(counts.reduce((sum, [, count]) => sum + count, 0) * share);
  if (left === 0) return null;
  const [bucket = 0] = counts.find(([, count]) => (left -= count) <= 0) ?? [];
  return bucket < 2 ? bucket : Number(((2 * GROWTH ** (bucket - 1)) / (GROWTH + 1)).toPrecision(5));
}

/** As plain numbers: bucket, count, bucket, count, … */
export function flat(histogram: Histogram): number[] {
  return sorted(histogram).flat();
}

/** Adds a flat histogram: that is how they are merged. */
export function addFlat(histogram: Histogram, numbers: readonly number[]): void {
  for (let index = 0; index < numbers.length; index += 2) {
    add(histogram, numbers[index] ?? 0, numbers[index + 1] ?? 0);
  }
}

function add(histogram: Histogram, bucket: number, count: number): void {
  histogram.set(bucket, (histogram.get(bucket) ?? 0) + count);
}

function sorted(histogram: Histogram): [number, number][] {
  return [...histogram].toSorted(([left], [right]) => left - right);
}

/** Whole powers of the ratio, but for a rounding error, belong to the bucket that they end. */
function bucketOf(value: number): number {
  return value < 1 ? 0 : Math.min(BUCKETS - 1, 1 + Math.ceil(Math.log(value) / LOG_GROWTH - 1e-9));
}
