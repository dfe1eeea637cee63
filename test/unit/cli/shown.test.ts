import { expect, it } from "vitest";
import { explanationLines } from "../../../src/cli/control/explain.ts";
import { traceLines } from "../../../src/cli/control/trace-detail.ts";
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
  const candidate = {
    target: "a",
    provider: "openai",
    model: "gpt-4o",
    step: 0,
    variant: null,
    share: 0.7,
    translated: null,
    skipped: null,
  };
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

it("one trace is told whole: facts, attempts, and what was said where that is kept", () => {
  const attempt = { model: "gpt-4o", step: 0, strategy: "weighted", timeout: null, waited_ms: 0, status: null };
  const whole = {
    ...TRACE,
    first_content_ms: 130,
    path: "/v1/chat/completions",
    stream: true,
    layer: "route",
    route: "balanced",
    function: null,
    reported_model: "gpt-4o-2024-08-06",
    finish_reason: "stop",
    attempts: [
      { ...attempt, target: "azure", provider: "azure", offset_ms: 1, duration_ms: 500, outcome: "timed_out", timeout: "first_content" },
      {
        ...attempt,
        target: "openai-primary",
        provider: "openai",
        offset_ms: 510,
        duration_ms: 90,
        outcome: "answered",
        status: 200,
        waited_ms: 9,
      },
    ],
    cost_usd: 0.0001,
    config: "1a2b3c4d",
    user_id: "ada",
    session_id: null,
    conversation_id: null,
    environment: null,
    api_key: "TO11_API_KEY",
    metadata: { feature: "search" },
    trace_id: "0af7651916cd43dd8448eb211c80319c",
    content: { request: "{}", answer: "Hello", truncated: true },
  };
  expect(traceLines(whole)).toEqual([
    "id             t-1",
    "started        2026-11-20T12:00:00.000Z",
    "status         200 complete",
    "took           811.6 ms, first content after 130 ms",
    "asked for      gpt-4o, /v1/chat/completions, as a stream",
    "went by        route balanced, weighted",
    "served by      openai/gpt-4o, target openai-primary",
    "calls itself   gpt-4o-2024-08-06",
    "ended          stop",
    "tokens         9 in, 10 out",
    "cost           $0.0001",
    "user           ada",
    "gateway key    TO11_API_KEY",
    'metadata       {"feature":"search"}',
    "trace id       0af7651916cd43dd8448eb211c80319c",
    "configuration  1a2b3c4d",
    "",
    "#  TARGET          PROVIDER/MODEL  STRATEGY  BEGAN   TOOK    STATUS  OUTCOME",
    "1  azure           azure/gpt-4o    weighted  1 ms    500 ms  -       timed_out (first_content)",
    "2  openai-primary  openai/gpt-4o   weighted  510 ms  90 ms   200     answered, after waiting 9 ms",
    "",
    "REQUEST (cut)",
    "{}",
    "",
    "ANSWER (cut)",
    "Hello",
  ]);
  const unknown = {
    ...whole,
    ...REJECTED,
    layer: null,
    route: null,
    error_code: "unknown_model",
    reported_model: null,
    finish_reason: null,
    content: null,
  };
  expect(traceLines(unknown)).toEqual(
    expect.arrayContaining(["status         404 rejected, unknown_model", "served by      nobody", "Nobody was called."]),
  );
});
