import { Group, Text } from "@mantine/core";
import type { TraceRecord } from "../../api/answers.ts";

type Outcome = TraceRecord["outcome"];

const TONES: Readonly<Record<Outcome, "good" | "warn" | "bad" | "quiet">> = {
  complete: "good",
  rescued: "warn",
  truncated: "bad",
  client_closed: "quiet",
  failed: "bad",
  rejected: "bad",
};

const WORDS: Readonly<Record<Outcome, string>> = {
  complete: "complete",
  rescued: "rescued",
  truncated: "cut off",
  client_closed: "caller left",
  failed: "failed",
  rejected: "rejected",
};

/** What an outcome means, in a sentence. */
export const MEANINGS: Readonly<Record<Outcome, string>> = {
  complete: "The answer was delivered whole.",
  rescued: "The stream broke, and another target finished it.",
  truncated: "The answer broke off after it had begun.",
  client_closed: "The caller left before the end of the answer.",
  failed: "No target delivered an answer.",
  rejected: "The gateway refused the request, and called nobody.",
};

/** The colour of an outcome, as CSS. */
export function toneOf(outcome: Outcome): string {
  return `var(--to11-${TONES[outcome]})`;
}

/** The status that the caller got, and how it ended where that is not clear from it. */
export function Outcome({ trace }: { readonly trace: TraceRecord }): React.JSX.Element {
  return (
    <Group gap={6} wrap="nowrap" title={MEANINGS[trace.outcome]}>
      <span className="dot" style={{ background: toneOf(trace.outcome) }} />
      <Text inherit component="span" fw={500}>
        {trace.status}
      </Text>
      {trace.outcome !== "complete" && (
        <Text inherit component="span" c="dimmed" style={{ whiteSpace: "nowrap" }}>
          {WORDS[trace.outcome]}
        </Text>
      )}
    </Group>
  );
}
