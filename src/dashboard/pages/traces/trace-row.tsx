import { Badge, Group, Stack, Table, Text } from "@mantine/core";
import { memo } from "react";
import { Link, useLocation } from "wouter";
import type { TraceRecord } from "../../api/answers.ts";
import { count, duration, NONE, usd } from "../../figures.ts";
import { Time } from "../../widgets/time.tsx";
import { Outcome, toneOf } from "./outcome.tsx";

/** One trace in the list. */
export interface RowProps {
  readonly trace: TraceRecord;
  readonly href: string;
  /** What the full width of the duration bar stands for, ms. */
  readonly scaleMs: number;
  /** It came while the list was being looked at. */
  readonly isNew: boolean;
}

/** A trace as a row of the table, for wide windows. */
export const TraceRow = memo(function TraceRow({ trace, href, scaleMs, isNew }: RowProps): React.JSX.Element {
  const [, navigate] = useLocation();
  return (
    <Table.Tr className={isNew ? "trace new" : "trace"} onClick={(event) => followRow(event, () => navigate(href))}>
      <Table.Td>
        <Link href={href} data-trace={trace.id} className="quiet">
          <Time at={trace.started_at} />
        </Link>
      </Table.Td>
      <Table.Td>
        <Outcome trace={trace} />
      </Table.Td>
      <Table.Td>
        <Bar trace={trace} scaleMs={scaleMs} />
      </Table.Td>
      <Table.Td className="number">{duration(trace.first_content_ms)}</Table.Td>
      <Table.Td className="clipped" maw={250}>
        <Models trace={trace} />
      </Table.Td>
      <Table.Td className="clipped" maw={165}>
        <How trace={trace} />
      </Table.Td>
      <Table.Td className="clipped" maw={125} title={trace.target ?? undefined}>
        {trace.target ?? NONE}
      </Table.Td>
      <Table.Td className="number">
        {count(trace.usage.input_tokens)} / {count(trace.usage.output_tokens)}
      </Table.Td>
      <Table.Td className="number">{usd(trace.cost_usd)}</Table.Td>
      <Table.Td className="clipped" maw={90} title={trace.session_id ?? undefined}>
        {trace.session_id ?? NONE}
      </Table.Td>
      <Table.Td className="clipped monospace" maw={110} title={trace.id}>
        {trace.id.slice(-8)}
      </Table.Td>
    </Table.Tr>
  );
});

/** A trace as two lines, for narrow windows. */
export const TraceCard = memo(function TraceCard({ trace, href, isNew }: RowProps): React.JSX.Element {
  return (
    <Link href={href} data-trace={trace.id} className={isNew ? "card trace new" : "card trace"}>
      <Stack gap={2}>
        <Group justify="space-between" wrap="nowrap" gap="xs">
          <Outcome trace={trace} />
          <Text size="xs" c="dimmed" className="clipped">
            {trace.target ?? NONE}
          </Text>
          <Text size="sm" className="number">
            {duration(trace.duration_ms)}
          </Text>
        </Group>
        <div className="clipped">
          <Models trace={trace} />
        </div>
        <Group justify="space-between" wrap="nowrap" gap="xs" fz="xs" c="dimmed">
          <Time at={trace.started_at} />
          <span>
            {count(trace.usage.input_tokens)} / {count(trace.usage.output_tokens)} tokens · {usd(trace.cost_usd)}
          </span>
        </Group>
      </Stack>
    </Link>
  );
});

/** `route::summarize → openai/gpt-4o-mini` */
function Models({ trace }: { readonly trace: TraceRecord }): React.JSX.Element {
  const asked = trace.requested_model ?? "no model";
  const served = trace.provider === null ? undefined : `${trace.provider}/${trace.upstream_model ?? ""}`;
  return (
    <span title={served === undefined ? asked : `${asked} → ${served}`}>
      {asked}
      {served !== undefined && (
        <Text inherit span c="dimmed">
          {" → "}
          {served}
        </Text>
      )}
    </span>
  );
}

function How({ trace }: { readonly trace: TraceRecord }): React.JSX.Element {
  const name = trace.route ?? trace.function;
  return (
    <>
      {trace.layer ?? NONE}
      {name !== null && ` ${name}`}
      {trace.strategy !== null && trace.strategy !== "passthrough" && (
        <Text inherit span c="dimmed">
          {" "}
          · {trace.strategy}
        </Text>
      )}
      {trace.attempts.length > 1 && (
        <Badge ml={6} size="xs" color="yellow" title="Calls that it took">
          {trace.attempts.length} attempts
        </Badge>
      )}
    </>
  );
}

function Bar({ trace, scaleMs }: { readonly trace: TraceRecord; readonly scaleMs: number }): React.JSX.Element {
  const width = Math.max(1.5, Math.min(100, (trace.duration_ms / scaleMs) * 100));
  const first = trace.first_content_ms === null ? undefined : Math.min(100, (trace.first_content_ms / scaleMs) * 100);
  return (
    <Group gap="xs" wrap="nowrap">
      <span className="bar" aria-hidden="true">
        <span style={{ width: `${width}%`, background: toneOf(trace.outcome) }} />
        {first !== undefined && <i style={{ left: `${first}%` }} />}
      </span>
      <span className="number" style={{ minWidth: "3.6rem" }}>
        {duration(trace.duration_ms)}
      </span>
    </Group>
  );
}

/** A click anywhere in the row opens it, unless it hit the link itself, or text is being selected. */
function followRow(event: React.MouseEvent, open: () => void): void {
  if (event.target instanceof Element && event.target.closest("a") !== null) return;
  if (globalThis.getSelection()?.isCollapsed === false) return;
  open();
}
