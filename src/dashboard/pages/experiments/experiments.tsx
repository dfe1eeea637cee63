import { Anchor, Badge, Group, Paper, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import { Link, useRoute } from "wouter";
import { useAddress, useParameters } from "../../address.ts";
import { useConfig, useExperiment } from "../../api/queries.ts";
import { count } from "../../figures.ts";
import { readRules } from "../../routes-toml/rules.ts";
import { Page } from "../../widgets/page.tsx";
import { Answer, Empty } from "../../widgets/states.tsx";
import { Time } from "../../widgets/time.tsx";
import { Comparison } from "./comparison.tsx";
import { conclusionsOf } from "./conclusions.ts";

const RANGES = { "24h": 86_400, "7d": 604_800, "30d": 2_592_000 } as const;
type Range = keyof typeof RANGES;

/** The variants of each experiment, side by side. */
export default function Experiments(): React.JSX.Element {
  const [, path] = useRoute("/experiments/:route");
  const config = useConfig();
  const [parameters, change] = useParameters();
  const range = Object.keys(RANGES).find((known): known is Range => known === parameters.get("range")) ?? "7d";
  return (
    <Page
      title="Experiments"
      lead="Variants side by side: what each one costs, how fast it is, how often it fails."
      actions={
        <SegmentedControl
          aria-label="Time"
          data={[
            { value: "24h", label: "24 h" },
            { value: "7d", label: "7 d" },
            { value: "30d", label: "30 d" },
          ]}
          value={range}
          onChange={(value) => change({ range: value === "7d" ? undefined : value })}
        />
      }
    >
      <Answer query={config} what="the configuration">
        {({ toml }) => {
          const written = readRules(toml)
            .rules.filter(({ strategy }) => strategy === "experiment")
            .map(({ name }) => name);
          const names = path === null ? written : [path.route];
          if (names.length === 0) return <NoExperiment />;
          return (
            <Stack gap="lg">
              {names.map((name) => (
                <ExperimentOf key={name} name={name} rangeS={RANGES[range]} />
              ))}
            </Stack>
          );
        }}
      </Answer>
    </Page>
  );
}

function NoExperiment(): React.JSX.Element {
  const address = useAddress();
  return (
    <Empty title="No experiment is running">
      An experiment sends each call to one of several variants: another model, other parameters.{" "}
      <Anchor component={Link} href={address("/routing/new")} inherit underline="always">
        Make a rule with the strategy A/B experiment
      </Anchor>
      , and the variants are compared here.
    </Empty>
  );
}

function ExperimentOf({ name, rangeS }: { readonly name: string; readonly rangeS: number }): React.JSX.Element {
  const query = useExperiment(name, rangeS);
  const address = useAddress();
  return (
    <Paper component="section" aria-label={name}>
      <Stack gap="sm">
        <Group gap="sm">
          <Title order={2}>
            <Anchor component={Link} href={address(`/experiments/${encodeURIComponent(name)}`)} inherit c="inherit">
              {name}
            </Anchor>
          </Title>
          {query.data !== undefined && <Split asConfigured={query.data.split.as_configured} requests={query.data.requests} />}
        </Group>
        <Answer query={query} what={name}>
          {(experiment) => (
            <>
              <Text size="sm" c="dimmed">
                {count(experiment.requests)} requests from <Time at={experiment.since} /> to <Time at={experiment.until} />. Lines show
                where the true value lies with 95 % confidence.
              </Text>
              <Comparison experiment={experiment} />
              <Stack gap={2} role="status">
                {conclusionsOf(experiment).map((sentence) => (
                  <Text key={sentence} size="sm">
                    {sentence}
                  </Text>
                ))}
              </Stack>
            </>
          )}
        </Answer>
      </Stack>
    </Paper>
  );
}

function Split({ asConfigured, requests }: { readonly asConfigured: boolean | null; readonly requests: number }): React.ReactNode {
  if (requests === 0) return null;
  if (asConfigured === null) return <Badge color="gray">too few to judge the split</Badge>;
  return asConfigured ? <Badge color="teal">split as configured</Badge> : <Badge color="red">split differs from the configured one</Badge>;
}
