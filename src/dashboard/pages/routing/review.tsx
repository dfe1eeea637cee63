import { Button, Group, Stack, Text, TextInput, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useLocation } from "wouter";
import { useAddress } from "../../address.ts";
import { Refusal } from "../../api/client.ts";
import { Empty, Failure } from "../../widgets/states.tsx";
import { TomlDiff } from "../../widgets/toml-diff.tsx";
import { useCheck } from "./check.ts";
import { Conflict } from "./conflict.tsx";
import { type Draft, useDraft } from "./draft.ts";
import { ProblemList } from "./problem-list.tsx";
import { authorLabel, rememberAuthor, usePublish } from "./publish.ts";

/** The file as it will be, what the compiler says to it, and the way to publish it. */
export default function Review(): React.JSX.Element {
  const { draft } = useDraft();
  if (draft === undefined)
    return (
      <Empty title="There is nothing to review">
        Change a rule, or edit routes.toml; what changes is shown here before it is published.
      </Empty>
    );
  return <ReviewOf draft={draft} />;
}

function ReviewOf({ draft }: { readonly draft: Draft }): React.JSX.Element {
  const { setDraft } = useDraft();
  const [, navigate] = useLocation();
  const address = useAddress();
  const check = useCheck(draft.toml);
  const [publish, send] = usePublishing(draft);
  const [author, setAuthor] = useState(authorLabel());
  const isBeaten = publish.error instanceof Refusal && publish.error.status === 412;
  const canPublish = check.data?.ok === true && draft.toml !== draft.base.toml;
  if (isBeaten) return <Conflict draft={draft} onSettled={publish.reset} />;
  return (
    <Stack>
      <Title order={2}>What changes</Title>
      <TomlDiff label="What changes in routes.toml" before={draft.base.toml} after={draft.toml} />
      <Text size="sm" c="dimmed" role="status">
        {check.data === undefined
          ? check.error === null
            ? "Checking…"
            : check.error.message
          : check.data.ok
            ? "The compiler accepts it."
            : ""}
      </Text>
      <ProblemList problems={check.data?.problems ?? []} />
      {publish.error !== null && (
        <>
          <Failure error={publish.error} />
          {publish.error instanceof Refusal && <ProblemList problems={publish.error.problems} />}
        </>
      )}
      <Group align="flex-end">
        <TextInput
          label="Your label in the history"
          w={220}
          maxLength={100}
          value={author}
          onChange={(event) => setAuthor(event.currentTarget.value)}
        />
        <Button disabled={!canPublish} loading={publish.isPending} onClick={() => send(author)}>
          Publish
        </Button>
        <Button variant="default" onClick={() => navigate(address("/routing/toml"))}>
          Edit as text
        </Button>
        <Button
          variant="subtle"
          color="gray"
          onClick={() => {
            setDraft(undefined);
            navigate(address("/routing"));
          }}
        >
          Discard
        </Button>
      </Group>
    </Stack>
  );
}

/** Publishes the draft; afterwards there is none, and the list of rules is shown. */
function usePublishing(draft: Draft): readonly [ReturnType<typeof usePublish>, (author: string) => void] {
  const { setDraft } = useDraft();
  const [, navigate] = useLocation();
  const address = useAddress();
  const publish = usePublish();
  const send = (author: string): void => {
    rememberAuthor(author);
    publish.mutate(
      { toml: draft.toml, over: draft.base.version, author },
      {
        onSuccess: ({ version, distributed }) => {
          setDraft(undefined);
          navigate(address("/routing"));
          const when = distributed
            ? "It serves within seconds here, and within 90 seconds everywhere."
            : "It is stored; handing it out is tried again in the background.";
          notifications.show({ color: "teal", title: `Published ${version.slice(0, 8)}`, message: when });
        },
      },
    );
  };
  return [publish, send];
}
