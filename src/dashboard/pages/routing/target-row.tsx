import { useSortable } from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import { ActionIcon, Autocomplete, Group, NumberInput, Select, Text, TextInput } from "@mantine/core";
import { percent } from "../../figures.ts";
import type { Rule, Rules, RuleTarget } from "../../routes-toml/rules.ts";
import { Icon } from "../../widgets/icon.tsx";
import { Share } from "../../widgets/share.tsx";

/** Where a target stands among others. */
interface TargetPlace {
  readonly index: number;
  readonly count: number;
  readonly move: (to: number) => void;
}

/** What one row is given. */
export interface TargetRowProps {
  /** Of the row, for dragging. */
  readonly id: string;
  readonly rule: Rule;
  readonly target: RuleTarget;
  readonly known: Rules;
  /** 0 to 1; `undefined`: not drawn by weight. */
  readonly share: number | undefined;
  /** `undefined`: it is the only one. */
  readonly place: TargetPlace | undefined;
  readonly onChange: (target: RuleTarget) => void;
  readonly onRemove: () => void;
}

/** One target of a rule: which model of which provider is called, with which key. */
export function TargetRow(props: TargetRowProps): React.JSX.Element {
  const { id, target, share, place, onChange } = props;
  const sortable = useSortable({ id });
  const style = { transform: CSS.Transform.toString(sortable.transform), transition: sortable.transition ?? undefined };
  return (
    <div ref={sortable.setNodeRef} style={style} className="target">
      {place !== undefined && (
        <ActionIcon
          {...sortable.attributes}
          {...sortable.listeners}
          aria-label={`Drag target ${place.index + 1}`}
          mt={22}
          style={{ cursor: "grab", touchAction: "none" }}
        >
          <Icon name="grip" />
        </ActionIcon>
      )}
      <div className="fields">
        <Fields {...props} />
        {share !== undefined && (
          <Group gap="sm" wrap="nowrap">
            <NumberInput
              label="Weight"
              w={80}
              min={0}
              max={1_000_000}
              allowDecimal={false}
              value={target.weight ?? 1}
              onChange={(value) => onChange({ ...target, weight: typeof value === "number" ? value : 0 })}
            />
            <Group h={30} mt={22} fz="sm">
              <Share of={share} label={percent(share)} />
            </Group>
          </Group>
        )}
      </div>
      <Buttons {...props} />
      <SharedWith {...props} />
    </div>
  );
}

function Fields({ target, known, onChange }: TargetRowProps): React.JSX.Element {
  const models = [...new Set(known.providers.flatMap((provider) => provider.models).filter((model) => model !== "*"))];
  const setName = (name: string): void => onChange({ ...(known.targets.get(name) ?? { ...target, name }) });
  if (target.isModel) {
    return (
      <Autocomplete
        label="Model"
        data={models}
        w={260}
        value={target.model}
        onChange={(model) => onChange({ ...target, name: model, model })}
      />
    );
  }
  const listing = known.providers.filter((provider) => provider.models.includes(target.model)).map((provider) => provider.id);
  return (
    <>
      <Autocomplete label="Target" placeholder="a name" data={[...known.targets.keys()]} w={170} value={target.name} onChange={setName} />
      <Autocomplete
        label="Model"
        placeholder="gpt-4o"
        data={models}
        w={190}
        value={target.model}
        onChange={(model) =>
          onChange({ ...target, model, name: target.name === "" && models.includes(model) ? freeName(model, known) : target.name })
        }
      />
      <Select
        label="Provider"
        placeholder={listing[0] ?? "that lists the model"}
        data={known.providers.map((provider) => provider.id)}
        clearable
        w={140}
        value={target.provider === "" ? null : target.provider}
        onChange={(provider) => onChange({ ...target, provider: provider ?? "" })}
      />
      <TextInput
        label="Credential"
        placeholder="the provider's"
        w={170}
        error={target.credential === "" || /^env::\w+$/.test(target.credential) ? undefined : "env::NAME"}
        value={target.credential}
        onChange={(event) => onChange({ ...target, credential: event.currentTarget.value.trim() })}
      />
    </>
  );
}

/** A name for a new target, made of its model's. */
function freeName(model: string, known: Rules): string {
  const base =
    model
      .toLowerCase()
      .replaceAll(/[^a-z0-9._-]+/g, "-")
      .replace(/^[^a-z0-9]+/, "") || "target";
  const names = [base, ...Array.from({ length: 50 }, (_, index) => `${base}-${index + 2}`)];
  return names.find((name) => !known.targets.has(name)) ?? base;
}

function Buttons({ place, target, onRemove }: TargetRowProps): React.JSX.Element {
  const name = target.name === "" ? "the target" : target.name;
  return (
    <Group gap={0} mt={22} wrap="nowrap">
      {place !== undefined && (
        <>
          <ActionIcon aria-label={`Move ${name} up`} disabled={place.index === 0} onClick={() => place.move(place.index - 1)}>
            <Icon name="up" />
          </ActionIcon>
          <ActionIcon
            aria-label={`Move ${name} down`}
            disabled={place.index === place.count - 1}
            onClick={() => place.move(place.index + 1)}
          >
            <Icon name="down" />
          </ActionIcon>
        </>
      )}
      <ActionIcon aria-label={`Remove ${name}`} onClick={onRemove}>
        <Icon name="close" />
      </ActionIcon>
    </Group>
  );
}

/** A change of a shared target is a change for all who use it; that is said before it is made. */
function SharedWith({ rule, target, known }: TargetRowProps): React.ReactNode {
  const others = known.rules.filter(
    (other) =>
      !other.isBare &&
      !(other.layer === rule.layer && other.name === rule.name) &&
      (other.steps.some((step) => step.targets.some(({ name, isModel }) => !isModel && name === target.name)) ||
        other.variants.some((variant) => variant.target === target.name)),
  );
  if (target.name === "" || target.isModel || others.length === 0) return null;
  return (
    <Text size="xs" c="dimmed" className="aside">
      Used by {others.map(({ name }) => name).join(", ")} too: model, key and weight are the target&apos;s, so a change is one for all of
      them.
    </Text>
  );
}
