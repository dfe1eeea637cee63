import { Alert, Anchor, Badge, Code, Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { Link } from "wouter";
import { useAddress } from "../../address.ts";
import type { Providers as ProvidersAnswer } from "../../api/answers.ts";
import { useProviders } from "../../api/queries.ts";
import { Page } from "../../widgets/page.tsx";
import { Answer, Empty } from "../../widgets/states.tsx";

type Provider = ProvidersAnswer["providers"][number];

/** What is connected: where each provider is, what it serves, whether its key is there. */
export default function Providers(): React.JSX.Element {
  const query = useProviders();
  return (
    <Page title="Providers" lead="Where models live, and with which key they are called.">
      <Answer query={query} what="providers">
        {({ providers }) => (
          <>
            {providers.some(({ simulated }) => simulated) && (
              <Alert color="violet">
                The built-in simulator answers in the place of the providers marked below: nothing is sent to them, and none of their keys
                is needed.
              </Alert>
            )}
            {providers.length === 0 ? (
              <Empty title="No provider yet">
                Name one in routes.toml: <Code>[providers.openai]</Code>
              </Empty>
            ) : (
              <SimpleGrid cols={{ base: 1, lg: 2 }}>
                {providers.map((provider) => (
                  <ProviderCard key={provider.id} provider={provider} />
                ))}
              </SimpleGrid>
            )}
          </>
        )}
      </Answer>
    </Page>
  );
}

function ProviderCard({ provider }: { readonly provider: Provider }): React.JSX.Element {
  const address = useAddress();
  return (
    <Paper component="section" aria-label={provider.id}>
      <Stack gap="sm">
        <Group gap="xs" justify="space-between">
          <Group gap="xs">
            <Title order={2}>{provider.id}</Title>
            <Badge color="gray">{provider.type}</Badge>
            {provider.simulated && <Badge color="violet">simulated</Badge>}
          </Group>
          <Anchor component={Link} href={address("/traces", { provider: provider.id })} size="sm">
            Traces
          </Anchor>
        </Group>
        <dl className="facts">
          <Fact name="Address">
            <span className="monospace broken">{provider.base_url}</span>
          </Fact>
          <Fact name="Key">
            <Key provider={provider} />
          </Fact>
          <Fact name="Passthrough">
            {provider.passthrough === "caller" ? "with the caller's own key" : "with the stored key, where the caller brings none"}
          </Fact>
          <Fact name="Paths">
            <span className="monospace">{provider.paths.map((path) => path.replace("/v1", "")).join("  ")}</span>
          </Fact>
          <Fact name="Models">
            {provider.models.length === 0
              ? "none listed"
              : provider.models.map((model) => (
                  <Anchor key={model} component={Link} href={address("/routing/try", { model })} inherit mr={10} display="inline-block">
                    {model === "*" ? "any model" : model}
                  </Anchor>
                ))}
          </Fact>
          <Fact name="Targets">{provider.targets.length === 0 ? "none" : provider.targets.join(", ")}</Fact>
        </dl>
      </Stack>
    </Paper>
  );
}

function Key({ provider }: { readonly provider: Provider }): React.JSX.Element {
  const address = useAddress();
  if (provider.credential === null) return <>takes no key</>;
  return (
    <Group gap={6}>
      <Anchor component={Link} href={address("/credentials")} inherit className="monospace">
        {provider.credential}
      </Anchor>
      {provider.credential_set ? <Badge color="teal">set</Badge> : <Badge color={provider.simulated ? "gray" : "red"}>not set</Badge>}
    </Group>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }): React.JSX.Element {
  return (
    <div>
      <Text component="dt" size="sm" c="dimmed">
        {name}
      </Text>
      <Text component="dd" size="sm">
        {children}
      </Text>
    </div>
  );
}
