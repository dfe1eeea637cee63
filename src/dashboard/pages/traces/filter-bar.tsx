import { Autocomplete, Button, Group, Menu, Pill, Select, SegmentedControl, Stack, TextInput } from "@mantine/core";
import { DateTimePicker } from "@mantine/dates";
import "@mantine/dates/styles.css";
import { useDebouncedCallback } from "@mantine/hooks";
import dayjs from "dayjs";
import { useEffect, useRef, useState } from "react";
import { useParameters } from "../../address.ts";
import { useConfig, useProviders } from "../../api/queries.ts";
import { Icon } from "../../widgets/icon.tsx";
import { readRules } from "../../routes-toml/rules.ts";
import { ALL_PARAMETERS, FIELDS, filtersOf, rangeOf } from "./filters.ts";

type FieldName = (typeof FIELDS)[number]["name"];

const OUTCOMES = ["complete", "rescued", "truncated", "client_closed", "failed", "rejected"];

/** Milliseconds without a key until a text is searched for. */
const TYPING_MS = 300;

/** All filters of the list; what they say is in the address, so that a view can be passed on. */
export function FilterBar(): React.JSX.Element {
  const [parameters, change] = useParameters();
  const filters = filtersOf(parameters);
  const given = FIELDS.filter(({ name }) => filters[name] !== undefined);
  const isNarrowed = ALL_PARAMETERS.some((name) => parameters.has(name));
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Search />
        <SegmentedControl
          aria-label="Status"
          data={[
            { value: "", label: "All" },
            { value: "ok", label: "OK" },
            { value: "error", label: "Errors" },
          ]}
          value={filters.status ?? ""}
          onChange={(status) => change({ status })}
        />
        <Range />
        <AddFilter />
        {isNarrowed && (
          <Button variant="subtle" color="gray" onClick={() => change(Object.fromEntries(ALL_PARAMETERS.map((name) => [name, undefined])))}>
            Clear
          </Button>
        )}
      </Group>
      {given.length > 0 && (
        <Pill.Group>
          {given.map(({ name, label }) => (
            <Pill
              key={name}
              size="sm"
              withRemoveButton
              removeButtonProps={{ "aria-label": `Remove the filter ${label}`, "aria-hidden": false, tabIndex: 0 }}
              onRemove={() => change({ [name]: undefined })}
            >
              {label}: {filters[name]}
            </Pill>
          ))}
        </Pill.Group>
      )}
    </Stack>
  );
}

function Search(): React.JSX.Element {
  const [parameters, change] = useParameters();
  const inAddress = parameters.get("q") ?? "";
  const [text, setText] = useState(inAddress);
  const search = useDebouncedCallback((q: string) => change({ q }), TYPING_MS);
  const isTyping = useRef(false);
  useEffect(() => {
    // Changed by something else than typing: a cleared filter, a step back.
    if (!isTyping.current) setText(inAddress);
    isTyping.current = false;
  }, [inAddress]);
  return (
    <TextInput
      id="trace-search"
      aria-label="Search names, ids and metadata"
      placeholder="Search names, ids, metadata"
      leftSection={<Icon name="search" size={14} />}
      w={240}
      value={text}
      onChange={(event) => {
        isTyping.current = true;
        setText(event.currentTarget.value);
        search(event.currentTarget.value.trim());
      }}
    />
  );
}

function Range(): React.JSX.Element {
  const [parameters, change] = useParameters();
  const { since, until } = filtersOf(parameters);
  const [isChosen, setChosen] = useState(false);
  const isCustom = isChosen || since !== undefined || until !== undefined;
  const choose = (range: string | null): void => {
    setChosen(range === "custom");
    if (range !== "custom") change({ range: range ?? undefined, since: undefined, until: undefined });
  };
  return (
    <>
      <Select
        aria-label="Time"
        w={140}
        allowDeselect={false}
        data={[
          { value: "", label: "Any time" },
          { value: "1h", label: "Last hour" },
          { value: "24h", label: "Last 24 hours" },
          { value: "7d", label: "Last 7 days" },
          { value: "30d", label: "Last 30 days" },
          { value: "custom", label: "From … until …" },
        ]}
        value={isCustom ? "custom" : (rangeOf(parameters) ?? "")}
        onChange={choose}
      />
      {isCustom && (
        <>
          <Moment label="From" value={since} onChange={(moment) => change({ since: moment, range: undefined })} />
          <Moment label="Until" value={until} onChange={(moment) => change({ until: moment, range: undefined })} />
        </>
      )}
    </>
  );
}

const MOMENT_FORMAT = "D MMM YYYY, HH:mm";

function Moment(props: {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (moment: string | undefined) => void;
}): React.JSX.Element {
  const { label, value, onChange } = props;
  const anyTime = `${label.toLowerCase()} any time`;
  return (
    <DateTimePicker
      size="xs"
      w={190}
      clearable
      aria-label={`${label}: ${value === undefined ? anyTime : dayjs(value).format(MOMENT_FORMAT)}`}
      clearButtonProps={{ "aria-label": `${label} any time` }}
      placeholder={anyTime}
      valueFormat={MOMENT_FORMAT}
      value={value === undefined ? null : new Date(value)}
      onChange={(chosen) => onChange(chosen === null ? undefined : new Date(chosen).toISOString())}
    />
  );
}

function AddFilter(): React.JSX.Element {
  const [name, setName] = useState<FieldName | undefined>();
  const field = FIELDS.find((known) => known.name === name);
  return (
    <Group gap={4}>
      <Menu position="bottom-start">
        <Menu.Target>
          <Button variant="default" leftSection={<Icon name="plus" size={14} />}>
            Filter
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {FIELDS.map((known) => (
            <Menu.Item key={known.name} onClick={() => setName(known.name)}>
              {known.label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {field !== undefined && <FilterValue key={field.name} name={field.name} label={field.label} onDone={() => setName(undefined)} />}
    </Group>
  );
}

function FilterValue(props: { readonly name: FieldName; readonly label: string; readonly onDone: () => void }): React.JSX.Element {
  const [parameters, change] = useParameters();
  const [value, setValue] = useState(parameters.get(props.name) ?? "");
  const suggestions = useSuggestions(props.name);
  const set = (next: string): void => {
    change({ [props.name]: next.trim() });
    props.onDone();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        set(value);
      }}
    >
      <Autocomplete
        autoFocus
        w={220}
        aria-label={props.label}
        clearButtonProps={{ "aria-label": `${props.label} any time` }}
        placeholder={`${props.label}, then enter`}
        data={suggestions}
        value={value}
        onChange={setValue}
        onOptionSubmit={set}
        onKeyDown={(event) => (event.key === "Escape" ? props.onDone() : undefined)}
      />
    </form>
  );
}

/** Names that the configuration knows, for the filters that take one. */
function useSuggestions(name: FieldName): string[] {
  const config = useConfig();
  const providers = useProviders();
  const rules = config.data === undefined ? [] : readRules(config.data.toml).rules;
  switch (name) {
    case "provider":
      return providers.data?.providers.map(({ id }) => id) ?? [];
    case "model":
      return [...new Set(providers.data?.providers.flatMap(({ models }) => models) ?? [])];
    case "route":
      return rules.filter(({ layer }) => layer === "route").map((rule) => rule.name);
    case "function":
      return rules.filter(({ layer }) => layer === "function").map((rule) => rule.name);
    case "target":
      return [...new Set(rules.flatMap((rule) => rule.steps.flatMap((step) => step.targets.map((target) => target.name))))];
    case "variant":
      return [...new Set(rules.flatMap((rule) => rule.variants.map((variant) => variant.name)))];
    case "outcome":
      return OUTCOMES;
    case "session":
    case "user":
    case "environment":
    case "api_key":
    case "trace_id":
    case "min_tokens":
    case "max_tokens":
      return [];
  }
}
