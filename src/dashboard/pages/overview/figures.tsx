import { Anchor, Paper, SimpleGrid, Text } from "@mantine/core";
import { Link } from "wouter";
import { useAddress } from "../../address.ts";
import type { Metrics } from "../../api/answers.ts";
import { count, duration, percent, shortCount, usd } from "../../figures.ts";
import type { Span } from "./spans.ts";

/** Sums over the span. */
export type Totals = Metrics["series"][number]["totals"];

interface Tile {
  readonly label: string;
  readonly value: string;
  readonly exact?: string;
  readonly aside: React.ReactNode;
}

/** The figures of the whole span. */
export function Figures({ totals, span }: { readonly totals: Totals; readonly span: Span }): React.JSX.Element {
  const address = useAddress();
  const tiles: readonly Tile[] = [
    { label: "Requests", value: shortCount(totals.requests), exact: count(totals.requests), aside: rate(totals.requests, span) },
    {
      label: "Errors",
      value: percent(errorRate(totals)),
      aside:
        totals.errors === 0 ? (
          "none"
        ) : (
          <Anchor component={Link} href={address("/traces", { status: "error", range: span })} inherit>
            {count(totals.errors)} requests
          </Anchor>
        ),
    },
    { label: "Latency, median", value: duration(totals.duration_ms.p50), aside: `p95 ${duration(totals.duration_ms.p95)}` },
    { label: "First content, median", value: duration(totals.first_content_ms.p50), aside: `p95 ${duration(totals.first_content_ms.p95)}` },
    {
      label: "Tokens",
      value: shortCount(totals.input_tokens + totals.output_tokens),
      exact: count(totals.input_tokens + totals.output_tokens),
      aside: `${shortCount(totals.input_tokens)} in${ofCache(totals)}, ${shortCount(totals.output_tokens)} out`,
    },
    { label: "Cost", value: usd(totals.cost_usd), aside: "where prices are known" },
  ];
  return (
    <SimpleGrid cols={{ base: 2, md: 3, xl: 6 }} spacing="sm">
      {tiles.map(({ label, value, exact, aside }) => (
        <Paper key={label} py="sm">
          <Text size="xs" c="dimmed">
            {label}
          </Text>
          <Text fz={22} fw={650} lh={1.3} title={exact}>
            {value}
          </Text>
          <Text size="xs" c="dimmed" component="div">
            {aside}
          </Text>
        </Paper>
      ))}
    </SimpleGrid>
  );
}

/** ` (80.0 % cached)`; nothing where no cache was read. */
function ofCache({ input_tokens: input, cached_input_tokens: cached }: Totals): string {
  return cached === 0 ? "" : ` (${percent(cached / input)} cached)`;
}

/** Which part of the requests failed; `null`: there were none. */
export function errorRate({ requests, errors }: Pick<Totals, "requests" | "errors">): number | null {
  return requests === 0 ? null : errors / requests;
}

const SECONDS: Readonly<Record<Span, number>> = { "1h": 3600, "24h": 86_400, "7d": 604_800, "30d": 2_592_000 };

/** `3.2 per minute`: in the unit in which it is a number one can picture. */
function rate(requests: number, span: Span): string {
  const perSecond = requests / SECONDS[span];
  const [value, unit] =
    perSecond >= 1 ? [perSecond, "second"] : perSecond * 60 >= 1 ? [perSecond * 60, "minute"] : [perSecond * 3600, "hour"];
  return `${value.toFixed(1)} per ${unit}`;
}
