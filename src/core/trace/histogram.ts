/** A quantile read from a histogram differs from the true one by at most this share of it. */
export const QUANTILE_ERROR = 0.02;

/** Each bucket reaches this much farther than the one before it, so that its middle is right for all of it within the error. */
const GROWTH = (1 + QUANTILE_ERROR) / (1 - QUANTILE_ERROR);
const LOG_GROWTH = Math.log(GROWTH);

/** The last one begins at eight days in ms, and takes what is greater. */
const BUCKETS = 512;

/** How many values fell into each bucket: values below 1 into the first, the others into buckets of equal ratio. */
export type Histogram = Uint32Array;

/** One without values. */
export function emptyHistogram(): Histogram {
  return new Uint32Array(BUCKETS);
}

/** Counts a value. */
export function countValue(histogram: Histogram, value: number): void {
  const bucket = bucketOf(value);
  histogram[bucket] = (histogram[bucket] ?? 0) + 1;
}

/** The value that `share` of all are no greater than, within `QUANTILE_ERROR`; `null`: there are none. */
export function quantile(histogram: Histogram, share: number): number | null {
  let left = Math.ceil(histogram.reduce((sum, count) => sum + count, 0) * share);
  if (left === 0) return null;
  const bucket = histogram.findIndex((count) => (left -= count) <= 0);
  return bucket < 2 ? bucket : Number(((2 * GROWTH ** (bucket - 1)) / (GROWTH + 1)).toPrecision(5));
}

/** As plain numbers: bucket, count, bucket, count, …, without those that are empty. */
export function flat(histogram: Histogram): number[] {
  const numbers: number[] = [];
  histogram.forEach((count, bucket) => {
    if (count > 0) numbers.push(bucket, count);
  });
  return numbers;
}

/** Adds a flat histogram: that is how they are merged. */
export function addFlat(histogram: Histogram, numbers: readonly number[]): void {
  for (let index = 0; index < numbers.length; index += 2) {
    const bucket = numbers[index] ?? 0;
    histogram[bucket] = (histogram[bucket] ?? 0) + (numbers[index + 1] ?? 0);
  }
}

/** Whole powers of the ratio, but for a rounding error, belong to the bucket that they end. */
function bucketOf(value: number): number {
  return value < 1 ? 0 : Math.min(BUCKETS - 1, 1 + Math.ceil(Math.log(value) / LOG_GROWTH - 1e-9));
}
