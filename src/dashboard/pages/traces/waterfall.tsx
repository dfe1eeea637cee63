import { Group, Paper, Text } from "@mantine/core";
import type { AttemptRecord, TraceRecord } from "../../api/answers.ts";
import { duration } from "../../figures.ts";
import { Section } from "../../widgets/page.tsx";

const OUTCOMES: Readonly<Record<AttemptRecord["outcome"], { readonly words: string; readonly tone: "good" | "warn" | "bad" | "quiet" }>> = {
  answered: { words: "answered", tone: "good" },
  refused: { words: "refused", tone: "bad" },
  unreachable: { words: "not reachable", tone: "bad" },
  timed_out: { words: "timed out", tone: "bad" },
  invalid: { words: "gave an invalid answer", tone: "bad" },
  cut: { words: "broke off", tone: "bad" },
  cancelled: { words: "cancelled", tone: "quiet" },
  passed_over: { words: "passed over: it cannot be asked this", tone: "quiet" },
  unsent: { words: "not called: its secret is missing, malformed or may not go there", tone: "warn" },
};

const LIMITS: Readonly<Record<NonNullable<AttemptRecord["timeout"]>, string>> = {
  first_content: "waiting for the first content (timeout_ms)",
  idle: "between two contents (idle_timeout_ms)",
  total: "for all attempts together (total_timeout_ms)",
};

/** Marks on the time axis, at most. */
const TICKS = 5;

/** The attempts of a request over time: waits, retries, failover, the first content, the end. */
export function Waterfall({ trace }: { readonly trace: TraceRecord }): React.JSX.Element {
  const spanMs = Math.max(1, trace.duration_ms, ...trace.attempts.map((attempt) => attempt.offset_ms + attempt.duration_ms));
  const at = (ms: number): string => `${((ms / spanMs) * 100).toFixed(3)}%`;
  return (
    <Section title="What happened" aside={<Legend />}>
      <Paper className="waterfall" role="list" aria-label="Attempts in order">
        <div className="axis" aria-hidden="true">
          <span />
          <div>
            {ticksOf(spanMs).map((ms) => (
              <span key={ms} style={{ left: at(ms) }}>
                {duration(ms)}
              </span>
            ))}
          </div>
        </div>
        {trace.attempts.map((attempt, index) => (
          <Attempt key={attempt.offset_ms + attempt.target} attempt={attempt} before={trace.attempts[index - 1]} at={at} trace={trace} />
        ))}
        {trace.attempts.length === 0 && (
          <Text size="sm" c="dimmed" role="listitem">
            Nobody was called.
          </Text>
        )}
      </Paper>
    </Section>
  );
}

function Attempt(props: {
  readonly attempt: AttemptRecord;
  readonly before: AttemptRecord | undefined;
  readonly at: (ms: number) => string;
  readonly trace: TraceRecord;
}): React.JSX.Element {
  const { attempt, before, at, trace } = props;
  const { words, tone } = OUTCOMES[attempt.outcome];
  const first = attempt.outcome === "answered" || attempt.outcome === "cut" ? trace.first_content_ms : null;
  const holdsFirst = first !== null && first >= attempt.offset_ms && first <= attempt.offset_ms + attempt.duration_ms;
  return (
    <div className="attempt" role="listitem">
      <div>
        <Text size="sm" fw={600} className="clipped" title={attempt.target}>
          {attempt.target}
        </Text>
        <Text size="xs" c="dimmed" className="clipped" title={`${attempt.provider}/${attempt.model}`}>
          {attempt.provider}/{attempt.model}
        </Text>
      </div>
      <div>
        <div className="lane">
          {attempt.waited_ms > 0 && (
            <span className="wait" style={{ left: at(Math.max(0, attempt.offset_ms - attempt.waited_ms)), width: at(attempt.waited_ms) }} />
          )}
          <span
            className="call"
            style={{ left: at(attempt.offset_ms), width: at(attempt.duration_ms), background: `var(--to11-${tone})` }}
          />
          {holdsFirst && <i style={{ left: at(first) }} title={`first content after ${duration(first)}`} />}
        </div>
        <Text size="xs" component="div">
          {placeOf(attempt, before)}
          {attempt.waited_ms > 0 && `waited ${duration(attempt.waited_ms)}, then `}
          <Text span inherit fw={600} c={tone === "quiet" ? "inherit" : `var(--to11-${tone})`}>
            {words}
          </Text>
          {attempt.status !== null && ` with ${attempt.status}`}
          {attempt.said !== undefined && ` (“${attempt.said}”)`}
          {attempt.timeout !== null && ` ${LIMITS[attempt.timeout]}`} after {duration(attempt.duration_ms)}
          {holdsFirst && `, first content at ${duration(first)}`}
        </Text>
      </div>
    </div>
  );
}

/** How this attempt came about. */
function placeOf(attempt: AttemptRecord, before: AttemptRecord | undefined): string {
  if (before === undefined) return attempt.strategy === "weighted" || attempt.strategy === "experiment" ? "drawn by weight: " : "";
  if (before.target === attempt.target) return "retry: ";
  return before.step === attempt.step ? "failover: " : `step ${attempt.step + 1}: `;
}

function ticksOf(spanMs: number): number[] {
  const rough = spanMs / TICKS;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * magnitude).find((candidate) => candidate >= rough) ?? rough;
  return Array.from({ length: Math.floor(spanMs / step) + 1 }, (_, index) => index * step);
}

function Legend(): React.JSX.Element {
  return (
    <Group gap="md" fz="xs" c="dimmed">
      <span className="key">
        <span className="wait" /> wait
      </span>
      <span className="key">
        <span className="call" /> call
      </span>
      <span className="key">
        <i /> first content
      </span>
    </Group>
  );
}
