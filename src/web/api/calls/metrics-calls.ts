import type * as z from "zod/mini";
import { GatewayError } from "../../../core/gateway-error.ts";
import { quantile } from "../../../core/trace/histogram.ts";
import { type Dimension, DIMENSIONS, Figures, OTHER, type RollupCell, sumIn } from "../../../core/trace/trace-rollup.ts";
import { largestFirst, type Size } from "../../../core/trace/trace-tally.ts";
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

/** Series of one answer, and buckets of all of them together; the requests of all others are in one more series. */
const MAX_SERIES = 1_000;
const MAX_SERIES_BUCKETS = 150_000;

/** Dimensions that one question may group by. */
const MAX_DIMENSIONS = 2;

/** Where nothing is grouped by, all kinds of this dimension are added up: it has the fewest. */
const SMALLEST: Dimension = "status";

type Series = z.infer<typeof metricsSchema>["series"][number];
type ShownFigures = Series["totals"];

/** GET /api/metrics */
export async function metrics(call: ApiCall): Promise<Response> {
  const { sinceMs, untilMs } = timeRange(call, DAY_MS);
  const stepS = stepOf(call.query.get("step"), (untilMs - sinceMs) / 1000);
  const dimensions = dimensionsOf(call.query.get("by"));
  const [by = SMALLEST, and] = dimensions;
  const query = { sinceMs, untilMs, stepMs: stepS * 1000, by, ...(and === undefined ? {} : { and }) };
  const buckets = await call.control.traces(await call.served()).rollups(query);
  if (buckets === "too_many") throw tooLong();
  const maxSeries = Math.min(MAX_SERIES, Math.floor(MAX_SERIES_BUCKETS / Math.ceil((untilMs - sinceMs) / query.stepMs)));
  const series = seriesOf(buckets, { parts: dimensions.length, maxSeries });
  return answer("metricsSchema", { since: isoTime(sinceMs), until: isoTime(untilMs), step_s: stepS, series });
}

/** What is shown together, the largest first. */
interface Group {
  readonly keys: readonly (string | null)[];
  readonly cells: readonly { readonly startMs: number; readonly cell: RollupCell }[];
}

/** `parts`: of how many values a series' key is made; of the kinds, which may have more, the first so many count. */
function seriesOf(
  buckets: readonly RollupBucket[],
  { parts, maxSeries }: { readonly parts: number; readonly maxSeries: number },
): Series[] {
  const cells = buckets.flatMap(({ startMs, cells: ofBucket }) => ofBucket.map((cell) => ({ startMs, cell })));
  const keysOf = ({ cell: { kind } }: Group["cells"][number]): Group["keys"] =>
    kind[0] === OTHER ? others(parts) : Array.from({ length: parts }, (_, part) => kind[part] ?? null);
  // Stores answer in any order; of equally large ones the same come first each time.
  const byKeys = [...Map.groupBy(cells, (each) => JSON.stringify(keysOf(each)))].toSorted(([left], [right]) => (left < right ? -1 : 1));
  const groups = byKeys.flatMap(([, ofKey]): Group[] => (ofKey[0] === undefined ? [] : [{ keys: keysOf(ofKey[0]), cells: ofKey }]));
  const named = largestFirst(
    groups.filter(({ keys }) => keys[0] !== OTHER),
    sizeOf,
  );
  const rest = [...groups.filter(({ keys }) => keys[0] === OTHER), ...named.slice(maxSeries)];
  const other = rest.length === 0 ? [] : [{ keys: others(parts), cells: rest.flatMap((group) => group.cells) }];
  return [...named.slice(0, maxSeries), ...other].map(seriesOfGroup);
}

function others(parts: number): Group["keys"] {
  return Array.from({ length: parts }, () => OTHER);
}

function sizeOf({ cells }: Group): Size {
  return {
    requests: cells.reduce((sum, { cell }) => sum + cell.requests, 0),
    costUsd: cells.reduce((sum, { cell }) => sum + sumIn(cell, "cost_usd"), 0),
  };
}

function seriesOfGroup({ keys: [...keys], cells }: Group): Series {
  const buckets = [...Map.groupBy(cells, ({ startMs }) => startMs)].toSorted(([left], [right]) => left - right);
  return {
    key: keys[0] ?? null,
    keys,
    totals: shown(cells.map(({ cell }) => cell)),
    buckets: buckets.map(([startMs, parts]) => ({ start: isoTime(startMs), ...shown(parts.map(({ cell }) => cell)) })),
  };
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

/** The dimensions to group by, none, one or two. */
function dimensionsOf(text: string | null): readonly Dimension[] {
  if (text === null) return [];
  const names = text.split(",");
  const dimensions = names.flatMap((name) => DIMENSIONS.find((known) => known === name) ?? []);
  if (dimensions.length === names.length && new Set(names).size === names.length && names.length <= MAX_DIMENSIONS) return dimensions;
  throw new GatewayError("invalid_request", `by must be one or two of ${DIMENSIONS.join(", ")}, such as user,model.`, { param: "by" });
}
