import { Alert, Button, Group, Stack, Title } from "@mantine/core";
import { useState } from "react";
import { useLocation, useSearch } from "wouter";
import { useAddress } from "../../address.ts";
import type { Config } from "../../api/answers.ts";
import { NotUnderHeader } from "../../routes-toml/not-under-header.ts";
import { readRules, type Rule, type Rules } from "../../routes-toml/rules.ts";
import { deleteRule, writeRule } from "../../routes-toml/write-rule.ts";
import { Empty } from "../../widgets/states.tsx";
import { useDraft } from "./draft.ts";
import { RuleForm } from "./rule-form.tsx";

/** Creates a rule, or changes the one named. What comes of it is reviewed before anything is published. */
export default function EditRule(props: {
  readonly config: Config;
  readonly which: { readonly layer: string; readonly name: string } | undefined;
}): React.JSX.Element {
  const { config, which } = props;
  const { draft, setDraft } = useDraft();
  const [, navigate] = useLocation();
  const address = useAddress();
  // As they were when the form was opened: a file that somebody publishes meanwhile is not what this rule was changed from.
  const [base] = useState(draft?.base ?? { version: config.version, toml: config.toml });
  const [toml] = useState(draft?.toml ?? config.toml);
  const known = readRules(toml);
  const before = which === undefined ? undefined : known.rules.find(({ layer, name }) => layer === which.layer && name === which.name);
  const [rule, setRule] = useState<Rule>(before ?? useNewRule(known));
  const [problem, setProblem] = useState<string>();
  if (which !== undefined && before === undefined)
    return <Empty title={`There is no ${which.layer} ${which.name}`}>The list of rules has those that there are.</Empty>;

  const review = (change: (file: string) => string): void => {
    try {
      const reapply =
        draft?.reapply === undefined ? (draft === undefined ? change : undefined) : (file: string) => change(draft.reapply?.(file) ?? file);
      setDraft({ toml: change(toml), base, reapply });
      navigate(address("/routing/review"));
    } catch (error) {
      if (!(error instanceof NotUnderHeader)) throw error;
      setProblem(
        `${error.message} is written in a form that this page cannot change (inline, or a header where others have a key). Edit it under routes.toml.`,
      );
    }
  };
  return (
    <Stack>
      <Title order={2}>{before === undefined ? "New rule" : `${before.layer} ${before.name}`}</Title>
      <RuleForm rule={rule} known={known} onChange={setRule} />
      {problem !== undefined && (
        <Alert color="red" role="alert">
          {problem}
        </Alert>
      )}
      <Group justify="space-between">
        <Group gap="xs">
          <Button onClick={() => review((file) => writeRule(file, before, settled(rule)))}>Review</Button>
          <Button variant="default" onClick={() => navigate(address("/routing"))}>
            Cancel
          </Button>
        </Group>
        {before !== undefined && (
          <Button variant="subtle" color="red" onClick={() => review((file) => deleteRule(file, before))}>
            Delete this rule
          </Button>
        )}
      </Group>
    </Stack>
  );
}

/** A rule to begin with: empty, or around the target that the address names. */
function useNewRule({ targets }: Rules): Rule {
  const named = new URLSearchParams(useSearch()).get("target");
  const target = named === null ? undefined : targets.get(named);
  return {
    layer: "route",
    name: "",
    endpoint: "chat",
    models: target === undefined ? [] : [target.model],
    strategy: "single",
    steps: [{ strategy: "single", targets: target === undefined ? [] : [target] }],
    variants: [],
    stickyBy: "",
    limits: {},
    isBare: false,
  };
}

/** What the strategy does not use is not written. */
function settled(rule: Rule): Rule {
  const steps = rule.strategy === "experiment" ? [] : rule.strategy === "steps" ? rule.steps : rule.steps.slice(0, 1);
  return {
    ...rule,
    steps,
    variants: rule.strategy === "experiment" ? rule.variants : [],
    models: rule.layer === "function" ? [] : rule.models,
  };
}
