import { Table, Text } from "@mantine/core";
import { Scroller } from "../../widgets/scroller.tsx";
import type { Experiment } from "../../api/answers.ts";
import { count, duration, NONE, percent, shortCount, usd } from "../../figures.ts";

type Variant = Experiment["variants"][number];
type Estimate = Variant["error_rate"];

const MEASURES: readonly {
  readonly name: string;
  readonly of: (variant: Variant) => Estimate;
  readonly format: (value: number | null) => string;
}[] = [
  { name: "Observed share", of: (variant) => variant.observed_share, format: percent },
  { name: "Error rate", of: (variant) => variant.error_rate, format: percent },
  { name: "Latency, mean", of: (variant) => variant.duration_ms, format: duration },
  { name: "First content, mean", of: (variant) => variant.first_content_ms, format: duration },
  {
    name: "Output tokens, mean",
    of: (variant) => variant.output_tokens,
    format: (value) => shortCount(value === null ? null : Math.round(value)),
  },
  { name: "Cost, mean", of: (variant) => variant.cost_usd, format: usd },
];

/** One column for each variant, one row for each measure, its interval drawn to a scale that the row shares. */
export function Comparison({ experiment }: { readonly experiment: Experiment }): React.JSX.Element {
  const { variants } = experiment;
  return (
    <Scroller label={`Variants of ${experiment.route}`} minWidth={180 + variants.length * 220}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Measure</Table.Th>
            {variants.map(({ variant, configured_share }) => (
              <Table.Th key={variant}>
                {variant}
                <Text span inherit c="dimmed" fw={400}>
                  {" "}
                  {configured_share === null ? "no longer configured" : `configured ${percent(configured_share)}`}
                </Text>
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          <Table.Tr>
            <Table.Td>Requests</Table.Td>
            {variants.map(({ variant, requests }) => (
              <Table.Td key={variant}>{count(requests)}</Table.Td>
            ))}
          </Table.Tr>
          {MEASURES.map(({ name, of, format }) => {
            const scale = Math.max(...variants.map((variant) => of(variant).high ?? of(variant).value ?? 0), Number.MIN_VALUE);
            return (
              <Table.Tr key={name}>
                <Table.Td>{name}</Table.Td>
                {variants.map((variant) => (
                  <Table.Td key={variant.variant}>
                    <Interval estimate={of(variant)} scale={scale} format={format} />
                  </Table.Td>
                ))}
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Scroller>
  );
}

function Interval(props: {
  readonly estimate: Estimate;
  readonly scale: number;
  readonly format: (value: number | null) => string;
}): React.JSX.Element {
  const { estimate, scale, format } = props;
  const { value, low, high } = estimate;
  if (value === null) return <>{NONE}</>;
  const at = (part: number): string => `${Math.max(0, Math.min(100, (part / scale) * 100))}%`;
  const told = low === null || high === null ? "too few for an interval" : `${format(low)} to ${format(high)}`;
  return (
    <div className="interval">
      <span className="range" aria-hidden="true">
        {low !== null && high !== null && <span style={{ left: at(low), right: `calc(100% - ${at(high)})` }} />}
        <i style={{ left: at(value) }} />
      </span>
      <span>{format(value)}</span>
      <Text span inherit c="dimmed" fz="xs">
        {told}
      </Text>
    </div>
  );
}
