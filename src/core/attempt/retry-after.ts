import type { HeaderMap } from "../header-map.ts";
import { arrayOf, objectOf, textOf } from "../json/foreign-json.ts";

/** Above this wait a request does not stay on its target: the next one is asked at once. Spec, "Attempts". */
export const LONGEST_HEEDED_RETRY_AFTER_MS = 10_000;

/** What upstreams ask for beyond a day is taken for a day: nobody waits for either. */
const LONGEST_SAID_MS = 86_400_000;

const TOO_MANY_REQUESTS = 429;

/** `x-ratelimit-reset`, `x-ratelimit-reset-tokens` (OpenAI and those that copy it), `anthropic-ratelimit-input-tokens-reset`, `ratelimit-reset`. */
const RESET = /^(?:(?:x-)?ratelimit-reset(?:-.+)?|anthropic-ratelimit-.+-reset)$/;

/** As OpenAI and Groq word a time: `17ms`, `1s`, `6m0s`, `2m59.56s`. */
const DURATION = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;
const DURATION_UNITS_MS: readonly number[] = [86_400_000, 3_600_000, 60_000, 1_000, 1];

/** A number is a moment from here on, in seconds or in milliseconds since the epoch; a smaller one is a time to wait in seconds. */
const EPOCH_S = 1e9;
const EPOCH_MS = 1e12;

/**
 * How long an upstream asks to be left alone, in ms from `nowMs`, or `undefined` where it does not say or says nonsense. Reads `retry-after-ms`
 * (milliseconds), then `Retry-After` (seconds or an HTTP date, RFC 9110 10.2.3), then, of a 429, when the rate limit is lifted. A moment that has passed and
 * a negative time are 0, more than a day is a day.
 */
export function readRetryAfterMs(headers: HeaderMap, status: number, nowMs: number): number | undefined {
  const inMs = readNumber(headers.get("retry-after-ms"));
  const ms =
    inMs ?? readRetryAfter(headers.get("retry-after"), nowMs) ?? (status === TOO_MANY_REQUESTS ? readResets(headers, nowMs) : undefined);
  return ms === undefined ? undefined : Math.min(LONGEST_SAID_MS, Math.max(0, Math.ceil(ms)));
}

/** The same as Google words it in an error's `details`: `{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.4s"}`. */
export function readRetryInfoMs(details: unknown): number | undefined {
  for (const detail of arrayOf(details)) {
    const [, seconds] = /^(\d{1,9}(?:\.\d+)?)s$/.exec(textOf(objectOf(detail)["retryDelay"]) ?? "") ?? [];
    if (seconds !== undefined) return Math.min(LONGEST_SAID_MS, Math.ceil(Number(seconds) * 1000));
  }
  return undefined;
}

function readRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  const inSeconds = readNumber(value);
  if (inSeconds !== undefined) return inSeconds * 1000;
  // An HTTP date begins with the day's name; Date.parse takes much more for a date.
  return value !== undefined && /^\s*[A-Za-z]/.test(value) ? untilMoment(value, nowMs) : undefined;
}

/** Of several limits those that have nothing left count, the last of them to be lifted; where none says so, the first of all: which one it was is not known. */
function readResets(headers: HeaderMap, nowMs: number): number | undefined {
  const spent: number[] = [];
  const others: number[] = [];
  for (const [name, value] of headers) {
    const ms = RESET.test(name) ? readReset(value.trim(), nowMs) : undefined;
    if (ms === undefined) continue;
    const isSpent = headers.get(name.replace("reset", "remaining"))?.trim() === "0";
    (isSpent ? spent : others).push(ms);
  }
  if (spent.length > 0) return Math.max(...spent);
  return others.length > 0 ? Math.min(...others) : undefined;
}

function readReset(value: string, nowMs: number): number | undefined {
  const number = readNumber(value);
  if (number !== undefined) {
    if (number < EPOCH_S) return number * 1000;
    return (number < EPOCH_MS ? number * 1000 : number) - nowMs;
  }
  if (/^\d{4}-\d{2}-\d{2}T/.test(value)) return untilMoment(value, nowMs);
  const parts = value === "" ? null : DURATION.exec(value);
  return parts?.slice(1).reduce((sum, part, unit) => sum + Number(part ?? 0) * (DURATION_UNITS_MS[unit] ?? 0), 0);
}

function untilMoment(text: string, nowMs: number): number | undefined {
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? undefined : moment - nowMs;
}

function readNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*-?\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}
