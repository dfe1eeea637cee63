import { Button, Group, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useLocation } from "wouter";
import { useAddress } from "../../address.ts";
import type { Config } from "../../api/answers.ts";
import { TomlEditor } from "../../widgets/toml-editor.tsx";
import { useCheck } from "./check.ts";
import { useDraft } from "./draft.ts";
import { ProblemList } from "./problem-list.tsx";

/** Milliseconds without a key until the file is checked. */
const TYPING_MS = 350;

const NO_PROBLEMS: readonly never[] = [];

/** The whole file as text, checked as it is typed. */
export default function TomlPage({ config }: { readonly config: Config }): React.JSX.Element {
  const { draft, setDraft } = useDraft();
  const [, navigate] = useLocation();
  const address = useAddress();
  const [goTo, setGoTo] = useState<{ readonly line: number }>();
  const toml = draft?.toml ?? config.toml;
  const [settled] = useDebouncedValue(toml, TYPING_MS);
  const check = useCheck(settled);
  const problems = check.data?.problems ?? NO_PROBLEMS;
  const isChanged = toml !== (draft?.base.toml ?? config.toml);
  const edit = (text: string): void => {
    if (text === toml) return;
    setDraft({ toml: text, base: draft?.base ?? { version: config.version, toml: config.toml }, reapply: undefined });
  };
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" role="status">
          {check.error !== null ? check.error.message : check.data === undefined ? "Checking…" : check.data.ok ? "The file is right." : ""}
          {isChanged ? " Changed, not published." : ""}
        </Text>
        <Group gap="xs">
          {isChanged && (
            <Button variant="default" onClick={() => setDraft(undefined)}>
              Discard
            </Button>
          )}
          <Button disabled={!isChanged || check.data?.ok !== true} onClick={() => navigate(address("/routing/review"))}>
            Review
          </Button>
        </Group>
      </Group>
      <ProblemList problems={problems} onGo={(line) => setGoTo({ line })} />
      <TomlEditor value={toml} onChange={edit} problems={problems} goTo={goTo} />
    </Stack>
  );
}
