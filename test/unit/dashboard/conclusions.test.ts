import { expect, test } from "vitest";
import type { Experiment } from "../../../src/dashboard/api/answers.ts";
import { conclusionsOf } from "../../../src/dashboard/pages/experiments/conclusions.ts";

type Variant = Experiment["variants"][number];
const OPEN = { value: 5, low: 1, high: 9 };

const variant = (name: string, known: Partial<Variant> = {}): Variant => ({
  variant: name,
  configured_share: 0.5,
  requests: 100,
  observed_share: OPEN,
  error_rate: OPEN,
  duration_ms: OPEN,
  first_content_ms: OPEN,
  output_tokens: OPEN,
  cost_usd: OPEN,
  ...known,
});

const experiment = (variants: Variant[], asConfigured: boolean | null = true): Experiment => ({
  route: "summarize",
  since: "2026-11-20T00:00:00.000Z",
  until: "2026-11-21T00:00:00.000Z",
  requests: 200,
  variants,
  split: { as_configured: asConfigured, p_value: 0.5 },
});

test("a difference is told where the intervals do not meet, and only there", () => {
  const fast = variant("fast", { duration_ms: { value: 100, low: 90, high: 110 } });
  const careful = variant("careful", { duration_ms: { value: 200, low: 180, high: 220 } });
  expect(conclusionsOf(experiment([careful, fast]))).toEqual([
    "fast is faster: 100 ms against 200 ms of careful; their intervals do not meet.",
    "Nothing may be concluded yet about the error rate, first content and cost: the intervals overlap, or there is too little to say.",
  ]);
});

test("touching intervals are no difference", () => {
  const fast = variant("fast", { duration_ms: { value: 100, low: 90, high: 180 } });
  const careful = variant("careful", { duration_ms: { value: 200, low: 180, high: 220 } });
  expect(conclusionsOf(experiment([careful, fast]))).toEqual([
    expect.stringContaining("about the error rate, latency, first content and cost"),
  ]);
});

test("one variant with too few requests keeps everything open", () => {
  const few = variant("few", { duration_ms: { value: 100, low: null, high: null } });
  expect(conclusionsOf(experiment([few, variant("careful", { duration_ms: { value: 900, low: 800, high: 1_000 } })]))).toHaveLength(1);
});

test("a variant that was never called is compared with nothing", () => {
  expect(conclusionsOf(experiment([variant("fast"), variant("careful", { requests: 0 })]))).toEqual([
    "Nothing can be concluded yet: fewer than two variants have been called.",
  ]);
});

test("a split that came out otherwise casts doubt on all of it, and that is said first", () => {
  expect(conclusionsOf(experiment([variant("fast"), variant("careful")], false))[0]).toMatch(/^The split did not come out as configured/);
});
