import { Anchor, Badge, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { Link } from "wouter";
import { useAddress } from "../../address.ts";
import type { Config, Metrics } from "../../api/answers.ts";
import { useMetrics, useProviders } from "../../api/queries.ts";
import { count, percent } from "../../figures.ts";
import { KINDS, readRules, type Rule, type RuleStep, type RuleTarget, type RuleVariant, sharesOf } from "../../routes-toml/rules.ts";
import { Share } from "../../widgets/share.tsx";
import { Empty } from "../../widgets/states.tsx";

const STRATEGIES: Readonly<Record<Rule["strategy"], string>> = {
  single: "Direct",
  weighted: "Weighted split",
  fallback: "Fallback chain",
  experiment: "A/B experiment",
  steps: "Steps",
};

/** Seconds of traffic that the list tells of. */
const HOUR_S = 3600;

type Traffic = ReadonlyMap<string | null, Metrics["series"][number]["totals"]>;

/** All rules, with what each does and what went through it in the last hour. */
export function RuleList({ config }: { readonly config: Config }): React.JSX.Element {
  const { rules } = readRules(config.toml);
  const byRoute = useTraffic("route");
  const byTarget = useTraffic("target");
  if (rules.length === 0) {
    return (
      <Empty title="No rule yet">
        Without one, every call goes straight to the provider that lists the model, with the caller&apos;s own key.
      </Empty>
    );
  }
  return (
    <Stack gap="sm">
      {rules.map((rule) => (
        <RuleCard key={`${rule.layer} ${rule.name}`} rule={rule} byRoute={byRoute} byTarget={byTarget} />
      ))}
    </Stack>
  );
}

function useTraffic(by: "route" | "target"): Traffic | undefined {
  const { data } = useMetrics({ rangeS: HOUR_S, by });
  return data === undefined ? undefined : new Map(data.series.map(({ key, totals }) => [key, totals]));
}

function RuleCard(props: {
  readonly rule: Rule;
  readonly byRoute: Traffic | undefined;
  readonly byTarget: Traffic | undefined;
}): React.JSX.Element {
  const { rule, byRoute, byTarget } = props;
  const address = useAddress();
  const edit = rule.isBare
    ? address("/routing/new", { target: rule.name })
    : address(`/routing/edit/${rule.layer}/${encodeURIComponent(rule.name)}`);
  return (
    <Paper component="section" aria-label={`${rule.layer} ${rule.name}`} className="rule">
      <Stack gap={4}>
        <Group gap="xs">
          <Title order={2}>
            <Anchor component={Link} href={edit} inherit c="inherit" underline="hover">
              {rule.name}
            </Anchor>
          </Title>
          {rule.layer === "function" && <Badge color="grape">Function</Badge>}
          <Badge>{STRATEGIES[rule.strategy]}</Badge>
          <Badge color="gray">{rule.isBare ? "Any kind" : KINDS[rule.endpoint]}</Badge>
        </Group>
        <Text size="sm" c="dimmed">
          {appliesTo(rule)}
        </Text>
        {rule.layer === "route" && <Hour traffic={byRoute} name={rule.name} kind="route" />}
      </Stack>
      <Stack gap={6} miw={0}>
        {rule.steps.map((step, index) => (
          <Step key={JSON.stringify(step)} step={step} label={rule.steps.length > 1 ? `Step ${index + 1}` : undefined} traffic={byTarget} />
        ))}
        {rule.variants.length > 0 && <Variants rule={rule} traffic={byTarget} />}
      </Stack>
    </Paper>
  );
}

function appliesTo(rule: Rule): string {
  if (rule.isBare) return `for ${rule.models.join(", ")}; a target that no rule names, and so the route for its model`;
  const names = `${rule.layer}::${rule.name}`;
  return rule.models.length === 0 ? `called as ${names}` : `for ${rule.models.join(", ")}, or called as ${names}`;
}

function Hour(props: { readonly traffic: Traffic | undefined; readonly name: string; readonly kind: "route" | "target" }): React.ReactNode {
  const address = useAddress();
  if (props.traffic === undefined) return null;
  const totals = props.traffic.get(props.name);
  if (totals === undefined || totals.requests === 0) {
    return (
      <Text size="xs" c="dimmed">
        no request in the last hour
      </Text>
    );
  }
  return (
    <Text size="xs" c="dimmed">
      <Anchor component={Link} href={address("/traces", { [props.kind]: props.name, range: "1h" })} inherit>
        {count(totals.requests)} in the last hour
      </Anchor>
      {totals.errors > 0 && (
        <Text span inherit c="var(--to11-bad)">
          {" "}
          · {percent(totals.errors / totals.requests)} errors
        </Text>
      )}
    </Text>
  );
}

function Step(props: {
  readonly step: RuleStep;
  readonly label: string | undefined;
  readonly traffic: Traffic | undefined;
}): React.JSX.Element {
  const { step, label, traffic } = props;
  const shares = sharesOf(step.targets.map(({ weight }) => weight));
  return (
    <Stack gap={4}>
      {label !== undefined && (
        <Text size="xs" c="dimmed">
          {label}
          {step.targets.length > 1 && `, ${STRATEGIES[step.strategy].toLowerCase()}`}
        </Text>
      )}
      {step.targets.map((target, index) => (
        <div key={target.name} className="served">
          <Served target={target} />
          {step.strategy === "weighted" ? (
            <Share of={shares[index] ?? 0} label={percent(shares[index])} />
          ) : (
            <Text size="sm" c="dimmed">
              {step.targets.length === 1 ? "always" : index === 0 ? "first" : `then, if that fails`}
            </Text>
          )}
          <Hour traffic={traffic} name={target.name} kind="target" />
        </div>
      ))}
    </Stack>
  );
}

function Served({ target }: { readonly target: RuleTarget }): React.JSX.Element {
  const providers = useProviders();
  const provider = target.provider || providers.data?.providers.find(({ models }) => models.includes(target.model))?.id;
  return (
    <Text size="sm" className="clipped" component="div" title={target.credential || undefined}>
      {!target.isModel && <span>{target.name} </span>}
      <Text span inherit c="dimmed">
        {provider === undefined ? target.model : `${provider}/${target.model}`}
      </Text>
    </Text>
  );
}

function Variants({ rule, traffic }: { readonly rule: Rule; readonly traffic: Traffic | undefined }): React.JSX.Element {
  const shares = sharesOf(rule.variants.map(({ weight }) => weight));
  const address = useAddress();
  return (
    <>
      {rule.variants.map((variant, index) => (
        <div key={variant.name} className="served">
          <Text size="sm" className="clipped" component="div">
            {variant.name}{" "}
            <Text span inherit c="dimmed">
              {variant.target || variant.model}
              {parametersOf(variant)}
            </Text>
          </Text>
          <Share of={shares[index] ?? 0} label={percent(shares[index])} />
          {variant.target === "" ? <span /> : <Hour traffic={traffic} name={variant.target} kind="target" />}
        </div>
      ))}
      <Anchor component={Link} href={address(`/experiments/${encodeURIComponent(rule.name)}`)} size="sm">
        How they compare
      </Anchor>
    </>
  );
}

function parametersOf({ parameters }: RuleVariant): string {
  const told = Object.entries(parameters).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return told.length === 0 ? "" : `, ${told.join(", ")}`;
}
