import { Group, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";

/** A page: its title, what it is for in a line, what can be done, and its content. */
export function Page(props: {
  readonly title: string;
  readonly lead?: React.ReactNode;
  readonly actions?: React.ReactNode;
  readonly children: React.ReactNode;
}): React.JSX.Element {
  useDocumentTitle(`${props.title} · to11`);
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-end" gap="sm">
        <div>
          <Title order={1}>{props.title}</Title>
          {props.lead !== undefined && (
            <Text c="dimmed" size="sm" component="div">
              {props.lead}
            </Text>
          )}
        </div>
        {props.actions !== undefined && <Group gap="xs">{props.actions}</Group>}
      </Group>
      {props.children}
    </Stack>
  );
}

/** A part of a page, under a heading. */
export function Section(props: {
  readonly title: string;
  readonly aside?: React.ReactNode;
  readonly children: React.ReactNode;
}): React.JSX.Element {
  return (
    <Stack component="section" gap="xs" aria-label={props.title} miw={0}>
      <Group justify="space-between">
        <Title order={2}>{props.title}</Title>
        {props.aside}
      </Group>
      {props.children}
    </Stack>
  );
}
