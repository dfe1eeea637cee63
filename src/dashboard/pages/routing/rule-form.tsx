import { Button, Group, Input, Paper, Radio, Select, SegmentedControl, SimpleGrid, Stack, TagsInput, Text, TextInput } from "@mantine/core";
import type { EndpointKind } from "../../../core/endpoint.ts";
import { KINDS, type Rule, type RuleStep, type RuleStrategy } from "../../routes-toml/rules.ts";
import { Icon } from "../../widgets/icon.tsx";
import { Section } from "../../widgets/page.tsx";
import { LimitFields } from "./limit-fields.tsx";
import { moved } from "./moved.ts";
import type { RuleFormProps } from "./rule-form-props.ts";
import { StepEditor } from "./step-editor.tsx";
import { VariantsEditor } from "./variants-editor.tsx";

const STRATEGIES: readonly { readonly value: RuleStrategy; readonly name: string; readonly says: string }[] = [
  { value: "single", name: "Direct", says: "One target answers every call." },
  { value: "weighted", name: "Weighted split", says: "Each call draws one target by weight." },
  { value: "fallback", name: "Fallback chain", says: "In order: the next when one fails." },
  { value: "experiment", name: "A/B experiment", says: "Variants side by side, compared." },
  { value: "steps", name: "Steps", says: "A chain whose links are splits or chains." },
];

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** A rule's fields: how it chooses, what it applies to, what it calls. */
export function RuleForm(props: RuleFormProps): React.JSX.Element {
  const { rule, onChange } = props;
  return (
    <>
      <Section title="Strategy">
        <Radio.Group
          aria-label="Strategy"
          value={rule.strategy}
          onChange={(value) => onChange(withStrategy(rule, STRATEGIES.find((known) => known.value === value)?.value ?? rule.strategy))}
        >
          <SimpleGrid cols={{ base: 1, xs: 2, md: 5 }} spacing="xs">
            {STRATEGIES.map(({ value, name, says }) => (
              <Radio.Card key={value} value={value} p="sm" className="choice" aria-label={`${name}. ${says}`}>
                <Group wrap="nowrap" align="flex-start" gap="xs">
                  <Radio.Indicator size="xs" mt={2} />
                  <div>
                    <Text size="sm" fw={600}>
                      {name}
                    </Text>
                    <Text size="xs" c="dimmed">
                      {says}
                    </Text>
                  </div>
                </Group>
              </Radio.Card>
            ))}
          </SimpleGrid>
        </Radio.Group>
      </Section>
      <AppliesTo {...props} />
      {rule.strategy === "experiment" ? <VariantsEditor {...props} /> : <Steps {...props} />}
      <LimitFields {...props} />
    </>
  );
}

function AppliesTo({ rule, known, onChange }: RuleFormProps): React.JSX.Element {
  const models = [...new Set(known.providers.flatMap((provider) => provider.models).filter((model) => model !== "*"))];
  return (
    <Section title="Applies to">
      <Paper>
        <Group align="flex-start" gap="md">
          <Input.Wrapper label="Called as" size="xs" labelElement="div" className="labelled">
            <SegmentedControl
              aria-label="Called as"
              data={[
                { value: "route", label: "Route" },
                { value: "function", label: "Function" },
              ]}
              value={rule.layer}
              onChange={(layer) => onChange({ ...rule, layer: layer === "function" ? "function" : "route" })}
            />
          </Input.Wrapper>
          <Name rule={rule} known={known} onChange={onChange} />
          {rule.layer === "route" && (
            <TagsInput
              label="Models that it answers for"
              description="What callers already ask for. None: by its name only."
              inputWrapperOrder={["label", "input", "description", "error"]}
              placeholder={rule.models.length === 0 ? "gpt-4o" : ""}
              data={models}
              acceptValueOnBlur
              miw={240}
              flex={1}
              maw={520}
              value={[...rule.models]}
              onChange={(value) => onChange({ ...rule, models: value })}
            />
          )}
          <Select
            label="Kind of endpoint"
            data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
            allowDeselect={false}
            w={150}
            value={rule.endpoint}
            onChange={(endpoint) => onChange({ ...rule, endpoint: kindOf(endpoint) })}
          />
        </Group>
      </Paper>
    </Section>
  );
}

function Name({ rule, known, onChange }: RuleFormProps): React.JSX.Element {
  const isTaken = known.rules.some((other) => other.name === rule.name && !other.isBare && other.layer !== rule.layer);
  return (
    <TextInput
      label="Name"
      description={rule.name === "" ? "Callers can ask for it by this name." : `Callers can ask for ${rule.layer}::${rule.name}`}
      inputWrapperOrder={["label", "input", "description", "error"]}
      placeholder="balanced"
      w={230}
      required
      withAsterisk={false}
      error={errorOf(rule.name, isTaken)}
      value={rule.name}
      onChange={(event) => onChange({ ...rule, name: event.currentTarget.value })}
    />
  );
}

function errorOf(name: string, isTaken: boolean): string | undefined {
  if (isTaken) return "A route and a function may not share a name.";
  return name === "" || NAME.test(name) ? undefined : "1 to 64 of a-z, 0-9, . _ - and first a letter or digit.";
}

function kindOf(text: string | null): EndpointKind {
  return Object.keys(KINDS).find((kind): kind is EndpointKind => kind === text) ?? "chat";
}

/** The same targets, chosen another way. */
function withStrategy(rule: Rule, strategy: RuleStrategy): Rule {
  const steps: readonly RuleStep[] = rule.steps.length === 0 ? [{ strategy: "single", targets: [] }] : rule.steps;
  if (strategy === "experiment") return { ...rule, strategy, steps };
  if (strategy === "steps") return { ...rule, strategy, steps };
  const [first, ...more] = steps;
  const targets = [...(first?.targets ?? []), ...more.flatMap((step) => step.targets)];
  const once = targets.filter((target, index) => targets.findIndex(({ name }) => name === target.name) === index);
  return { ...rule, strategy, steps: [{ strategy, targets: strategy === "single" ? once.slice(0, 1) : once }] };
}

function Steps({ rule, known, onChange }: RuleFormProps): React.JSX.Element {
  const { steps } = rule;
  const set = (next: readonly RuleStep[]): void => onChange({ ...rule, steps: next });
  if (rule.strategy !== "steps") {
    const step = steps[0] ?? { strategy: "single", targets: [] };
    return (
      <Section title={rule.strategy === "single" ? "Target" : "Targets"}>
        <StepEditor rule={rule} step={step} known={known} onChange={(changed) => set([changed])} />
      </Section>
    );
  }
  return (
    <Section title="Steps">
      <Stack gap="sm">
        {steps.map((step, index) => (
          <StepEditor
            key={`${index} of ${steps.length}`}
            rule={rule}
            step={step}
            known={known}
            place={{ index, count: steps.length, move: (to) => set(moved(steps, index, to)), remove: () => set(steps.toSpliced(index, 1)) }}
            onChange={(changed) => set(steps.with(index, changed))}
          />
        ))}
        <div>
          <Button
            variant="default"
            leftSection={<Icon name="plus" size={14} />}
            onClick={() => set([...steps, { strategy: "single", targets: [] }])}
          >
            Add a step
          </Button>
        </div>
      </Stack>
    </Section>
  );
}
