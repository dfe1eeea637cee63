import { expect, test } from "vitest";
import { mayHold, summaryOf } from "../../../../src/core/trace/term-summary.ts";
import { matches, readTraceFilter, termsOf, termsOfFilter } from "../../../../src/core/trace/trace-filter.ts";
import { traceAt } from "../../../support/trace-at.ts";

test("a summary holds every term that it was made of, and about one of a hundred others, in ten bits each", () => {
  const terms = Array.from({ length: 1_000 }, (_, n) => `session=${n}`);
  const summary = summaryOf(new Set(terms));
  expect(summary).toHaveLength(1_250);
  expect(terms.every((term) => mayHold(summary, term))).toBe(true);
  const wrong = Array.from({ length: 10_000 }, (_, n) => `user=${n}`).filter((term) => mayHold(summary, term));
  expect(wrong.length).toBeGreaterThan(10);
  expect(wrong.length).toBeLessThan(250);
});

test("a summary of nothing holds nothing", () => {
  expect(mayHold(summaryOf(new Set()), "route=main")).toBe(false);
});

const trace = traceAt(Date.parse("2026-11-20T12:00:00Z"), 1, {
  function: "extract",
  variant: "fast",
  session_id: "s-1",
  user_id: "u-1",
  environment: "production",
  requested_model: "asked",
  outcome: "truncated",
});

test.each([
  "status=error",
  "outcome=truncated",
  "provider=openai",
  "model=asked",
  "model=gpt-4o",
  "model=gpt-4o-2024-08-06",
  "route=main",
  "function=extract",
  "target=primary",
  "variant=fast",
  "session=s-1",
  "user=u-1",
  "environment=production",
  "api_key=TO11_API_KEY",
  "trace_id=0af7651916cd43dd8448eb211c80319c",
])("a trace that passes %s has that filter's terms", (query) => {
  const filter = readTraceFilter(new URLSearchParams(query));
  if (!filter.ok) throw new Error(filter.error.name);
  expect(matches(filter.value, trace)).toBe(true);
  const needed = termsOfFilter(filter.value);
  expect(needed).toHaveLength(1);
  expect(termsOf(trace, "tail")).toEqual(expect.arrayContaining([...needed]));
});

test("filters by time, tokens and text need no terms", () => {
  expect(termsOfFilter({ sinceMs: 1, untilMs: 2, minTokens: 3, maxTokens: 4, q: "x" })).toEqual([]);
});
