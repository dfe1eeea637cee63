import { Badge, Code, Group, Paper, Stack, Text, Title } from "@mantine/core";
import type { Credentials as CredentialsAnswer } from "../../api/answers.ts";
import { useCredentials } from "../../api/queries.ts";
import { CopyButton } from "../../widgets/copy.tsx";
import { Page } from "../../widgets/page.tsx";
import { Answer, Empty } from "../../widgets/states.tsx";

type Credential = CredentialsAnswer["credentials"][number];

/** Which secrets the configuration names, which of them are set, and how to set one. Never a value. */
export default function Credentials(): React.JSX.Element {
  const query = useCredentials();
  return (
    <Page title="Credentials" lead="The secrets that routes.toml names. Their values are never shown, here or anywhere else.">
      <Answer query={query} what="credentials">
        {({ credentials }) =>
          credentials.length === 0 ? (
            <Empty title="No secret is named">
              Providers and targets name theirs in routes.toml: <Code>credential = &quot;env::OPENAI_API_KEY&quot;</Code>
            </Empty>
          ) : (
            <Stack gap="sm">
              {credentials
                .toSorted((a, b) => Number(a.set) - Number(b.set))
                .map((credential) => (
                  <CredentialCard key={credential.name} credential={credential} />
                ))}
            </Stack>
          )
        }
      </Answer>
    </Page>
  );
}

function CredentialCard({ credential }: { readonly credential: Credential }): React.JSX.Element {
  const { name, set, simulated, origins, used_by } = credential;
  return (
    <Paper component="section" aria-label={name} className="rule">
      <Stack gap={4} miw={0}>
        <Group gap="xs">
          <Title order={2} className="monospace broken">
            {name}
          </Title>
          {set ? <Badge color="teal">set</Badge> : <Badge color={simulated ? "gray" : "red"}>not set</Badge>}
        </Group>
        <Text size="sm" c="dimmed">
          {origins.length === 0 ? "A key of this gateway: who has it may call." : `Sent to ${origins.join(", ")}`}
        </Text>
        <Text size="sm">Used by {used_by.join(", ")}</Text>
        {!set && simulated && (
          <Text size="xs" c="dimmed">
            Not missed now: the simulator stands in.
          </Text>
        )}
      </Stack>
      <Commands name={name} isKey={origins.length === 0} />
    </Paper>
  );
}

/** The exact commands that set it: on this machine, or for the deployed Worker. */
function Commands({ name, isKey }: { readonly name: string; readonly isKey: boolean }): React.JSX.Element {
  const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  const command = isLocal ? `echo '${name}="…"' >> .dev.vars` : `npx wrangler secret put ${name}`;
  return (
    <Stack gap={4} miw={0}>
      <Text size="xs" c="dimmed">
        {isLocal ? "On this machine; the gateway follows the file:" : "For this Worker:"}
      </Text>
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <Code block flex={1} miw={0} tabIndex={0} aria-label={`How to set ${name}`}>
          {command}
        </Code>
        <CopyButton text={command} label="Copy" />
      </Group>
      {isKey && (
        <Text size="xs" c="dimmed">
          <Code>npx to11 key new</Code> makes one.
        </Text>
      )}
    </Stack>
  );
}
