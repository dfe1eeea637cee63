/** Above this wait a request does not stay on its target: the next one is asked at once. Spec, "Attempts". */
export const LONGEST_HEEDED_RETRY_AFTER_MS = 10_000;

/**
 * How long an upstream asks to be left alone, in ms from `nowMs`, or `undefined` where it does not say or says nonsense. Reads `retry-after-ms`
 * (milliseconds), then `Retry-After` (seconds or an HTTP date, RFC 9110 10.2.3). A moment that has passed is 0.
 */
export function readRetryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const inMs = readNumber(headers.get("retry-after-ms"));
  if (inMs !== undefined) return Math.ceil(inMs);
  const retryAfter = headers.get("retry-after")?.trim();
  if (retryAfter === undefined || retryAfter === "") return undefined;
  const inSeconds = readNumber(retryAfter);
  if (inSeconds !== undefined) return Math.ceil(inSeconds * 1000);
  // Date.parse takes a bare negative number for a year; an HTTP date begins with the day's name.
  const date = /^[A-Za-z]/.test(retryAfter) ? Date.parse(retryAfter) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

function readNumber(text: string | null): number | undefined {
  if (text === null || !/^\s*\d+(\.\d+)?\s*$/.test(text)) return undefined;
  return Number(text);
}
