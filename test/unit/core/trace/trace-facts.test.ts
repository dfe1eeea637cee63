import { expect, test } from "vitest";
import { factsOf, readFacts, writeFacts } from "../../../../src/core/trace/trace-facts.ts";
import { DIMENSIONS, MEASURES } from "../../../../src/core/trace/trace-rollup.ts";
import { traceAt } from "../../../support/trace-at.ts";

const NOON = Date.parse("2026-11-20T12:00:00Z");

const TRACES = [
  traceAt(NOON, 0, { user_id: "tab\tand\nline", session_id: null, cost_usd: 0.25, outcome: "failed" }),
  traceAt(NOON - 90_000, 1, { user_id: "日本", first_content_ms: null, variant: "fast" }),
  traceAt(NOON + 5, 2, { user_id: null, client: "codex/0.50" }),
];

test.each([
  ["none", []],
  ["one", ["user"]],
  ["two", ["client", "variant"]],
  ["all", DIMENSIONS],
] as const)("what is counted of traces by %s of their dimensions is read back as it was", (_how, by) => {
  expect(readFacts(writeFacts(TRACES), by)).toEqual(TRACES.map((trace) => factsOf(trace, by)));
});

test("no traces are no facts", () => {
  expect(readFacts(writeFacts([]), ["user"])).toEqual([]);
});

test.each(["user", "cost_usd"])("facts that lack a column (%s) are not taken for empty ones", (name) => {
  const text = writeFacts(TRACES)
    .split("\n")
    .filter((line) => !line.startsWith(`${name}\t`))
    .join("\n");
  expect(readFacts(text, ["user"])).toBeUndefined();
  expect(readFacts("", ["user"])).toBeUndefined();
});

test("names of columns differ", () => {
  expect(new Set<string>(["start", "error", ...MEASURES, ...DIMENSIONS]).size).toBe(2 + MEASURES.length + DIMENSIONS.length);
});
