import { describe, expect, it } from "vitest";
import { backoffMs } from "../../../src/core/backoff.ts";
import { readRetryAfterMs } from "../../../src/core/retry-after.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");

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
});

describe("Retry-After", () => {
  it.each<[Record<string, string>, number | undefined]>([
    [{}, undefined],
    [{ "retry-after": "3" }, 3_000],
    [{ "retry-after": "0.25" }, 250],
    [{ "retry-after": " 7 " }, 7_000],
    [{ "retry-after": "Fri, 20 Nov 2026 12:00:05 GMT" }, 5_000],
    [{ "retry-after": "Fri, 20 Nov 2026 11:00:00 GMT" }, 0],
    [{ "retry-after": "-3" }, undefined],
    [{ "retry-after": "soon" }, undefined],
    [{ "retry-after": "" }, undefined],
    [{ "retry-after": "1e9" }, undefined],
    [{ "retry-after-ms": "120", "retry-after": "3" }, 120],
    [{ "retry-after-ms": "x", "retry-after": "3" }, 3_000],
  ])("%o is %s ms", (headers, expected) => {
    expect(readRetryAfterMs(new Headers(headers), NOW)).toBe(expected);
  });
});
