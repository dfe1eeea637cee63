import { closestCenter, DndContext, type DragEndEvent, KeyboardSensor, PointerSensor, useSensor, useSensors } from "@dnd-kit/core";
import { SortableContext, sortableKeyboardCoordinates, verticalListSortingStrategy } from "@dnd-kit/sortable";
import { ActionIcon, Button, Group, Paper, SegmentedControl, Stack, Text } from "@mantine/core";
import { percent } from "../../figures.ts";
import { modelTarget, type Rule, type Rules, type RuleStep, type RuleTarget, sharesOf } from "../../routes-toml/rules.ts";
import { Icon } from "../../widgets/icon.tsx";
import { moved } from "./moved.ts";
import { TargetRow } from "./target-row.tsx";

/** Where a step stands among others, and what can be done with it as a whole. */
interface StepPlace {
  readonly index: number;
  readonly count: number;
  readonly move: (to: number) => void;
  readonly remove: () => void;
}

/** The targets of a rule, or of one of its steps, in their order. */
export function StepEditor(props: {
  readonly rule: Rule;
  readonly step: RuleStep;
  readonly known: Rules;
  readonly place?: StepPlace;
  readonly onChange: (step: RuleStep) => void;
}): React.JSX.Element {
  const { rule, step, known, place, onChange } = props;
  const { targets } = step;
  const strategy = place === undefined ? rule.strategy : step.strategy;
  const set = (next: readonly RuleTarget[]): void => onChange({ ...step, targets: next });
  const shares = sharesOf(targets.map(({ weight }) => weight));
  const rows = targets.map((target, index) => (
    <TargetRow
      key={`${index} of ${targets.length}`}
      id={String(index + 1)}
      target={target}
      known={known}
      rule={rule}
      share={strategy === "weighted" ? (shares[index] ?? 0) : undefined}
      place={targets.length > 1 ? { index, count: targets.length, move: (to) => set(moved(targets, index, to)) } : undefined}
      onChange={(changed) => set(targets.with(index, changed))}
      onRemove={() => set(targets.toSpliced(index, 1))}
    />
  ));
  const canAdd = strategy !== "single" || targets.length === 0;
  return (
    <Paper>
      <Stack gap="sm">
        {place !== undefined && <StepHead step={step} place={place} onChange={onChange} />}
        <Sortable count={targets.length} onMove={(from, to) => set(moved(targets, from, to))}>
          {rows}
        </Sortable>
        {strategy === "weighted" && targets.length > 0 && <Sum targets={targets} shares={shares} />}
        {targets.length === 0 && (
          <Text size="sm" c="dimmed">
            No target yet.
          </Text>
        )}
        {canAdd && <Adding rule={rule} targets={targets} onChange={set} />}
      </Stack>
    </Paper>
  );
}

function StepHead(props: {
  readonly step: RuleStep;
  readonly place: StepPlace;
  readonly onChange: (step: RuleStep) => void;
}): React.JSX.Element {
  const { step, place, onChange } = props;
  return (
    <Group justify="space-between">
      <Group gap="sm">
        <Text size="sm" fw={600}>
          Step {place.index + 1}
        </Text>
        <SegmentedControl
          aria-label={`Strategy of step ${place.index + 1}`}
          data={[
            { value: "single", label: "Direct" },
            { value: "weighted", label: "Weighted" },
            { value: "fallback", label: "Fallback" },
          ]}
          value={step.strategy}
          onChange={(value) => onChange({ ...step, strategy: value === "weighted" || value === "fallback" ? value : "single" })}
        />
      </Group>
      <Group gap={2}>
        <ActionIcon aria-label={`Step ${place.index + 1} up`} disabled={place.index === 0} onClick={() => place.move(place.index - 1)}>
          <Icon name="up" />
        </ActionIcon>
        <ActionIcon
          aria-label={`Step ${place.index + 1} down`}
          disabled={place.index === place.count - 1}
          onClick={() => place.move(place.index + 1)}
        >
          <Icon name="down" />
        </ActionIcon>
        <ActionIcon aria-label={`Remove step ${place.index + 1}`} disabled={place.count === 1} onClick={place.remove}>
          <Icon name="close" />
        </ActionIcon>
      </Group>
    </Group>
  );
}

/** Rows that can be dragged, by pointer and by keyboard: space takes one up, the arrows move it. */
function Sortable(props: {
  readonly count: number;
  readonly onMove: (from: number, to: number) => void;
  readonly children: React.ReactNode;
}): React.JSX.Element {
  const sensors = useSensors(useSensor(PointerSensor), useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }));
  const ids = Array.from({ length: props.count }, (_, index) => String(index + 1));
  const dropped = ({ active, over }: DragEndEvent): void => {
    if (over !== null && active.id !== over.id) props.onMove(Number(active.id) - 1, Number(over.id) - 1);
  };
  return (
    <DndContext sensors={sensors} collisionDetection={closestCenter} onDragEnd={dropped}>
      <SortableContext items={ids} strategy={verticalListSortingStrategy}>
        <Stack gap="xs">{props.children}</Stack>
      </SortableContext>
    </DndContext>
  );
}

/** Says openly what weights that do not add up to 100 come to. */
function Sum({ targets, shares }: { readonly targets: readonly RuleTarget[]; readonly shares: readonly number[] }): React.JSX.Element {
  const sum = targets.reduce((total, { weight }) => total + (weight ?? 1), 0);
  if (sum === 0) {
    return (
      <Text size="sm" c="var(--to11-bad)" role="status">
        All weights are 0: nothing could be drawn.
      </Text>
    );
  }
  const told = targets.map(({ name }, index) => `${name === "" ? `target ${index + 1}` : name} ${percent(shares[index])}`).join(", ");
  return (
    <Text size="sm" c="dimmed" role="status">
      {sum === 100 ? "The weights add up to 100." : `The weights add up to ${sum}, not 100. They are relative: ${told}.`}
    </Text>
  );
}

const NEW: RuleTarget = { name: "", model: "", provider: "", credential: "", weight: null, isModel: false };

function Adding(props: {
  readonly rule: Rule;
  readonly targets: readonly RuleTarget[];
  readonly onChange: (targets: readonly RuleTarget[]) => void;
}): React.JSX.Element {
  const { rule, targets, onChange } = props;
  const canBeModel = rule.layer === "function" && rule.strategy !== "steps" && targets.every(({ isModel }) => isModel);
  return (
    <Group gap="xs">
      <Button
        variant="default"
        leftSection={<Icon name="plus" size={14} />}
        onClick={() => onChange([...targets, { ...NEW, weight: rule.strategy === "weighted" ? Math.max(0, 100 - sumOf(targets)) : null }])}
      >
        Add a target
      </Button>
      {canBeModel && (
        <Button variant="default" leftSection={<Icon name="plus" size={14} />} onClick={() => onChange([...targets, modelTarget("")])}>
          Add a model
        </Button>
      )}
    </Group>
  );
}

function sumOf(targets: readonly RuleTarget[]): number {
  return targets.reduce((total, { weight }) => total + (weight ?? 1), 0);
}
