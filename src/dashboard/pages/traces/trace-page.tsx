import { Anchor, Badge, Breadcrumbs, Button, Group, Paper, SimpleGrid, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import type { WholeTrace } from "../../../core/trace/trace-content.ts";
import { useAddress, useProject } from "../../address.ts";
import type { TraceRecord } from "../../api/answers.ts";
import { api, read, Refusal } from "../../api/client.ts";
import { within } from "../../api/queries.ts";
import { count, duration, NONE, usd } from "../../figures.ts";
import { curl } from "../../curl.ts";
import { CopyButton } from "../../widgets/copy.tsx";
import { download } from "../../widgets/download.ts";
import { Page, Section } from "../../widgets/page.tsx";
import { Scroller } from "../../widgets/scroller.tsx";
import { Answer } from "../../widgets/states.tsx";
import { Time } from "../../widgets/time.tsx";
import { Facts } from "./facts.tsx";
import { MEANINGS, Outcome } from "./outcome.tsx";
import { keptMembers, Said } from "./said.tsx";
import { Waterfall } from "./waterfall.tsx";

/** How often, and how long apart in ms, a trace is asked for that is not there yet. */
const STORED_AFTER_TRIES = 3;
const STORED_POLL_MS = 700;

/** One request, from what was asked to what came of it. */
export function TracePage({ id }: { readonly id: string }): React.JSX.Element {
  const project = useProject();
  const query = useQuery({
    queryKey: ["trace", project, id],
    queryFn: () => read(api.traces[":id"].$get({ param: { id }, query: within(project) })),
    staleTime: Infinity,
    // A trace is stored a moment after its answer ended; who follows a link at once may be there first.
    retry: (failures, error) => failures < STORED_AFTER_TRIES && error instanceof Refusal && error.status === 404,
    retryDelay: STORED_POLL_MS,
  });
  return (
    <Page title="Trace" lead={<Trail id={id} />} actions={query.data === undefined ? undefined : <Actions trace={query.data} />}>
      <Answer query={query} what="the trace">
        {(trace) => (
          <>
            <Summary trace={trace} />
            <Waterfall trace={trace} />
            <Facts trace={trace} />
            <Said trace={trace} />
            <Related trace={trace} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Trail({ id }: { readonly id: string }): React.JSX.Element {
  const address = useAddress();
  return (
    <Breadcrumbs fz="sm" separatorMargin={6}>
      <Anchor component={Link} href={address("/traces")} inherit>
        Traces
      </Anchor>
      <Text span inherit className="monospace clipped">
        {id}
      </Text>
    </Breadcrumbs>
  );
}

function Actions({ trace }: { readonly trace: WholeTrace }): React.JSX.Element {
  return (
    <>
      <CopyButton text={curlOf(trace)} label="Copy as curl" />
      <Button variant="default" onClick={() => download(`${trace.id}.json`, `${JSON.stringify(trace, null, 2)}\n`)}>
        Download JSON
      </Button>
    </>
  );
}

function Summary({ trace }: { readonly trace: TraceRecord }): React.JSX.Element {
  const figures = [
    ["Started", <Time key="at" at={trace.started_at} />],
    ["Duration", duration(trace.duration_ms)],
    ["First content", duration(trace.first_content_ms)],
    ["Tokens in / out", `${count(trace.usage.input_tokens)} / ${count(trace.usage.output_tokens)}`],
    ["Cost", usd(trace.cost_usd)],
    ["Attempts", count(trace.attempts.length)],
  ] as const;
  return (
    <Paper>
      <Stack gap="sm">
        <Group gap="xs">
          <Outcome trace={trace} />
          <Text size="sm">{MEANINGS[trace.outcome]}</Text>
          {trace.simulated && <Badge color="violet">answered by the simulator</Badge>}
          {trace.stream && <Badge color="gray">stream</Badge>}
        </Group>
        <SimpleGrid cols={{ base: 2, xs: 3, md: 6 }} spacing="sm" component="dl" m={0}>
          {figures.map(([label, value]) => (
            <div key={label}>
              <Text component="dt" size="xs" c="dimmed">
                {label}
              </Text>
              <Text component="dd" m={0} fw={600}>
                {value}
              </Text>
            </div>
          ))}
        </SimpleGrid>
      </Stack>
    </Paper>
  );
}

/** How many others are listed under a trace. */
const RELATED = 20;

function Related({ trace }: { readonly trace: TraceRecord }): React.JSX.Element {
  return (
    <>
      <Others
        title="Of the same session"
        filter={trace.session_id === null ? undefined : { session: trace.session_id }}
        except={trace.id}
      />
      <Others title="Of the same trace id" filter={{ trace_id: trace.trace_id }} except={trace.id} />
    </>
  );
}

function Others(props: {
  readonly title: string;
  readonly filter: { readonly session: string } | { readonly trace_id: string } | undefined;
  readonly except: string;
}): React.ReactNode {
  const project = useProject();
  const address = useAddress();
  const { filter } = props;
  const query = useQuery({
    queryKey: ["traces-of", project, filter],
    queryFn: () => read(api.traces.$get({ query: { ...within(project), ...filter, limit: String(RELATED + 1) } })),
    enabled: filter !== undefined,
  });
  const others = query.data?.traces.filter(({ id }) => id !== props.except) ?? [];
  if (filter === undefined || others.length === 0) return null;
  return (
    <Section
      title={props.title}
      aside={
        <Anchor component={Link} href={address("/traces", filter)} size="sm">
          All of them
        </Anchor>
      }
    >
      <Paper p={0}>
        <Scroller label={props.title} minWidth={560}>
          <Table>
            <Table.Tbody>
              {others.slice(0, RELATED).map((other) => (
                <Table.Tr key={other.id}>
                  <Table.Td>
                    <Anchor component={Link} href={address(`/traces/${encodeURIComponent(other.id)}`)} inherit>
                      <Time at={other.started_at} />
                    </Anchor>
                  </Table.Td>
                  <Table.Td>
                    <Outcome trace={other} />
                  </Table.Td>
                  <Table.Td className="clipped" maw={240}>
                    {other.requested_model ?? NONE}
                  </Table.Td>
                  <Table.Td className="clipped" maw={200}>
                    {other.target ?? NONE}
                  </Table.Td>
                  <Table.Td className="number">{duration(other.duration_ms)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Scroller>
      </Paper>
    </Section>
  );
}

/** The same call again; what was said has to be filled in where the trace does not hold it. */
function curlOf(trace: WholeTrace): string {
  const body = {
    model: trace.requested_model ?? "",
    ...(keptMembers(trace) ?? (trace.endpoint === "chat" ? { messages: [{ role: "user", content: "…" }] } : { input: "…" })),
    ...(trace.stream ? { stream: true } : {}),
  };
  const labels = [
    ["x-to11-user-id", trace.user_id],
    ["x-to11-session-id", trace.session_id],
    ["x-to11-conversation-id", trace.conversation_id],
    ["x-to11-env", trace.environment],
  ] as const;
  return curl({
    // A path is kept decoded.
    url:
      location.origin +
      trace.path
        .split("/")
        .map((part) => encodeURIComponent(part.toWellFormed()))
        .join("/"),
    headers: labels.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])),
    ...(trace.api_key === null ? {} : { keyVariable: trace.api_key }),
    body,
    streams: false,
  });
}
