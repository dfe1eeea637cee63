import type * as z from "zod/mini";
import { GatewayError } from "../../../core/gateway-error.ts";
import { quantile } from "../../../core/trace/histogram.ts";
import { type Dimension, DIMENSIONS, Figures, OTHER, type RollupCell } from "../../../core/trace/trace-rollup.ts";
import { answer, type ApiCall } from "../call.ts";
import type { metricsSchema } from "../contract.ts";
import type { RollupBucket } from "../services.ts";
import { isoTime, timeRange, tooLong } from "../time-range.ts";

/** What GET /api/metrics takes besides the project. */
export const METRICS_PARAMETERS = ["since", "until", "step", "by"] as const;

const DAY_MS = 86_400_000;
const MINUTE_S = 60;

/** Steps to choose from where none is asked for, seconds: the first that needs at most so many buckets. */
const STEPS_S = [60, 300, 900, 3_600, 10_800, 86_400];
const USUAL_BUCKETS = 60;
const MAX_BUCKETS = 1_500;

/** Series of one answer; the requests of all others are together in one more. */
const MAX_SERIES = 100;

/** Where nothing is grouped by, all kinds of this dimension are added up: it has the fewest. */
const SMALLEST: Dimension = "status";

type Series = z.infer<typeof metricsSchema>["series"][number];
type ShownFigures = Series["totals"];

/** GET /api/metrics */
export async function metrics(call: ApiCall): Promise<Response> {
  const { sinceMs, untilMs } = timeRange(call, DAY_MS);
  const stepS = stepOf(call.query.get("step"), (untilMs - sinceMs) / 1000);
  const by = dimensionOf(call.query.get("by"));
  const query = { sinceMs, untilMs, stepMs: stepS * 1000, by: by ?? SMALLEST };
  const buckets = await call.control.traces(await call.served()).rollups(query);
  if (buckets === "too_many") throw tooLong();
  const series = seriesOf(buckets, ({ kind: [key = null] }) => (by === null ? null : key));
  return answer("metricsSchema", { since: isoTime(sinceMs), until: isoTime(untilMs), step_s: stepS, series });
}

function seriesOf(buckets: readonly RollupBucket[], keyOf: (cell: RollupCell) => string | null): Series[] {
  const cells = buckets.flatMap(({ startMs, cells: ofBucket }) => ofBucket.map((cell) => ({ startMs, cell })));
  const largest = [...Map.groupBy(cells, ({ cell }) => keyOf(cell))]
    .map(([key, ofKey]) => ({ key, requests: ofKey.reduce((sum, { cell }) => sum + cell.requests, 0) }))
    .toSorted((left, right) => right.requests - left.requests)
    .map(({ key }) => key);
  const told = new Set(largest.slice(0, MAX_SERIES));
  const series = Map.groupBy(cells, ({ cell }) => (told.has(keyOf(cell)) ? keyOf(cell) : OTHER));
  return [...series].map(([key, ofKey]) => ({
    key,
    totals: shown(ofKey.map(({ cell }) => cell)),
    buckets: [...Map.groupBy(ofKey, ({ startMs }) => startMs)].map(([startMs, parts]) => ({
      start: isoTime(startMs),
      ...shown(parts.map(({ cell }) => cell)),
    })),
  }));
}

function shown(cells: readonly RollupCell[]): ShownFigures {
  const figures = new Figures();
  for (const cell of cells) figures.add(cell);
  return {
    requests: figures.requests,
    errors: figures.errors,
    input_tokens: figures.moments("input_tokens").sum,
    cached_input_tokens: figures.moments("cached_input_tokens").sum,
    cache_write_tokens: figures.moments("cache_write_tokens").sum,
    output_tokens: figures.moments("output_tokens").sum,
    cost_usd: withoutNoise(figures.moments("cost_usd").sum),
    duration_ms: percentiles(figures, "duration_ms"),
    first_content_ms: percentiles(figures, "first_content_ms"),
  };
}

function percentiles(figures: Figures, measure: "duration_ms" | "first_content_ms"): ShownFigures["duration_ms"] {
  const histogram = figures.histogram(measure);
  return { p50: quantile(histogram, 0.5), p95: quantile(histogram, 0.95), p99: quantile(histogram, 0.99) };
}

/** Sums of fractions depend on their order in the last digits. */
function withoutNoise(usd: number): number {
  return Number(usd.toPrecision(12));
}

function stepOf(text: string | null, spanS: number): number {
  const usual = STEPS_S.find((step) => spanS / step <= USUAL_BUCKETS) ?? Math.ceil(spanS / USUAL_BUCKETS / MINUTE_S) * MINUTE_S;
  if (text === null) return usual;
  const step = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (step >= MINUTE_S && step % MINUTE_S === 0 && spanS / step <= MAX_BUCKETS) return step;
  throw new GatewayError(
    "invalid_request",
    `step must be a multiple of 60 seconds that makes at most ${MAX_BUCKETS} buckets, such as ${usual}.`,
    { param: "step" },
  );
}

function dimensionOf(text: string | null): Dimension | null {
  if (text === null) return null;
  const dimension = DIMENSIONS.find((known) => known === text);
  if (dimension !== undefined) return dimension;
  throw new GatewayError("invalid_request", `by must be one of ${DIMENSIONS.join(", ")}.`, { param: "by" });
}
