import { Alert, Button, Center, Group, Paper, Stack, Switch, Table, Text } from "@mantine/core";
import { useHotkeys, useMediaQuery } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useAddress, useParameters, useProject } from "../../address.ts";
import type { TraceRecord } from "../../api/answers.ts";
import { api, read } from "../../api/client.ts";
import { within } from "../../api/queries.ts";
import { count } from "../../figures.ts";
import { Page } from "../../widgets/page.tsx";
import { Scroller } from "../../widgets/scroller.tsx";
import { Empty, Failure, Loading } from "../../widgets/states.tsx";
import { Time } from "../../widgets/time.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { filtersOf, RANGES, rangeOf } from "./filters.ts";
import { FirstCall } from "./first-call.tsx";
import { type Live, useLive } from "./live.ts";
import { TraceCard, TraceRow } from "./trace-row.tsx";

/** How many traces one page of the list fetches. */
const PAGE_SIZE = 50;

/** All traces that pass the filters in the address, newest first. */
export function TraceList(): React.JSX.Element {
  const [parameters, change] = useParameters();
  const isLive = parameters.get("live") === "1";
  const live = useLive(isLive ? liveSearch(parameters) : undefined);
  const list = useTraces(parameters);
  const fetched = list.data?.pages.flatMap((page) => page.traces) ?? [];
  const known = new Set(fetched.map(({ id }) => id));
  const arrived = live.traces.filter(({ id }) => !known.has(id));
  useKeys();
  return (
    <Page
      title="Traces"
      lead="One for each request, newest first."
      actions={
        <Group gap="md">
          <Keys />
          <Switch label="Live" checked={isLive} onChange={(event) => change({ live: event.currentTarget.checked ? "1" : undefined })} />
        </Group>
      }
    >
      <FilterBar />
      {isLive && <LiveState live={live} />}
      {list.data === undefined && list.error === null && <Loading what="traces" />}
      {list.error !== null && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.data !== undefined && fetched.length + arrived.length === 0 && <Nothing isNarrowed={isNarrowed(parameters)} />}
      {fetched.length + arrived.length > 0 && <Rows arrived={arrived} fetched={fetched} />}
      {list.data !== undefined && (
        <Older
          searchedUntil={list.data.pages.at(-1)?.searched_until ?? null}
          hasMore={list.hasNextPage}
          isLoading={list.isFetchingNextPage}
          onMore={() => void list.fetchNextPage()}
        />
      )}
    </Page>
  );
}

function useTraces(parameters: URLSearchParams) {
  const project = useProject();
  const filters = filtersOf(parameters);
  const range = rangeOf(parameters);
  return useInfiniteQuery({
    queryKey: ["traces", project, filters, range],
    queryFn: ({ pageParam }) => {
      const since = range === undefined ? {} : { since: new Date(Date.now() - RANGES[range] * 1000).toISOString() };
      const cursor = pageParam === null ? {} : { cursor: pageParam };
      return read(api.traces.$get({ query: { ...within(project), limit: String(PAGE_SIZE), ...since, ...filters, ...cursor } }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    // Coming back from a trace shows the list as it was left.
    staleTime: 30_000,
  });
}

function liveSearch(parameters: URLSearchParams): string {
  const search = new URLSearchParams(filtersOf(parameters));
  const project = parameters.get("project");
  if (project !== null) search.set("project", project);
  // What arrives now is within every range.
  search.delete("since");
  search.delete("until");
  return search.size === 0 ? "" : `?${search.toString()}`;
}

function isNarrowed(parameters: URLSearchParams): boolean {
  return rangeOf(parameters) !== undefined || Object.keys(filtersOf(parameters)).length > 0;
}

function Rows({
  arrived,
  fetched,
}: {
  readonly arrived: readonly TraceRecord[];
  readonly fetched: readonly TraceRecord[];
}): React.JSX.Element {
  const isWide = useMediaQuery("(min-width: 62em)", true, { getInitialValueInEffect: false });
  const address = useAddress();
  // Bars of one picture have one scale, which does not jump with each arrival: the longest of those fetched, without the few extremes.
  const scaleMs = useMemo(() => scaleOf(fetched.length > 0 ? fetched : arrived), [fetched, arrived]);
  const rows = [...arrived.map((trace) => ({ trace, isNew: true })), ...fetched.map((trace) => ({ trace, isNew: false }))];
  const propsOf = ({ trace, isNew }: (typeof rows)[number]) => ({
    trace,
    isNew,
    scaleMs,
    href: address(`/traces/${encodeURIComponent(trace.id)}`),
  });
  if (!isWide) {
    return (
      <Stack gap="xs" id="traces">
        {rows.map((row) => (
          <TraceCard key={row.trace.id} {...propsOf(row)} />
        ))}
      </Stack>
    );
  }
  return (
    <Paper p={0} style={{ overflow: "hidden" }}>
      <Scroller label="Traces" minWidth={1120}>
        <Table id="traces" highlightOnHover fz="xs" horizontalSpacing={7}>
          <Head />
          <Table.Tbody>
            {rows.map((row) => (
              <TraceRow key={row.trace.id} {...propsOf(row)} />
            ))}
          </Table.Tbody>
        </Table>
      </Scroller>
    </Paper>
  );
}

function Head(): React.JSX.Element {
  return (
    <Table.Thead>
      <Table.Tr>
        <Table.Th>Time</Table.Th>
        <Table.Th>Status</Table.Th>
        <Table.Th title="The mark in the bar is the first content">Duration</Table.Th>
        <Table.Th className="number">First content</Table.Th>
        <Table.Th>Requested model → served by</Table.Th>
        <Table.Th>Layer · strategy</Table.Th>
        <Table.Th>Target</Table.Th>
        <Table.Th className="number">Tokens in / out</Table.Th>
        <Table.Th className="number">Cost</Table.Th>
        <Table.Th>Session</Table.Th>
        <Table.Th>Id</Table.Th>
      </Table.Tr>
    </Table.Thead>
  );
}

function scaleOf(traces: readonly TraceRecord[]): number {
  const durations = traces.map(({ duration_ms }) => duration_ms).toSorted((a, b) => a - b);
  return Math.max(1, durations[Math.floor((durations.length - 1) * 0.95)] ?? 1);
}

function Older(props: {
  readonly searchedUntil: string | null;
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  readonly onMore: () => void;
}): React.ReactNode {
  if (!props.hasMore) return null;
  return (
    <Center>
      <Group gap="sm">
        <Button variant="default" loading={props.isLoading} onClick={props.onMore}>
          Older
        </Button>
        {props.searchedUntil !== null && (
          <Text size="xs" c="dimmed">
            looked back to <Time at={props.searchedUntil} />
          </Text>
        )}
      </Group>
    </Center>
  );
}

function Nothing({ isNarrowed }: { readonly isNarrowed: boolean }): React.JSX.Element {
  if (!isNarrowed) return <FirstCall />;
  return <Empty title="No request passes these filters">Take one away, or look further back.</Empty>;
}

function LiveState({ live }: { readonly live: Live }): React.JSX.Element {
  if (live.state === "failed") {
    return (
      <Alert color="yellow" role="status">
        The live view is not connected. It tries again every 2 seconds; the list below still loads older requests.
      </Alert>
    );
  }
  const sampled = live.left === 0 ? "" : ` ${count(live.left)} were too many to show: the list is a sample; nothing is lost in the traces.`;
  return (
    <Text size="sm" c="dimmed" role="status">
      {live.state === "open"
        ? `Live: ${count(live.arrived)} arrived, ${count(live.perSecond)} per second now.${sampled}`
        : "Connecting to the live view…"}
    </Text>
  );
}

/** j and k go down and up, enter opens what they stand on (it is a link), / goes to the search. */
function useKeys(): void {
  const go = (step: number): void => {
    const links = [...document.querySelectorAll<HTMLElement>("#traces [data-trace]")];
    const at = links.findIndex((link) => link === document.activeElement);
    const next = links[Math.max(0, Math.min(links.length - 1, at + step))];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };
  useHotkeys([
    ["j", () => go(1)],
    ["k", () => go(-1)],
    ["/", () => document.querySelector<HTMLElement>("#trace-search")?.focus()],
  ]);
}

function Keys(): React.JSX.Element {
  return (
    <Text size="xs" c="dimmed" visibleFrom="md">
      <kbd>j</kbd> <kbd>k</kbd> move, <kbd>enter</kbd> open, <kbd>/</kbd> search
    </Text>
  );
}
