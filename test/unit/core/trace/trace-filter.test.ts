import { describe, expect, test } from "vitest";
import { matches, readTraceFilter, TRACE_FILTERS } from "../../../../src/core/trace/trace-filter.ts";
import type { TraceRecord } from "../../../../src/core/trace/trace-record.ts";
import { USAGE_NOT_REPORTED } from "../../../../src/core/usage/usage.ts";
import { traceAt } from "../../../support/trace-at.ts";

const NOON = Date.parse("2026-11-20T12:00:00.000Z");

const TRACE: TraceRecord = {
  ...traceAt(NOON, 1),
  route: "summarize",
  function: null,
  variant: "fast",
  target: "openai-primary",
  provider: "openai",
  requested_model: "route::summarize",
  upstream_model: "gpt-4o",
  reported_model: "gpt-4o-2024-08-06",
  session_id: "s-1",
  user_id: "u-1",
  environment: "staging",
  metadata: { feature: "Search" },
};

function passes(query: string, trace = TRACE): boolean {
  const filter = readTraceFilter(new URLSearchParams(query));
  if (!filter.ok) throw new Error(JSON.stringify(filter.error));
  return matches(filter.value, trace);
}

describe("a trace passes", () => {
  test.each([
    ["", true],
    ["since=2026-11-20T12:00:00Z", true],
    ["since=2026-11-20T12:00:00.001Z", false],
    ["until=2026-11-20T12:00:00Z", false],
    ["until=2026-11-20T12:00:00.001Z", true],
    ["since=2026-11-20", true],
    ["since=2026-11-21", false],
    ["since=2026-11-20T13:00%2B01:00", true],
    ["provider=openai", true],
    ["provider=OpenAI", false],
    ["model=route::summarize", true],
    ["model=gpt-4o", true],
    ["model=gpt-4o-2024-08-06", true],
    ["model=gpt-4", false],
    ["route=summarize", true],
    ["function=summarize", false],
    ["target=openai-primary", true],
    ["variant=fast", true],
    ["variant=slow", false],
    ["session=s-1", true],
    ["user=u-1", true],
    ["user=u-2", false],
    ["environment=staging", true],
    ["api_key=TO11_API_KEY", true],
    ["trace_id=0af7651916cd43dd8448eb211c80319c", true],
    ["trace_id=0af7651916cd43dd8448eb211c80319d", false],
    ["outcome=complete", true],
    ["outcome=failed", false],
    ["min_tokens=19", true],
    ["min_tokens=20", false],
    ["max_tokens=19", true],
    ["max_tokens=18", false],
    ["q=search", true],
    ["q=SUMMAR", true],
    ["q=nowhere", false],
    ["provider=openai&variant=slow", false],
    ["provider=openai&variant=fast&status=ok", true],
  ])("%j: %j", (query, expected) => {
    expect(passes(query)).toBe(expected);
  });

  test.each([
    ["complete", "ok"],
    ["rescued", "ok"],
    ["client_closed", "ok"],
    ["failed", "error"],
    ["truncated", "error"],
    ["rejected", "error"],
  ] as const)("with outcome %s as status %s only", (outcome, status) => {
    const trace = { ...TRACE, outcome };
    expect([passes("status=ok", trace), passes("status=error", trace)]).toEqual([status === "ok", status === "error"]);
  });

  test("no token limit when its usage was not reported", () => {
    const usage = USAGE_NOT_REPORTED;
    expect([passes("min_tokens=0", { ...TRACE, usage }), passes("max_tokens=99", { ...TRACE, usage })]).toEqual([false, false]);
    expect(passes("min_tokens=9&max_tokens=9", { ...TRACE, usage: { ...usage, input_tokens: 9 } })).toBe(true);
  });
});

describe("a filter is refused", () => {
  test.each([
    ["provder=openai", { kind: "unknown", name: "provder" }],
    ["limit=5", { kind: "unknown", name: "limit" }],
    ["route=a&route=b", { kind: "repeated", name: "route" }],
  ])("%j", (query, error) => {
    expect(readTraceFilter(new URLSearchParams(query))).toEqual({ ok: false, error });
  });

  test.each([
    "since=yesterday",
    "since=2026-11-20T12:00:00",
    "since=2026-13-01",
    "until=",
    "status=200",
    "outcome=ok",
    "min_tokens=-1",
    "min_tokens=1.5",
    "max_tokens=many",
    "provider=",
    "q=",
    "since=2026-11-20&until=2026-11-20",
    "min_tokens=2&max_tokens=1",
  ])("%j, saying what would be right", (query) => {
    const result = readTraceFilter(new URLSearchParams(query));
    expect(result).toMatchObject({ ok: false, error: { kind: "invalid", name: query.slice(0, query.indexOf("=")) } });
  });
});

test("every filter is read", () => {
  const values: Record<string, string> = {
    since: "2026-11-20",
    until: "2026-11-21",
    status: "ok",
    outcome: "failed",
    min_tokens: "1",
    max_tokens: "2",
  };
  for (const name of TRACE_FILTERS) expect(readTraceFilter([[name, values[name] ?? "x"]]).ok, name).toBe(true);
});
