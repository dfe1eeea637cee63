/** No wait between two tries of one target is longer than this, unless the upstream asks for it. Spec, "Attempts". */
export const LONGEST_BACKOFF_MS = 8_000;

/**
 * The wait before the `retry`-th retry (from 1) of a target: min(8 000, base · 2ⁿ⁻¹) × [0.5, 1]. `jitter` is uniform in [0, 1).
 */
export function backoffMs(retry: number, baseMs: number, jitter: number): number {
  const longest = Math.min(LONGEST_BACKOFF_MS, baseMs * 2 ** (retry - 1));
  return Math.round(longest * (0.5 + jitter / 2));
}
