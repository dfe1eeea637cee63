import { Paper, SimpleGrid } from "@mantine/core";
import type { Metrics } from "../../api/answers.ts";
import { count, duration, percent, shortCount, usd } from "../../figures.ts";
import { Section } from "../../widgets/page.tsx";
import { Plot, type PlotProps } from "../../widgets/plot/plot.tsx";
import { errorRate } from "./figures.tsx";

type Bucket = Metrics["series"][number]["buckets"][number];

type Point = ReturnType<typeof pointsOf>[number];

/** One chart: which members of the points it draws, and how. */
interface Chart extends Pick<PlotProps, "title" | "kind" | "format" | "leastTop" | "leastStep"> {
  readonly series: readonly { readonly name: Exclude<keyof Point, "at">; readonly label: string; readonly color: string }[];
}

const color = (name: string, shade: number): string => `var(--mantine-color-${name}-${shade})`;

const CHARTS: readonly Chart[] = [
  {
    title: "Requests",
    kind: "bars",
    format: count,
    leastStep: 1,
    series: [
      { name: "served", label: "Served", color: color("cobalt", 5) },
      { name: "errors", label: "Errors", color: color("red", 7) },
    ],
  },
  {
    title: "Latency",
    kind: "lines",
    format: duration,
    series: [
      { name: "p50", label: "Median", color: color("cobalt", 6) },
      { name: "p95", label: "p95", color: color("orange", 7) },
    ],
  },
  {
    title: "First content",
    kind: "lines",
    format: duration,
    series: [
      { name: "first50", label: "Median", color: color("cobalt", 6) },
      { name: "first95", label: "p95", color: color("orange", 7) },
    ],
  },
  {
    title: "Error rate",
    kind: "lines",
    format: percent,
    // A chart without errors would invent a scale.
    leastTop: 0.01,
    series: [{ name: "errorRate", label: "Error rate", color: color("red", 7) }],
  },
  {
    title: "Tokens",
    kind: "bars",
    format: shortCount,
    leastStep: 1,
    series: [
      { name: "input", label: "In", color: color("cobalt", 4) },
      { name: "output", label: "Out", color: color("teal", 6) },
    ],
  },
  { title: "Cost", kind: "bars", format: usd, series: [{ name: "cost", label: "Cost", color: color("cobalt", 5) }] },
];

/** The figures over time. */
export default function Charts({ metrics }: { readonly metrics: Metrics }): React.JSX.Element {
  const points = pointsOf(metrics);
  const labels = points.map(({ at }) => at);
  return (
    <SimpleGrid cols={{ base: 1, lg: 2, xl: 3 }}>
      {CHARTS.map(({ series, ...chart }) => (
        <Section key={chart.title} title={chart.title}>
          <Paper px={0} py="xs">
            <Plot
              {...chart}
              labels={labels}
              series={series.map(({ name, ...looks }) => ({ ...looks, values: points.map((point) => point[name]) }))}
            />
          </Paper>
        </Section>
      ))}
    </SimpleGrid>
  );
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
const DAY = new Intl.DateTimeFormat(undefined, { day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit", hour12: false });

/** Spans longer than this show the day with each mark, s. */
const DAYS_FROM_S = 90_000;

/** One point for each step of the span; the API leaves out those without requests. */
function pointsOf({ since, until, step_s, series }: Metrics) {
  const stepMs = step_s * 1000;
  const byStart = new Map(series[0]?.buckets.map((bucket) => [Date.parse(bucket.start), bucket]));
  const first = Math.floor(Date.parse(since) / stepMs) * stepMs;
  const end = Date.parse(until);
  const format = end - first > DAYS_FROM_S * 1000 ? DAY : CLOCK;
  return Array.from({ length: Math.max(1, Math.ceil((end - first) / stepMs)) }, (_, index) => {
    const start = first + index * stepMs;
    return { at: format.format(start), ...pointOf(byStart.get(start)) };
  });
}

function pointOf(bucket: Bucket | undefined) {
  return {
    served: (bucket?.requests ?? 0) - (bucket?.errors ?? 0),
    errors: bucket?.errors ?? 0,
    errorRate: bucket === undefined ? null : errorRate(bucket),
    p50: bucket?.duration_ms.p50 ?? null,
    p95: bucket?.duration_ms.p95 ?? null,
    first50: bucket?.first_content_ms.p50 ?? null,
    first95: bucket?.first_content_ms.p95 ?? null,
    input: bucket?.input_tokens ?? 0,
    output: bucket?.output_tokens ?? 0,
    cost: bucket?.cost_usd ?? 0,
  };
}
