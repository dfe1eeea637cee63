import { Anchor, Code, Stack, Text } from "@mantine/core";
import { Link } from "wouter";
import { useAddress } from "../../address.ts";
import { useConfig } from "../../api/queries.ts";
import { curl } from "../../curl.ts";
import { CopyButton } from "../../widgets/copy.tsx";
import { Empty } from "../../widgets/states.tsx";
import { callableNames } from "../../routes-toml/rules.ts";

/** What somebody sees who has no traces yet: what to call. */
export function FirstCall({ span }: { readonly span?: string }): React.JSX.Element {
  const config = useConfig();
  const address = useAddress();
  const [model = "gpt-4o"] = config.data === undefined ? [] : callableNames(config.data.toml);
  const call = curl({
    url: `${location.origin}/v1/chat/completions`,
    headers: [],
    body: { model, messages: [{ role: "user", content: "Hello" }] },
    streams: false,
  });
  return (
    <Empty title={span === undefined ? "No request has come yet" : `No request has come ${span}`}>
      <Stack gap="sm" align="center">
        <Text size="sm">Call the gateway as you would call OpenAI, and the request appears here:</Text>
        <Code block ta="left" maw="100%" tabIndex={0}>
          {call}
        </Code>
        <CopyButton text={call} label="Copy" />
        <Text size="sm">
          Or ask from here, in the{" "}
          <Anchor component={Link} href={address("/playground")} inherit underline="always">
            playground
          </Anchor>
          . Where the gateway wants a key, add <Code>-H &apos;x-to11-authorization: Bearer …&apos;</Code>.
        </Text>
      </Stack>
    </Empty>
  );
}
