import { Group, Text } from "@mantine/core";

/** A part of a whole, as a bar with its figure beside it. `of`: 0 to 1. */
export function Share({ of, label }: { readonly of: number; readonly label: string }): React.JSX.Element {
  return (
    <Group gap="xs" wrap="nowrap" fz="sm">
      <span className="bar" aria-hidden="true">
        <span style={{ width: `${Math.max(0, Math.min(1, of)) * 100}%`, background: "var(--mantine-primary-color-filled)" }} />
      </span>
      <Text span inherit className="number" miw="3.6rem">
        {label}
      </Text>
    </Group>
  );
}
