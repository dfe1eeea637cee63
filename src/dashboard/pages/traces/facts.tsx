import { Anchor, Paper, SimpleGrid, Text } from "@mantine/core";
import { Link } from "wouter";
import { useAddress } from "../../address.ts";
import type { TraceRecord } from "../../api/answers.ts";
import { useExplain } from "../../api/queries.ts";
import { bytes, count, NONE } from "../../figures.ts";
import { Section } from "../../widgets/page.tsx";

type Fact = readonly [label: string, value: React.ReactNode];

/** What was asked, what served it and why, and what else is known. */
export function Facts({ trace }: { readonly trace: TraceRecord }): React.JSX.Element {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, xl: 4 }}>
      <FactList title="Asked for" facts={useAsked(trace)} />
      <FactList title="Served by" facts={useServed(trace)} />
      <FactList title="Answer" facts={answerOf(trace)} />
      <FactList title="Caller" facts={useCaller(trace)} />
    </SimpleGrid>
  );
}

function FactList({ title, facts }: { readonly title: string; readonly facts: readonly Fact[] }): React.JSX.Element {
  return (
    <Section title={title}>
      <Paper h="100%">
        <dl className="facts">
          {facts.map(([label, value]) => (
            <div key={label}>
              <Text component="dt" size="sm" c="dimmed">
                {label}
              </Text>
              <Text component="dd" size="sm">
                {value ?? NONE}
              </Text>
            </div>
          ))}
        </dl>
      </Paper>
    </Section>
  );
}

function useAsked(trace: TraceRecord): Fact[] {
  return [
    ["Model", trace.requested_model],
    ["Path", trace.path],
    ["Endpoint kind", trace.endpoint],
    ["Stream", trace.stream ? "yes" : "no"],
    ["Body", bytes(trace.request_bytes)],
  ];
}

function useServed(trace: TraceRecord): Fact[] {
  const address = useAddress();
  const name = trace.route ?? trace.function;
  const linked = (text: string | null, filter: Readonly<Record<string, string | undefined>>): React.ReactNode =>
    text === null ? (
      NONE
    ) : (
      <Anchor component={Link} href={address("/traces", filter)} inherit>
        {text}
      </Anchor>
    );
  return [
    ["Layer", trace.layer === null ? NONE : `${trace.layer}${name === null ? "" : ` ${name}`}`],
    ["Strategy", trace.strategy],
    ...(trace.variant === null ? [] : [["Variant", trace.variant] as const]),
    ["Target", linked(trace.target, { target: trace.target ?? undefined })],
    ["Provider", linked(trace.provider, { provider: trace.provider ?? undefined })],
    ["Model", trace.upstream_model],
    [
      "Configuration",
      <Anchor component={Link} key="config" href={address("/versions", { b: trace.config })} inherit className="monospace">
        {trace.config}
      </Anchor>,
    ],
    ["Why", <Why key="why" trace={trace} />],
  ];
}

/** Why it was served that way, in the words of the configuration that serves now where it is still the same. */
function Why({ trace }: { readonly trace: TraceRecord }): React.ReactNode {
  const explained = useExplain(trace.layer === null ? "" : (trace.requested_model ?? ""), trace.path);
  if (trace.layer === null) return "The request was refused before it was routed.";
  if (explained.data !== undefined && explained.data.config.startsWith(trace.config)) return explained.data.reason;
  return explained.data === undefined ? NONE : `Another configuration serves now. It says: ${explained.data.reason}`;
}

function answerOf(trace: TraceRecord): Fact[] {
  const { usage } = trace;
  return [
    ["Status", trace.status],
    ["Error code", trace.error_code],
    ["Finish reason", trace.finish_reason],
    ["Model, as the provider says", trace.reported_model],
    ["Input tokens", `${count(usage.input_tokens)}, ${count(usage.cached_input_tokens)} of them cached`],
    ["Written to the cache", `${count(usage.cache_write_tokens)}, ${count(usage.cache_write_1h_tokens)} of them for an hour`],
    ["Output tokens", `${count(usage.output_tokens)}, ${count(usage.reasoning_tokens)} of them reasoning`],
    ["Tool calls", count(trace.tool_calls)],
    ["Body", bytes(trace.response_bytes)],
  ];
}

function useCaller(trace: TraceRecord): Fact[] {
  const address = useAddress();
  const session = trace.session_id;
  return [
    ["Gateway key", trace.api_key ?? "none: the gateway is open"],
    ["User", trace.user_id],
    [
      "Session",
      session === null ? (
        NONE
      ) : (
        <Anchor component={Link} href={address("/traces", { session })} inherit>
          {session}
        </Anchor>
      ),
    ],
    ["Conversation", trace.conversation_id],
    ["Environment", trace.environment],
    ["Client", trace.client],
    ...Object.entries(trace.metadata).map(([name, value]) => [`metadata ${name}`, value] as const),
    [
      "Trace id (W3C)",
      <span key="id" className="monospace broken">
        {trace.trace_id}
      </span>,
    ],
    ["Data centre", trace.colo ?? "this machine"],
  ];
}
