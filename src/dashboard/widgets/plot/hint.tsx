import { Group, Paper, Text } from "@mantine/core";

/** Room between a point and what is said of it, px. */
const GAP = 10;

/** A small box beside a point of a plot. */
export function Hint(props: {
  readonly x: number;
  readonly side: "left" | "right";
  readonly children: React.ReactNode;
}): React.JSX.Element {
  const { x, side, children } = props;
  const shift = side === "right" ? `${GAP}px` : `calc(-100% - ${GAP}px)`;
  return (
    <Paper className="hint" shadow="md" p="xs" role="status" style={{ left: x, transform: `translateX(${shift})` }}>
      {children}
    </Paper>
  );
}

/** A series by its colour, with its value where there is one to tell. */
export function Key(props: { readonly label: string; readonly color: string; readonly value?: string }): React.JSX.Element {
  const { label, color, value } = props;
  return (
    <Group gap={6} wrap="nowrap" fz="xs">
      <span className="dot" style={{ background: color }} aria-hidden="true" />
      <Text span inherit>
        {label}
      </Text>
      {value !== undefined && (
        <Text span inherit fw={600} ml="auto" pl="xs">
          {value}
        </Text>
      )}
    </Group>
  );
}
