import { NumberInput, Paper, Select, SimpleGrid, TagsInput } from "@mantine/core";
import type { RuleLimits } from "../../routes-toml/rules.ts";
import { Section } from "../../widgets/page.tsx";
import type { RuleFormProps } from "./rule-form-props.ts";

const RESCUES = [
  { value: "", label: "ends, and says so" },
  { value: "prefill", label: "is finished by the next target" },
  { value: "restart", label: "is begun anew by the next target" },
];

const TIMES = [
  {
    key: "timeout_ms",
    label: "First content within, ms",
    description: "A target's own goes first. Empty: the model's or the provider's, else 30,000.",
  },
  { key: "idle_timeout_ms", label: "Next content within, ms", description: "Of a stream. Empty: the provider's, else 60,000." },
  { key: "total_timeout_ms", label: "Everything within, ms", description: "All attempts and the answer. Empty: no limit." },
] as const;

const INPUT_FIRST = ["label", "input", "description", "error"] as const;

interface LimitsProps {
  readonly limits: RuleLimits;
  readonly set: (changed: RuleLimits) => void;
}

/** What happens when a target fails, and how long an answer may take: empty fields are not written. */
export function LimitFields({ rule, onChange }: RuleFormProps): React.JSX.Element {
  const { limits } = rule;
  const set = (changed: RuleLimits): void => onChange({ ...rule, limits: { ...limits, ...changed } });
  return (
    <Section title="Failures and time">
      <Paper>
        <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }} verticalSpacing="sm">
          <RetryFields limits={limits} set={set} />
          <TagsInput
            label="Statuses that are failures too"
            description="Besides 401, 402, 403, 408, 409, 425, 429 and 5xx, which always are."
            inputWrapperOrder={[...INPUT_FIRST]}
            acceptValueOnBlur
            value={Array.isArray(limits.failover_on) ? limits.failover_on.map(String) : []}
            onChange={(tags) => set({ failover_on: tags.length === 0 ? undefined : tags.map(statusOf) })}
          />
          <Select
            label="A stream that breaks"
            description="After its first content. Chat only."
            inputWrapperOrder={[...INPUT_FIRST]}
            data={RESCUES}
            allowDeselect={false}
            disabled={rule.endpoint !== "chat" && limits.rescue === undefined}
            value={typeof limits.rescue === "string" ? limits.rescue : ""}
            onChange={(rescue) => set({ rescue: rescue === "" || rescue === null ? undefined : rescue })}
          />
          {TIMES.map(({ key, ...texts }) => (
            <Whole key={key} {...texts} value={limits[key]} onChange={(value) => set({ [key]: value })} />
          ))}
        </SimpleGrid>
      </Paper>
    </Section>
  );
}

function RetryFields({ limits, set }: LimitsProps): React.JSX.Element {
  const retry = isTable(limits.retry) ? limits.retry : {};
  const setRetry = (changed: Readonly<Record<string, number | undefined>>): void => {
    const next = Object.fromEntries(Object.entries({ ...retry, ...changed }).filter(([, value]) => value !== undefined));
    set({ retry: Object.keys(next).length === 0 ? undefined : next });
  };
  return (
    <>
      <Whole
        label="Retries"
        description="Further calls of a target that failed. Empty: [routing.retry], else 2."
        value={retry["max_retries"]}
        onChange={(value) => setRetry({ max_retries: value })}
      />
      <Whole
        label="First wait, ms"
        description="Before a retry; doubled each time. Empty: [routing.retry], else 500."
        value={retry["backoff_base_ms"]}
        onChange={(value) => setRetry({ backoff_base_ms: value })}
      />
    </>
  );
}

/** A whole number, or none. What is too large is told by the check of the file. */
function Whole(props: {
  readonly label: string;
  readonly description: string;
  readonly value: unknown;
  readonly onChange: (value: number | undefined) => void;
}): React.JSX.Element {
  const { value, onChange, ...texts } = props;
  return (
    <NumberInput
      {...texts}
      inputWrapperOrder={[...INPUT_FIRST]}
      allowNegative={false}
      allowDecimal={false}
      value={typeof value === "number" ? value : ""}
      onChange={(next) => onChange(typeof next === "number" ? next : undefined)}
    />
  );
}

/** As a number where it is one: the check of the file says what else is wrong. */
function statusOf(tag: string): number | string {
  return /^\d+$/.test(tag) ? Number(tag) : tag;
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
