import { Code, Paper, ScrollArea, Stack, Text } from "@mantine/core";
import type { WholeTrace } from "../../../core/trace/trace-content.ts";
import { CopyButton } from "../../widgets/copy.tsx";
import { Section } from "../../widgets/page.tsx";

/** What was asked and answered, where routes.toml has it kept. */
export function Said({ trace }: { readonly trace: WholeTrace }): React.JSX.Element {
  const { content } = trace;
  if (content === null) {
    return (
      <Section title="What was said">
        <Text size="sm" c="dimmed">
          Not kept: neither messages nor answers are in this trace. [traces] capture_content = true in routes.toml keeps those of requests
          to come.
        </Text>
      </Section>
    );
  }
  return (
    <Section title="What was said">
      <Stack gap="sm">
        {content.truncated && (
          <Text size="sm" c="dimmed">
            Cut at 64 KB.
          </Text>
        )}
        <Words label="Request" text={content.request === null ? null : readable(content.request)} />
        <Words label="Answer" text={content.answer} />
      </Stack>
    </Section>
  );
}

/** So much height is enough to read in; the rest scrolls. */
const HEIGHT = 320;

function Words({ label, text }: { readonly label: string; readonly text: string | null }): React.JSX.Element {
  return (
    <Paper>
      <Stack gap="xs">
        <Text size="xs" c="dimmed">
          {label}
        </Text>
        {text === null ? (
          <Text size="sm">No text.</Text>
        ) : (
          <>
            <ScrollArea.Autosize mah={HEIGHT} viewportProps={{ tabIndex: 0, role: "region", "aria-label": `${label} in words` }}>
              <Code block className="wrapped">
                {text}
              </Code>
            </ScrollArea.Autosize>
            <div>
              <CopyButton text={text} label={`Copy the ${label.toLowerCase()}`} />
            </div>
          </>
        )}
      </Stack>
    </Paper>
  );
}

/** JSON with its lines broken; a cut one as it is. */
function readable(json: string): string {
  const value = parsed(json);
  return value === undefined ? json : JSON.stringify(value, null, 2);
}

/** The members of the request that were kept; `undefined`: none, or cut in the middle. */
export function keptMembers(trace: WholeTrace): object | undefined {
  const value = parsed(trace.content?.request ?? "");
  return typeof value === "object" && value !== null ? value : undefined;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
