import { ActionIcon, Autocomplete, Button, Group, NumberInput, Paper, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { percent } from "../../figures.ts";
import { type RuleVariant, sharesOf } from "../../routes-toml/rules.ts";
import { Icon } from "../../widgets/icon.tsx";
import { Section } from "../../widgets/page.tsx";
import { Share } from "../../widgets/share.tsx";
import type { RuleFormProps } from "./rule-form-props.ts";

const SUBJECTS = { user: "the same user", session: "the same session", conversation: "the same conversation" } as const;

/** The arms of an experiment, and who stays on one. */
export function VariantsEditor({ rule, known, onChange }: RuleFormProps): React.JSX.Element {
  const { variants } = rule;
  const set = (next: readonly RuleVariant[]): void => onChange({ ...rule, variants: next });
  const shares = sharesOf(variants.map(({ weight }) => weight));
  const add = (): void =>
    set([
      ...variants,
      { name: `variant-${variants.length + 1}`, model: "", target: "", weight: variants.length === 0 ? 100 : 50, parameters: {} },
    ]);
  return (
    <Section title="Variants">
      <Paper>
        <Stack gap="sm">
          <Select
            label="Who stays on one variant"
            description="The gateway tells subjects by the headers x-to11-user-id, -session-id and -conversation-id."
            inputWrapperOrder={["label", "input", "description"]}
            data={[
              { value: "", label: "nobody: drawn for each call" },
              ...Object.entries(SUBJECTS).map(([value, label]) => ({ value, label })),
            ]}
            allowDeselect={false}
            maw={320}
            value={rule.stickyBy}
            onChange={(value) =>
              onChange({ ...rule, stickyBy: value === "user" || value === "session" || value === "conversation" ? value : "" })
            }
          />
          {variants.map((variant, index) => (
            <VariantRow
              key={`${index} of ${variants.length}`}
              variant={variant}
              share={shares[index] ?? 0}
              known={known}
              onChange={(changed) => set(variants.with(index, changed))}
              onRemove={() => set(variants.toSpliced(index, 1))}
            />
          ))}
          {variants.length === 0 && (
            <Text size="sm" c="dimmed">
              No variant yet. An experiment compares two or more.
            </Text>
          )}
          <div>
            <Button variant="default" leftSection={<Icon name="plus" size={14} />} onClick={add}>
              Add a variant
            </Button>
          </div>
        </Stack>
      </Paper>
    </Section>
  );
}

function VariantRow(props: {
  readonly variant: RuleVariant;
  readonly share: number;
  readonly known: RuleFormProps["known"];
  readonly onChange: (variant: RuleVariant) => void;
  readonly onRemove: () => void;
}): React.JSX.Element {
  const { variant, share, known, onChange, onRemove } = props;
  const models = [...new Set(known.providers.flatMap((provider) => provider.models).filter((model) => model !== "*"))];
  return (
    <div className="target">
      <div className="fields">
        <TextInput
          label="Variant"
          w={130}
          value={variant.name}
          onChange={(event) => onChange({ ...variant, name: event.currentTarget.value.trim() })}
        />
        <Autocomplete
          label="Model"
          data={models}
          w={190}
          disabled={variant.target !== ""}
          value={variant.model}
          onChange={(model) => onChange({ ...variant, model })}
        />
        <Select
          label="or target"
          data={[...known.targets.keys()]}
          clearable
          w={160}
          value={variant.target === "" ? null : variant.target}
          onChange={(target) => onChange({ ...variant, target: target ?? "", model: target === null ? variant.model : "" })}
        />
        <NumberInput
          label="Weight"
          w={80}
          min={0}
          max={1_000_000}
          allowDecimal={false}
          value={variant.weight ?? 1}
          onChange={(value) => onChange({ ...variant, weight: typeof value === "number" ? value : 0 })}
        />
        <Group h={30} mt={22} fz="sm">
          <Share of={share} label={percent(share)} />
        </Group>
        <Parameters variant={variant} onChange={onChange} />
      </div>
      <Group gap={0} mt={22}>
        <ActionIcon aria-label={`Remove ${variant.name}`} onClick={onRemove}>
          <Icon name="close" />
        </ActionIcon>
      </Group>
    </div>
  );
}

/** Request parameters as JSON; while what is typed is none, the last that was stays. */
function Parameters({
  variant,
  onChange,
}: {
  readonly variant: RuleVariant;
  readonly onChange: (variant: RuleVariant) => void;
}): React.JSX.Element {
  const [text, setText] = useState(Object.keys(variant.parameters).length === 0 ? "" : JSON.stringify(variant.parameters));
  const parameters = parametersOf(text);
  return (
    <Textarea
      label="Parameters, as JSON"
      placeholder='{"temperature": 0.2}'
      autosize
      minRows={1}
      miw={220}
      flex={1}
      classNames={{ input: "monospace" }}
      error={parameters === undefined ? 'JSON such as {"temperature": 0.2}' : undefined}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        const next = parametersOf(event.currentTarget.value);
        if (next !== undefined) onChange({ ...variant, parameters: next });
      }}
    />
  );
}

function parametersOf(text: string): Readonly<Record<string, unknown>> | undefined {
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
