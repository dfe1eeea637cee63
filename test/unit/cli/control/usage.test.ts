import { expect, test } from "vitest";
import { momentBefore } from "../../../../src/cli/control/moment-before.ts";
import { csvLines, dearestFirst, tableLines } from "../../../../src/cli/control/usage.ts";

const NOTHING = { p50: null, p95: null, p99: null };

function series(keys: readonly (string | null)[], requests: number, costUsd: number): Parameters<typeof dearestFirst>[0][number] {
  const totals = {
    requests,
    errors: 1,
    input_tokens: 1_234_567,
    cached_input_tokens: 1_000,
    cache_write_tokens: 0,
    output_tokens: 20,
    cost_usd: costUsd,
    duration_ms: NOTHING,
    first_content_ms: NOTHING,
  };
  return { key: keys[0] ?? null, keys: [...keys], totals, buckets: [] };
}

const ROWS = dearestFirst([series(["(other)"], 900, 99), series(["ann"], 2, 0), series(["bob"], 3, 0), series([null], 1, 1.23456)]);

test("the dearest come first, then the busiest, what was not told apart last", () => {
  expect(ROWS.map(({ key }) => key)).toEqual([null, "bob", "ann", "(other)"]);
});

test("a table has its sums, numbers to the right, and nothing of a caller's that dresses the terminal", () => {
  expect(tableLines(["user"], [...ROWS.slice(0, 2), series(["\u001b[31mred"], 4, 0)])).toEqual([
    "USER      REQUESTS  ERRORS      INPUT  CACHED  CACHE WRITES  OUTPUT  COST USD",
    "-                1       1  1,234,567   1,000             0      20    1.2346",
    "bob              3       1  1,234,567   1,000             0      20      0.00",
    "\u{FFFD}[31mred         4       1  1,234,567   1,000             0      20      0.00",
    "TOTAL            8       3  3,703,701   3,000             0      60    1.2346",
  ]);
});

test("CSV quotes what needs it, and no spreadsheet takes a caller's name for a formula", () => {
  const rows = [series(['a "b", c', "-1"], 1, 0.5), series(["=cmd()", null], 2, 1e-7), series(["@x\ny", "+1 555"], 3, 0)];
  expect(csvLines(["user", "model"], rows)).toEqual([
    "user,model,requests,errors,input_tokens,cached_input_tokens,cache_write_tokens,output_tokens,cost_usd",
    '"a ""b"", c",-1,1,1,1234567,1000,0,20,0.5',
    "'=cmd(),,2,1,1234567,1000,0,20,1e-7",
    "\"'@x\ny\",'+1 555,3,1,1234567,1000,0,20,0",
  ]);
});

test.each([
  ["30d", "2026-10-21T12:00:00.000Z"],
  ["12h", "2026-11-20T00:00:00.000Z"],
  ["90m", "2026-11-20T10:30:00.000Z"],
  ["2026-11-01", "2026-11-01"],
  ["2026-11-01T10:00:00Z", "2026-11-01T10:00:00Z"],
  ["yesterday", undefined],
  ["1w", undefined],
  ["d", undefined],
  ["2026-13-01", undefined],
])("%s before 2026-11-20 at noon is %s", (text, moment) => {
  expect(momentBefore(text, Date.parse("2026-11-20T12:00:00Z"))).toBe(moment);
});
