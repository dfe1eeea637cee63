import { Alert, Anchor, List, Stack, Text } from "@mantine/core";
import { Link } from "wouter";
import { useAddress } from "../../address.ts";
import { useConfig, useHealth, useProviders } from "../../api/queries.ts";
import { count } from "../../figures.ts";
import { Icon } from "../../widgets/icon.tsx";
import { Time } from "../../widgets/time.tsx";

/** What is wrong now, or not as it would be in earnest. Nothing where nothing is. */
export function Problems(): React.ReactNode {
  const health = useHealth();
  const config = useConfig();
  const address = useAddress();
  const problems = health.data?.problems ?? [];
  const refused = health.data?.refused_calls ?? 0;
  const warnings = config.data?.warnings ?? [];
  return (
    <Stack gap="xs">
      {health.error !== null && (
        <Alert color="red" role="alert" icon={<Icon name="warning" />}>
          {health.error.message}
        </Alert>
      )}
      {problems.length > 0 && (
        <Alert
          color="red"
          role="alert"
          icon={<Icon name="warning" />}
          title={problems.length === 1 ? "Something is wrong" : `${count(problems.length)} things are wrong`}
        >
          <List size="sm">
            {problems.map((problem) => (
              <List.Item key={problem}>{problem}</List.Item>
            ))}
          </List>
          {problems.some((problem) => problem.includes("is not set")) && (
            <Anchor component={Link} href={address("/credentials")} size="sm" underline="always">
              How to set it
            </Anchor>
          )}
        </Alert>
      )}
      {refused > 0 && (
        <Alert color="yellow">
          {count(refused)} calls were not let in lately: no gateway key, a wrong one, or an unknown project. They are counted, not traced.
        </Alert>
      )}
      <Simulated isDemo={health.data?.demo === true} />
      <NotDeployed />
      {warnings.length > 0 && (
        <Alert color="yellow" title="The configuration serves, with warnings">
          <List size="sm">
            {warnings.map((warning) => (
              <List.Item key={warning.path + warning.message}>
                {warning.path}: {warning.message}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
    </Stack>
  );
}

function idsOf(providers: readonly { readonly id: string }[]): string {
  return providers.map(({ id }) => id).join(", ");
}

function Simulated({ isDemo }: { readonly isDemo: boolean }): React.ReactNode {
  const providers = useProviders();
  const address = useAddress();
  const { true: simulated = [], false: real = [] } = Object.groupBy(providers.data?.providers ?? [], (each) => `${each.simulated}`);
  if (simulated.length === 0) return null;
  return (
    <Alert color="violet">
      <Text size="sm">
        {isDemo ? "This is a demo: no provider key is set, so the built-in simulator" : "The built-in simulator"} stands in for{" "}
        {idsOf(simulated)}. {real.length === 0 ? "No provider is called." : `Real: ${idsOf(real)}.`}{" "}
        <Anchor component={Link} href={address("/credentials")} inherit underline="always">
          How to make it real
        </Anchor>
      </Text>
    </Alert>
  );
}

/** Where something was published since the deploy: which version serves, since when, and which does not. */
function NotDeployed(): React.ReactNode {
  const { data: config } = useConfig();
  const address = useAddress();
  if (config === undefined || config.deployed_version === null || config.deployed_version === config.version) return null;
  return (
    <Alert color="gray">
      <Text size="sm">
        Version <span className="monospace">{config.version.slice(0, 8)}</span> serves
        {config.published_at === null ? (
          ""
        ) : (
          <>
            , published <Time at={config.published_at} />
          </>
        )}
        {config.author === null ? "" : ` by ${config.author}`}; not the file of the last deploy,{" "}
        <span className="monospace">{config.deployed_version.slice(0, 8)}</span>.{" "}
        <Anchor component={Link} href={address("/versions")} inherit underline="always">
          Versions
        </Anchor>
      </Text>
    </Alert>
  );
}
