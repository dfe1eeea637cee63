import { Autocomplete, Group, Paper, Select, Stack, Table, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useParameters } from "../../address.ts";
import type { Config, Explained } from "../../api/answers.ts";
import { useExplain } from "../../api/queries.ts";
import { NONE, percent } from "../../figures.ts";
import { callableNames, readRules } from "../../routes-toml/rules.ts";
import { Share } from "../../widgets/share.tsx";
import { Scroller } from "../../widgets/scroller.tsx";
import { Answer, Empty } from "../../widgets/states.tsx";
import { PATHS } from "./paths.ts";

/** Milliseconds without a key until a name is looked up. */
const TYPING_MS = 300;

/** What would serve a model called at a path, and why; nobody is called. */
export function Try({ config }: { readonly config: Config }): React.JSX.Element {
  const [parameters, change] = useParameters();
  const [model, setModel] = useState(parameters.get("model") ?? "");
  const path = parameters.get("path") ?? PATHS[0];
  const [asked] = useDebouncedValue(model.trim(), TYPING_MS);
  const explained = useExplain(asked, path);
  const { rules } = readRules(config.toml);
  const names = [...new Set([...callableNames(config.toml), ...rules.flatMap((rule) => rule.models)])];
  return (
    <Stack>
      <Group align="flex-end">
        <Autocomplete
          label="Model, route or function"
          placeholder="gpt-4o, route::balanced, function::extract"
          data={names}
          w={320}
          maw="100%"
          value={model}
          onChange={(value) => {
            setModel(value);
            change({ model: value });
          }}
        />
        <Select
          label="Path"
          data={PATHS}
          w={240}
          allowDeselect={false}
          value={path}
          onChange={(value) => change({ path: value ?? undefined })}
        />
      </Group>
      {asked === "" ? (
        <Empty title="Ask where a name would go">Any name that a caller could send as its model. Nobody is called.</Empty>
      ) : (
        <Answer query={explained} what="the answer">
          {(answer) => <Explanation explained={answer} />}
        </Answer>
      )}
    </Stack>
  );
}

function Explanation({ explained }: { readonly explained: Explained }): React.JSX.Element {
  const { candidates } = explained;
  const hasSteps = candidates.some(({ step }) => step > 0);
  return (
    <Paper role="status">
      <Stack gap="sm">
        <Text>{explained.reason}</Text>
        <Scroller label="What would be tried" minWidth={480}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                {hasSteps && <Table.Th>Step</Table.Th>}
                <Table.Th>Target</Table.Th>
                <Table.Th>Provider / model</Table.Th>
                <Table.Th>Tried first</Table.Th>
                <Table.Th>Would be called</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {candidates.map((candidate) => (
                <Table.Tr key={`${candidate.step} ${candidate.variant ?? ""} ${candidate.target}`}>
                  {hasSteps && <Table.Td>{candidate.step + 1}</Table.Td>}
                  <Table.Td>
                    {candidate.target}
                    {candidate.variant !== null && (
                      <Text span inherit c="dimmed">
                        {" "}
                        (variant {candidate.variant})
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td>
                    {candidate.provider}/{candidate.model}
                  </Table.Td>
                  <Table.Td>{candidate.share === 0 ? NONE : <Share of={candidate.share} label={percent(candidate.share)} />}</Table.Td>
                  <Table.Td c={candidate.skipped === null ? "inherit" : "var(--to11-bad)"}>
                    {candidate.skipped === null ? calledAs(candidate.translated) : `no: ${candidate.skipped}`}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Scroller>
      </Stack>
    </Paper>
  );
}

function calledAs(translated: string | null): string {
  return translated === null ? "yes" : `yes, in its own dialect: ${translated}`;
}
