import { Alert, Button, Group, Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { useAddress, useProject } from "../../address.ts";
import type { Config } from "../../api/answers.ts";
import { api, read } from "../../api/client.ts";
import { within } from "../../api/queries.ts";
import { NotUnderHeader } from "../../routes-toml/not-under-header.ts";
import { Answer } from "../../widgets/states.tsx";
import { Time } from "../../widgets/time.tsx";
import { TomlDiff } from "../../widgets/toml-diff.tsx";
import { type Draft, useDraft } from "./draft.ts";

/** Somebody published first: both changes are shown, and nothing is lost of either without being asked for. */
export function Conflict({ draft, onSettled }: { readonly draft: Draft; readonly onSettled: () => void }): React.JSX.Element {
  const project = useProject();
  const theirs = useQuery({
    queryKey: ["config", project, "conflict", draft.base.version],
    queryFn: () => read(api.config.$get({ query: within(project) })),
    staleTime: 0,
  });
  return (
    <Answer query={theirs} what="what serves now">
      {(current) => <Choice draft={draft} theirs={current} onSettled={onSettled} />}
    </Answer>
  );
}

function Choice(props: { readonly draft: Draft; readonly theirs: Config; readonly onSettled: () => void }): React.JSX.Element {
  const { draft, theirs, onSettled } = props;
  const { setDraft } = useDraft();
  const [, navigate] = useLocation();
  const address = useAddress();
  const [problem, setProblem] = useState<string>();
  const base = { version: theirs.version, toml: theirs.toml };
  const settle = (toml: string, reapply: Draft["reapply"]): void => {
    setDraft({ toml, base, reapply });
    onSettled();
  };
  const { reapply } = draft;
  const putOnTop = (): void => {
    if (reapply === undefined) return;
    try {
      settle(reapply(theirs.toml), reapply);
    } catch (error) {
      if (!(error instanceof NotUnderHeader)) throw error;
      setProblem(`Your change does not fit onto theirs: ${error.message} is not there any more, or written inline.`);
    }
  };
  return (
    <Stack>
      <Beaten theirs={theirs} />
      {problem !== undefined && (
        <Alert color="red" role="alert">
          {problem}
        </Alert>
      )}
      <Title order={2}>What they changed</Title>
      <TomlDiff label="What they changed" before={draft.base.toml} after={theirs.toml} />
      <Title order={2}>What yours would make of theirs</Title>
      <TomlDiff label="What yours would make of theirs" before={theirs.toml} after={draft.toml} />
      <Group>
        {reapply !== undefined && <Button onClick={putOnTop}>Put my change on top of theirs</Button>}
        <Button variant="default" onClick={() => settle(draft.toml, undefined)}>
          Review mine in place of theirs
        </Button>
        <Button
          variant="subtle"
          color="gray"
          onClick={() => {
            setDraft(undefined);
            onSettled();
            navigate(address("/routing"));
          }}
        >
          Keep theirs
        </Button>
      </Group>
    </Stack>
  );
}

function Beaten({ theirs }: { readonly theirs: Config }): React.JSX.Element {
  return (
    <Alert color="yellow" role="alert" title="Not published: somebody was first">
      {theirs.author ?? "Somebody"} published version {theirs.version.slice(0, 8)}
      {theirs.published_at !== null && (
        <>
          {" "}
          at <Time at={theirs.published_at} />
        </>
      )}
      , after you had begun. Yours is kept below.
    </Alert>
  );
}
