import { Alert, Anchor, Box, Button, Center, Code, Group, Paper, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDocumentTitle } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { api, read, Refusal } from "../api/client.ts";
import { queryClient } from "../api/queries.ts";
import { Mark } from "./mark.tsx";
import { rememberSignIn } from "./signed-in.ts";

/** Asks for the admin key. `reason`: why the API lets nobody in now. */
export default function SignIn({ reason }: { readonly reason: Refusal }): React.JSX.Element {
  useDocumentTitle("Sign in · to11");
  const isClosed = reason.message.startsWith("The control API is closed");
  return (
    <Center component="main" mih="100dvh" p="md" bg="var(--to11-ground)">
      <Paper w="100%" maw={400} p="xl" shadow="sm">
        <Stack>
          <Group gap="sm">
            <Mark />
            <Title order={1}>Sign in</Title>
          </Group>
          {isClosed ? <Closed reason={reason} /> : <KeyForm />}
        </Stack>
      </Paper>
    </Center>
  );
}

function KeyForm(): React.JSX.Element {
  const form = useForm({ initialValues: { key: "" } });
  const signIn = useMutation({
    mutationFn: (key: string) => read(api.session.$post({ json: { key } })),
    onSuccess: async () => {
      rememberSignIn(true);
      await queryClient.resetQueries();
    },
  });
  return (
    <form onSubmit={form.onSubmit(({ key }) => signIn.mutate(key.trim()))}>
      <Stack gap="sm">
        {/* For password managers: they keep keys by a name. */}
        <input type="text" name="username" autoComplete="username" value="to11 admin" readOnly hidden />
        <PasswordInput
          label="Admin key"
          description="The secret TO11_ADMIN_KEY of this gateway."
          autoComplete="current-password"
          required
          withAsterisk={false}
          data-autofocus
          autoFocus
          {...form.getInputProps("key")}
        />
        {signIn.error !== null && (
          <Alert color="red" role="alert">
            {signIn.error.message}
          </Alert>
        )}
        <Button type="submit" size="sm" fullWidth loading={signIn.isPending}>
          Sign in
        </Button>
        <Text size="xs" c="dimmed">
          The session lasts 12 hours. The key itself is not kept in the browser.
        </Text>
      </Stack>
    </form>
  );
}

function Closed({ reason }: { readonly reason: Refusal }): React.JSX.Element {
  return (
    <Stack gap="sm">
      <Alert color="yellow" role="alert">
        {reason.message}
      </Alert>
      <Text size="sm">Set one, then load this page again:</Text>
      <Box>
        <Code block>npx wrangler secret put TO11_ADMIN_KEY</Code>
      </Box>
      <Anchor component="button" size="sm" onClick={() => void queryClient.resetQueries()}>
        Look again
      </Anchor>
    </Stack>
  );
}
