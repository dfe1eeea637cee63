import { Badge, Button, Group, Modal, Paper, Radio, Stack, Table, Text } from "@mantine/core";
import { notifications, Notifications } from "@mantine/notifications";
import "@mantine/notifications/styles.css";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useParameters, useProject } from "../../address.ts";
import type { Config, Versions as VersionsAnswer } from "../../api/answers.ts";
import { api, read } from "../../api/client.ts";
import { useConfig, within } from "../../api/queries.ts";
import { Page, Section } from "../../widgets/page.tsx";
import { Scroller } from "../../widgets/scroller.tsx";
import { Answer, Empty, Failure } from "../../widgets/states.tsx";
import { Time } from "../../widgets/time.tsx";
import { useRollback } from "../routing/publish.ts";
import { VersionDiff } from "./version-diff.tsx";

type Version = VersionsAnswer["versions"][number];

/** What serves, what served before, what lies between them, and the way back. */
export default function Versions(): React.JSX.Element {
  const config = useConfig();
  const project = useProject();
  const versions = useQuery({ queryKey: ["versions", project], queryFn: () => read(api.config.versions.$get({ query: within(project) })) });
  return (
    <Page title="Versions" lead="Every configuration that was published, newest first.">
      <Notifications position="bottom-right" />
      <Answer query={config} what="what serves">
        {(current) => (
          <>
            <Serving config={current} />
            <Answer query={versions} what="the history">
              {({ versions: entries }) =>
                entries.length === 0 ? (
                  <Empty title="Nothing was published yet">
                    The file that the Worker was deployed with serves. What you publish is listed here.
                  </Empty>
                ) : (
                  <History entries={entries} current={current} />
                )
              }
            </Answer>
          </>
        )}
      </Answer>
    </Page>
  );
}

function Serving({ config }: { readonly config: Config }): React.JSX.Element {
  return (
    <Paper>
      <Text size="sm">
        Version <span className="monospace">{config.version.slice(0, 8)}</span> serves now.{" "}
        {config.source === "bundled" || config.published_at === null ? (
          "It is the file that the Worker was deployed with."
        ) : (
          <>
            Published <Time at={config.published_at} />
            {config.author === null ? "" : ` by ${config.author}`}.
          </>
        )}
        {config.deployed_version !== null && config.deployed_version !== config.version && (
          <>
            {" "}
            The file that the Worker was deployed with, <span className="monospace">{config.deployed_version.slice(0, 8)}</span>, does not
            serve.
          </>
        )}
      </Text>
    </Paper>
  );
}

function History({ entries, current }: { readonly entries: readonly Version[]; readonly current: Config }): React.JSX.Element {
  const [parameters, change] = useParameters();
  const [back, setBack] = useState<Version>();
  const named = (parameter: string): Version | undefined => {
    const given = parameters.get(parameter);
    return given === null ? undefined : entries.find(({ version }) => version.startsWith(given));
  };
  const newer = named("b") ?? entries[0];
  const older = named("a") ?? entries[entries.findIndex((entry) => entry.version === newer?.version) + 1] ?? entries.at(-1);
  return (
    <>
      <Paper p={0}>
        <Scroller label="History" minWidth={620}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>From</Table.Th>
                <Table.Th>To</Table.Th>
                <Table.Th>Version</Table.Th>
                <Table.Th>Published</Table.Th>
                <Table.Th>By</Table.Th>
                <Table.Th />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {entries.map((entry, index) => (
                <Row
                  key={`${entry.version} ${entry.published_at}`}
                  entry={entry}
                  serves={entry.version === current.version}
                  isFirst={isFirst(entries, index)}
                  chosen={{ a: entry.version === older?.version, b: entry.version === newer?.version }}
                  onChoose={change}
                  onBack={() => setBack(entry)}
                />
              ))}
            </Table.Tbody>
          </Table>
        </Scroller>
      </Paper>
      {older !== undefined && newer !== undefined && older !== newer && (
        <Section title={`From ${older.version.slice(0, 8)} to ${newer.version.slice(0, 8)}`}>
          <VersionDiff from={older.version} to={newer.version} />
        </Section>
      )}
      <RollBack to={back} current={current} onClose={() => setBack(undefined)} />
    </>
  );
}

function Row(props: {
  readonly entry: Version;
  readonly serves: boolean;
  readonly isFirst: boolean;
  readonly chosen: { readonly a: boolean; readonly b: boolean };
  readonly onChoose: (change: Readonly<Record<string, string>>) => void;
  readonly onBack: () => void;
}): React.JSX.Element {
  const { entry, serves, isFirst, chosen, onChoose, onBack } = props;
  return (
    <Table.Tr>
      <Table.Td>
        <Choice name="a" entry={entry} isChosen={chosen.a} isFirst={isFirst} onChoose={onChoose} />
      </Table.Td>
      <Table.Td>
        <Choice name="b" entry={entry} isChosen={chosen.b} isFirst={isFirst} onChoose={onChoose} />
      </Table.Td>
      <Table.Td>
        <Group gap="xs">
          <span className="monospace" title={entry.version}>
            {entry.version.slice(0, 8)}
          </span>
          {entry.current && isFirst && <Badge color="teal">serves</Badge>}
        </Group>
      </Table.Td>
      <Table.Td>
        <Time at={entry.published_at} />
      </Table.Td>
      <Table.Td className="clipped" maw={240}>
        {entry.author ?? "unnamed"}
      </Table.Td>
      <Table.Td className="number">
        {!serves && (
          <Button variant="default" onClick={onBack}>
            Roll back to this
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

/** A version that was published several times is marked once, where it was newest. */
function isFirst(entries: readonly Version[], index: number): boolean {
  return entries.findIndex(({ version }) => version === entries[index]?.version) === index;
}

function Choice(props: {
  readonly name: "a" | "b";
  readonly entry: Version;
  readonly isChosen: boolean;
  readonly isFirst: boolean;
  readonly onChoose: (change: Readonly<Record<string, string>>) => void;
}): React.ReactNode {
  const { name, entry, isChosen, onChoose } = props;
  if (!props.isFirst) return null;
  return (
    <Radio
      size="xs"
      name={name}
      aria-label={`${name === "a" ? "From" : "To"} ${entry.version.slice(0, 8)}`}
      checked={isChosen}
      onChange={() => onChoose({ [name]: entry.version.slice(0, 8) })}
    />
  );
}

function RollBack(props: { readonly to: Version | undefined; readonly current: Config; readonly onClose: () => void }): React.JSX.Element {
  const { to, current, onClose } = props;
  const rollback = useRollback();
  const close = (): void => {
    rollback.reset();
    onClose();
  };
  const send = (version: string): void =>
    rollback.mutate(
      { version, over: current.version },
      {
        onSuccess: (published) => {
          close();
          notifications.show({
            color: "teal",
            title: `${published.version.slice(0, 8)} serves again`,
            message: "It is a new entry in the history; nothing was lost.",
          });
        },
      },
    );
  return (
    <Modal
      opened={to !== undefined}
      onClose={close}
      size="xl"
      closeButtonProps={{ "aria-label": "Close" }}
      title={`Roll back to ${to?.version.slice(0, 8) ?? ""}?`}
    >
      {to !== undefined && (
        <Stack>
          <Text size="sm">This changes, for every caller:</Text>
          <VersionDiff from={current.version} to={to.version} />
          {rollback.error !== null && <Failure error={rollback.error} />}
          <Group>
            <Button loading={rollback.isPending} onClick={() => send(to.version)}>
              Roll back
            </Button>
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
