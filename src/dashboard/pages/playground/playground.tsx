import {
  Anchor,
  Autocomplete,
  Badge,
  Button,
  Group,
  NumberInput,
  Paper,
  PasswordInput,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  Textarea,
} from "@mantine/core";
import { useState } from "react";
import { Link } from "wouter";
import { useAddress, useParameters, useProject } from "../../address.ts";
import { useConfig } from "../../api/queries.ts";
import { duration } from "../../figures.ts";
import { callableNames } from "../../routes-toml/rules.ts";
import { Page, Section } from "../../widgets/page.tsx";
import { Failure } from "../../widgets/states.tsx";
import { CodeOf } from "./code-of.tsx";
import { type Asked, bodyOf } from "./request.ts";
import { type Answering, useAsk } from "./use-ask.ts";

const FIRST: Asked = {
  model: "",
  system: "",
  user: "Say hello in one sentence.",
  temperature: undefined,
  maxTokens: undefined,
  stream: true,
};

/** Asks the gateway as a caller would, and shows what came of it. */
export default function Playground(): React.JSX.Element {
  const [parameters] = useParameters();
  const config = useConfig();
  const project = useProject();
  const names = config.data === undefined ? [] : callableNames(config.data.toml);
  const [asked, setAsked] = useState<Asked>({ ...FIRST, model: parameters.get("model") ?? "" });
  const [key, setKey] = useState("");
  const [answering, ask, stop] = useAsk();
  const model = asked.model === "" ? (names[0] ?? "") : asked.model;
  const question = { ...asked, model };
  const isRunning = answering?.state === "running";
  return (
    <Page title="Playground" lead="Asks as a caller would: through the gateway, with a trace.">
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (!isRunning) ask(bodyOf(question), { key, project });
          }}
        >
          <Stack gap="sm">
            <Question asked={asked} names={names} onChange={setAsked} />
            <Key value={key} onChange={setKey} />
            <Group>
              <Button type="submit" loading={isRunning} disabled={model === "" || asked.user.trim() === ""}>
                Ask
              </Button>
              {isRunning && (
                <Button variant="default" onClick={stop}>
                  Stop
                </Button>
              )}
            </Group>
          </Stack>
        </form>
        <AnswerPane answering={answering} />
      </SimpleGrid>
      <CodeOf asked={question} project={project} />
    </Page>
  );
}

function Question(props: {
  readonly asked: Asked;
  readonly names: string[];
  readonly onChange: (asked: Asked) => void;
}): React.JSX.Element {
  const { asked, names, onChange } = props;
  return (
    <>
      <Autocomplete
        label="Model, route or function"
        placeholder={names[0] ?? "gpt-4o"}
        data={names}
        value={asked.model}
        onChange={(model) => onChange({ ...asked, model })}
      />
      <Textarea
        label="System message"
        placeholder="none"
        autosize
        minRows={1}
        maxRows={6}
        value={asked.system}
        onChange={(event) => onChange({ ...asked, system: event.currentTarget.value })}
      />
      <Textarea
        label="Message"
        autosize
        minRows={3}
        maxRows={14}
        value={asked.user}
        onChange={(event) => onChange({ ...asked, user: event.currentTarget.value })}
      />
      <Settings asked={asked} onChange={onChange} />
    </>
  );
}

function Settings({ asked, onChange }: { readonly asked: Asked; readonly onChange: (asked: Asked) => void }): React.JSX.Element {
  return (
    <Group align="flex-end">
      <NumberInput
        label="Temperature"
        placeholder="default"
        w={110}
        min={0}
        max={2}
        step={0.1}
        value={asked.temperature ?? ""}
        onChange={(value) => onChange({ ...asked, temperature: typeof value === "number" ? value : undefined })}
      />
      <NumberInput
        label="Tokens at most"
        placeholder="default"
        w={120}
        min={1}
        allowDecimal={false}
        value={asked.maxTokens ?? ""}
        onChange={(value) => onChange({ ...asked, maxTokens: typeof value === "number" ? value : undefined })}
      />
      <Switch
        label="Stream"
        mb={6}
        checked={asked.stream}
        onChange={(event) => onChange({ ...asked, stream: event.currentTarget.checked })}
      />
    </Group>
  );
}

function Key({ value, onChange }: { readonly value: string; readonly onChange: (key: string) => void }): React.JSX.Element {
  return (
    <PasswordInput
      size="xs"
      label="Gateway key"
      description="Not needed where the gateway is open. Kept only as long as this page is."
      inputWrapperOrder={["label", "input", "description"]}
      placeholder="to11_…"
      autoComplete="off"
      maw={440}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value.trim())}
    />
  );
}

function AnswerPane({ answering }: { readonly answering: Answering | undefined }): React.JSX.Element {
  if (answering === undefined) {
    return (
      <Section title="Answer">
        <Paper mih={160}>
          <Text size="sm" c="dimmed">
            The answer appears here as it comes, with the target that served it.
          </Text>
        </Paper>
      </Section>
    );
  }
  const { text, error, state } = answering;
  return (
    <Section title="Answer" aside={state === "running" ? <Badge>{text === "" ? "waiting" : "streaming"}</Badge> : undefined}>
      <Paper mih={160}>
        <Stack gap="sm">
          <Text className="answer" aria-live="polite" aria-busy={state === "running"}>
            {text}
          </Text>
          {error !== undefined && <Failure error={error} />}
          {state === "stopped" && (
            <Text size="sm" c="dimmed">
              Stopped.
            </Text>
          )}
        </Stack>
      </Paper>
      <Served answering={answering} />
    </Section>
  );
}

function Served({ answering }: { readonly answering: Answering }): React.ReactNode {
  const address = useAddress();
  const { headers, firstMs, totalMs } = answering;
  if (headers === undefined) return null;
  const id = headers.get("x-to11-request-id");
  const facts = [
    ["target", headers.get("x-to11-target")],
    ["provider", headers.get("x-to11-upstream-provider")],
    ["route", headers.get("x-to11-route")],
    ["variant", headers.get("x-gateway-variant")],
    ["attempts", headers.get("x-to11-attempts")],
    ["first content", firstMs === undefined ? null : duration(firstMs)],
    ["whole answer", totalMs === undefined ? null : duration(totalMs)],
  ] as const;
  return (
    <Group gap="md" fz="sm">
      {facts.map(([name, value]) =>
        value === null ? null : (
          <Text key={name} size="sm">
            <Text span inherit c="dimmed">
              {name}{" "}
            </Text>
            {value}
          </Text>
        ),
      )}
      {headers.has("x-to11-simulated") && <Badge color="violet">simulated</Badge>}
      {id !== null && (
        <Anchor component={Link} href={address(`/traces/${encodeURIComponent(id)}`)} size="sm">
          Its trace
        </Anchor>
      )}
    </Group>
  );
}
