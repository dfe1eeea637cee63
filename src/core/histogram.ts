/** A quantile read from a histogram differs from the true one by at most this share of it. */
export const QUANTILE_ERROR = 0.02;

/** Each bucket reaches this much farther than the one before it, so that its middle is right for all of it within the error. */
const GROWTH = (1 + QUANTILE_ERROR) / (1 - QUANTILE_ERROR);
const LOG_GROWTH = Math.log(GROWTH);

/** How often a value fell into which bucket: by bucket, only those that hold something. Histograms are merged by adding. */
export type Histogram = Map<number, number>;

/** The bucket of a value: 0 for less than 1, then buckets of equal ratio. Up to an hour in ms there are 379. */
export function bucketOf(value: number): number {
  return value < 1 ? 0 : 1 + Math.ceil(Math.log(value) / LOG_GROWTH - 1e-9);
}

/** Adds `count` values to a bucket. */
export function addTo(histogram: Histogram, bucket: number, count: number): void {
  histogram.set(bucket, (histogram.get(bucket) ?? 0) + count);
}

/** The value that `share` of all are no greater than, within `QUANTILE_ERROR`; `null`: there are none. */
export function quantile(histogram: Histogram, share: number): number | null {
  const buckets = [...histogram].toSorted(([left], [right]) => left - right);
  let left = Math.ceil(buckets.reduce((sum, [, count]) => sum + count, 0) * share);
  for (const [bucket, count] of buckets) {
    left -= count;
    if (left <= 0) return middleOf(bucket);
  }
  return null;
}

/** As plain numbers: bucket, count, bucket, count, … */
export function flat(histogram: Histogram): number[] {
  return [...histogram].flat();
}

/** Adds a flat histogram. */
export function addFlat(histogram: Histogram, numbers: readonly number[]): void {
  for (let index = 0; index < numbers.length; index += 2) addTo(histogram, numbers[index] ?? 0, numbers[index + 1] ?? 0);
}

function middleOf(bucket: number): number {
  if (bucket < 2) return bucket;
  return Number(((2 * GROWTH ** (bucket - 1)) / (GROWTH + 1)).toPrecision(4));
}
