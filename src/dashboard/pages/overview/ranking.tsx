import { Anchor, Paper, SegmentedControl, Table, Text } from "@mantine/core";
import { useState } from "react";
import { Link } from "wouter";
import { useAddress } from "../../address.ts";
import type { Metrics } from "../../api/answers.ts";
import { useMetrics } from "../../api/queries.ts";
import { count, duration, NONE, percent, usd } from "../../figures.ts";
import { Section } from "../../widgets/page.tsx";
import { Scroller } from "../../widgets/scroller.tsx";
import { Answer } from "../../widgets/states.tsx";
import { errorRate } from "./figures.tsx";
import type { Span } from "./spans.ts";

/** Rows of a ranking, at most. */
const ROWS = 8;

const TITLES = { route: "Routes", target: "Targets" } as const;

/** The busiest routes or targets, or those where most went wrong. */
export function Ranking(props: { readonly by: "route" | "target"; readonly rangeS: number; readonly span: Span }): React.JSX.Element {
  const { by, rangeS, span } = props;
  const [order, setOrder] = useState<"busiest" | "worst">("busiest");
  const metrics = useMetrics({ rangeS, by });
  return (
    <Section
      title={TITLES[by]}
      aside={
        <SegmentedControl
          aria-label={`Order of ${TITLES[by].toLowerCase()}`}
          data={[
            { value: "busiest", label: "Busiest" },
            { value: "worst", label: "Most errors" },
          ]}
          value={order}
          onChange={(value) => setOrder(value === "worst" ? "worst" : "busiest")}
        />
      }
    >
      <Answer query={metrics} what={TITLES[by].toLowerCase()}>
        {({ series }) => {
          const rank = ({ totals }: (typeof series)[number]): number => (order === "busiest" ? totals.requests : (errorRate(totals) ?? 0));
          const rows = series.toSorted((a, b) => rank(b) - rank(a) || b.totals.requests - a.totals.requests).slice(0, ROWS);
          return <Rows by={by} span={span} rows={rows} />;
        }}
      </Answer>
    </Section>
  );
}

function Rows(props: { readonly by: "route" | "target"; readonly span: Span; readonly rows: Metrics["series"] }): React.JSX.Element {
  const { by, span, rows } = props;
  const address = useAddress();
  return (
    <Paper p={0}>
      <Scroller label={TITLES[by]} minWidth={430}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{by === "route" ? "Route" : "Target"}</Table.Th>
              <Table.Th className="number">Requests</Table.Th>
              <Table.Th className="number">Errors</Table.Th>
              <Table.Th className="number">p95</Table.Th>
              <Table.Th className="number">Cost</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(({ key, totals }) => (
              <Table.Tr key={key ?? ""}>
                <Table.Td className="clipped" maw={220}>
                  {key === null ? (
                    <Text inherit c="dimmed">
                      {by === "route" ? "without a route" : "nobody called"}
                    </Text>
                  ) : (
                    <Anchor component={Link} href={address("/traces", { [by]: key, range: span })} inherit>
                      {key}
                    </Anchor>
                  )}
                </Table.Td>
                <Table.Td className="number">{count(totals.requests)}</Table.Td>
                <Table.Td className="number" c={totals.errors > 0 ? "var(--to11-bad)" : "inherit"}>
                  {percent(errorRate(totals))}
                </Table.Td>
                <Table.Td className="number">{duration(totals.duration_ms.p95)}</Table.Td>
                <Table.Td className="number">{totals.cost_usd === 0 ? NONE : usd(totals.cost_usd)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Scroller>
    </Paper>
  );
}
