import { BarChart, LineChart } from "@mantine/charts";
import "@mantine/charts/styles.css";
import { Paper, SimpleGrid } from "@mantine/core";
import type { Metrics } from "../../api/answers.ts";
import { count, duration, percent, shortCount, usd } from "../../figures.ts";
import { Section } from "../../widgets/page.tsx";
import { errorRate } from "./figures.tsx";

type Bucket = Metrics["series"][number]["buckets"][number];

const HEIGHT = 190;

type Point = ReturnType<typeof pointsOf>[number];

/** One line or one kind of bars: which member of the points it draws. */
interface Series {
  readonly name: Exclude<keyof Point, "at">;
  readonly label: string;
  readonly color: string;
}

const BARS: readonly { readonly title: string; readonly format: (value: number) => string; readonly series: Series[] }[] = [
  {
    title: "Requests",
    format: count,
    series: [
      { name: "served", label: "Served", color: "cobalt.5" },
      { name: "errors", label: "Errors", color: "red.7" },
    ],
  },
  {
    title: "Tokens",
    format: shortCount,
    series: [
      { name: "input", label: "In", color: "cobalt.4" },
      { name: "output", label: "Out", color: "teal.6" },
    ],
  },
  { title: "Cost", format: usd, series: [{ name: "cost", label: "Cost", color: "cobalt.5" }] },
];

const LINES: readonly { readonly title: string; readonly format: (value: number) => string; readonly series: Series[] }[] = [
  {
    title: "Latency",
    format: duration,
    series: [
      { name: "p50", label: "Median", color: "cobalt.6" },
      { name: "p95", label: "p95", color: "orange.7" },
    ],
  },
  {
    title: "First content",
    format: duration,
    series: [
      { name: "first50", label: "Median", color: "cobalt.6" },
      { name: "first95", label: "p95", color: "orange.7" },
    ],
  },
  { title: "Error rate", format: percent, series: [{ name: "errorRate", label: "Error rate", color: "red.7" }] },
];

/** A rate's axis ends at what is there, but not below 1 %: a chart without errors would invent a scale. */
const RATE_DOMAIN: [number, (greatest: number) => number] = [0, (greatest) => Math.max(greatest, 0.01)];

/** The figures over time. */
export default function Charts({ metrics }: { readonly metrics: Metrics }): React.JSX.Element {
  const frame = {
    h: HEIGHT,
    data: pointsOf(metrics),
    dataKey: "at",
    gridAxis: "x" as const,
    legendProps: { height: 28 },
    xAxisProps: { minTickGap: 40 },
    yAxisProps: { width: 72 },
  };
  const bars = BARS.map(({ title, format, series }) => (
    <Chart key={title} title={title}>
      <BarChart {...frame} type="stacked" withLegend={series.length > 1} valueFormatter={format} series={series} />
    </Chart>
  ));
  const lines = LINES.map(({ title, format, series }) => (
    <Chart key={title} title={title}>
      <LineChart
        {...frame}
        dotProps={{ r: 2, strokeWidth: 0 }}
        activeDotProps={{ r: 4, strokeWidth: 0 }}
        withLegend={series.length > 1}
        connectNulls={false}
        valueFormatter={format}
        series={series}
        {...(format === percent ? { yAxisProps: { ...frame.yAxisProps, domain: RATE_DOMAIN } } : {})}
      />
    </Chart>
  ));
  const [first, ...others] = bars;
  return (
    <SimpleGrid cols={{ base: 1, lg: 2, xl: 3 }}>
      {first}
      {lines}
      {others}
    </SimpleGrid>
  );
}

function Chart({ title, children }: { readonly title: string; readonly children: React.ReactNode }): React.JSX.Element {
  return (
    <Section title={title}>
      <Paper pt="xs">{children}</Paper>
    </Section>
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
