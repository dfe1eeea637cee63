import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readHeaders } from "../../../../src/core/header-map.ts";
import { backoffMs } from "../../../../src/core/attempt/backoff.ts";
import { readRetryAfterMs, readRetryInfoMs } from "../../../../src/core/attempt/retry-after.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const A_DAY = 86_400_000;

describe("backoff", () => {
  it.each([
    [1, 500, 0, 250],
    [1, 500, 1, 500],
    [2, 500, 0, 500],
    [3, 500, 0.5, 1_500],
    [5, 500, 1, 8_000],
    [30, 500, 0, 4_000],
    [1, 0, 0.7, 0],
  ])("retry %i with base %i ms and jitter %f waits %i ms", (retry, base, jitter, expected) => {
    expect(backoffMs(retry, base, jitter)).toBe(expected);
  });

  it("stays between half of the doubled base and all of it, and below 8 s", () => {
    const retry = fc.integer({ min: 1, max: 40 });
    const base = fc.integer({ min: 0, max: 60_000 });
    const jitter = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(retry, base, jitter, (nth, baseMs, chance) => {
        const longest = Math.min(8_000, baseMs * 2 ** (nth - 1));
        const waits = backoffMs(nth, baseMs, chance);
        expect(waits).toBeGreaterThanOrEqual(Math.floor(longest / 2));
        expect(waits).toBeLessThanOrEqual(longest);
      }),
    );
  });
});

describe("Retry-After", () => {
  it.each<[Record<string, string>, number | undefined]>([
    [{}, undefined],
    [{ "retry-after": "3" }, 3_000],
    [{ "retry-after": "0" }, 0],
    [{ "retry-after": "0.25" }, 250],
    [{ "retry-after": " 7 " }, 7_000],
    [{ "retry-after": "Fri, 20 Nov 2026 12:00:05 GMT" }, 5_000],
    [{ "retry-after": "Friday, 20-Nov-26 12:00:05 GMT" }, 5_000],
    [{ "retry-after": "Fri, 20 Nov 2026 11:00:00 GMT" }, 0],
    [{ "retry-after": "Tue, 20 Nov 2126 12:00:00 GMT" }, A_DAY],
    [{ "retry-after": "-3" }, 0],
    [{ "retry-after": "99999999999" }, A_DAY],
    [{ "retry-after": "9".repeat(400) }, A_DAY],
    [{ "retry-after": "soon" }, undefined],
    [{ "retry-after": "" }, undefined],
    [{ "retry-after": "1e9" }, undefined],
    [{ "retry-after": "2026-11-20" }, undefined],
    [{ "retry-after-ms": "120", "retry-after": "3" }, 120],
    [{ "retry-after-ms": "0.4" }, 1],
    [{ "retry-after-ms": "-1" }, 0],
    [{ "retry-after-ms": "x", "retry-after": "3" }, 3_000],
  ])("%o is %s ms", (headers, expected) => {
    expect(readRetryAfterMs(readHeaders(new Headers(headers)), 503, NOW)).toBe(expected);
  });
});

describe("a rate limit's reset", () => {
  it.each<[Record<string, string>, number | undefined]>([
    [{ "x-ratelimit-reset-requests": "1s" }, 1_000],
    [{ "x-ratelimit-reset-requests": "6m0s" }, 360_000],
    [{ "x-ratelimit-reset-tokens": "17ms" }, 17],
    [{ "x-ratelimit-reset-tokens": "7.66s" }, 7_660],
    [{ "x-ratelimit-reset-tokens": "1h2m3.5s" }, 3_723_500],
    [{ "x-ratelimit-reset-tokens": "2d" }, A_DAY],
    [{ "x-ratelimit-reset-tokens": "" }, undefined],
    [{ "x-ratelimit-reset-tokens": "s" }, undefined],
    [{ "x-ratelimit-reset-tokens": "-1s" }, undefined],
    [{ "x-ratelimit-reset": "30" }, 30_000],
    [{ "x-ratelimit-reset": "1795176003" }, 3_000],
    [{ "x-ratelimit-reset": "1795176003500" }, 3_500],
    [{ "x-ratelimit-reset": "1795175000" }, 0],
    [{ "ratelimit-reset": "4" }, 4_000],
    [{ "anthropic-ratelimit-requests-reset": "2026-11-20T12:00:02Z" }, 2_000],
    [{ "anthropic-ratelimit-input-tokens-reset": "2026-11-20T13:00:02.500+01:00" }, 2_500],
    [{ "anthropic-ratelimit-tokens-reset": "2026-11-20T11:59:59Z" }, 0],
    [{ "anthropic-ratelimit-tokens-reset": "2026-11-20" }, undefined],
    [{ "x-ratelimit-remaining-requests": "1s" }, undefined],
    [{ "x-ratelimit-reset-requests": "9s", "x-ratelimit-reset-tokens": "2s" }, 2_000],
    [{ "x-ratelimit-reset-requests": "9s", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-tokens": "2s" }, 9_000],
    [
      {
        "anthropic-ratelimit-requests-reset": "2026-11-20T12:00:02Z",
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-tokens-reset": "2026-11-20T12:00:05Z",
        "anthropic-ratelimit-tokens-remaining": "0",
      },
      5_000,
    ],
    [{ "retry-after": "1", "x-ratelimit-reset-requests": "9s" }, 1_000],
    [{ "retry-after": "soon", "x-ratelimit-reset-requests": "9s" }, 9_000],
  ])("%o of a 429 is %s ms", (headers, expected) => {
    expect(readRetryAfterMs(readHeaders(new Headers(headers)), 429, NOW)).toBe(expected);
  });

  it("tells nothing of another refusal: every answer carries it", () => {
    expect(readRetryAfterMs(new Map([["x-ratelimit-reset-requests", "9s"]]), 503, NOW)).toBeUndefined();
  });
});

// https://cloud.google.com/apis/design/errors: google.rpc.RetryInfo, whose delay is a google.protobuf.Duration.
it.each<[unknown, number | undefined]>([
  [
    [
      { "@type": "type.googleapis.com/google.rpc.QuotaFailure" },
      { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34.4s" },
    ],
    34_400,
  ],
  [[{ retryDelay: "0s" }], 0],
  [[{ retryDelay: "0.0001s" }], 1],
  [[{ retryDelay: "999999999s" }], 86_400_000],
  [[{ retryDelay: "-1s" }], undefined],
  [[{ retryDelay: "soon" }], undefined],
  [[{ retryDelay: 34 }], undefined],
  [["34s", null], undefined],
  ["34s", undefined],
  [undefined, undefined],
])("an error with the details %j asks for a wait of %s ms", (details, ms) => {
  expect(readRetryInfoMs(details)).toBe(ms);
});
