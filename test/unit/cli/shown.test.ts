import { expect, it } from "vitest";
import { explanationLines } from "../../../src/cli/control/explain.ts";
import { traceRow } from "../../../src/cli/control/traces.ts";

const TRACE = {
  id: "t-1",
  started_at: "2026-11-20T12:00:00.000Z",
  status: 200,
  outcome: "complete",
  duration_ms: 811.6,
  requested_model: "gpt-4o",
  provider: "openai",
  upstream_model: "gpt-4o",
  target: "openai-primary",
  strategy: "weighted",
  variant: null,
  attempts: [{}],
  usage: { input_tokens: 9, output_tokens: 10 },
};
const REJECTED = {
  ...TRACE,
  status: 404,
  outcome: "rejected",
  requested_model: null,
  provider: null,
  target: null,
  strategy: null,
  attempts: [],
  usage: { input_tokens: null, output_tokens: null },
};

it.each([
  { what: "an answered call", trace: TRACE, cells: "200|complete|812|gpt-4o → openai/gpt-4o|openai-primary|weighted|9+10|t-1" },
  {
    what: "a call that took two attempts",
    trace: { ...TRACE, attempts: [{}, {}] },
    cells: "200|complete|812|gpt-4o → openai/gpt-4o (2 attempts)|openai-primary|weighted|9+10|t-1",
  },
  {
    what: "a variant",
    trace: { ...TRACE, strategy: "experiment", variant: "fast" },
    cells: "200|complete|812|gpt-4o → openai/gpt-4o|openai-primary|experiment: fast|9+10|t-1",
  },
  { what: "a refused call", trace: REJECTED, cells: "404|rejected|812|? → nobody|-|-|-|t-1" },
])("a line of traces shows $what", ({ trace, cells }) => {
  expect(traceRow(trace)).toEqual(["2026-11-20T12:00:00.000Z", ...cells.split("|")]);
});

it("an explanation shows the layer, the reason and each candidate with its share", () => {
  const candidate = { target: "a", provider: "openai", model: "gpt-4o", step: 0, variant: null, share: 0.7, skipped: null };
  expect(
    explanationLines({
      layer: "route",
      route: "balanced",
      function: null,
      strategy: "weighted",
      candidates: [candidate, { ...candidate, target: "b", share: 0.3, skipped: "OPENAI_API_KEY is not set" }],
      reason: "The route covers it.",
      config: "1a2b3c4d",
    }),
  ).toEqual([
    "route balanced, strategy weighted, configuration 1a2b3c4d",
    "The route covers it.",
    "",
    "STEP  TARGET  PROVIDER  MODEL   VARIANT  SHARE",
    "1     a       openai    gpt-4o  -        70 %",
    "1     b       openai    gpt-4o  -        30 %   skipped: OPENAI_API_KEY is not set",
  ]);
});
