import { Alert, Button, Center, Code, Loader, Stack, Text, Title } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { Refusal } from "../api/client.ts";

/** While something is fetched for the first time. */
export function Loading({ what }: { readonly what: string }): React.JSX.Element {
  return (
    <Center mih={160} role="status">
      <Stack align="center" gap="xs">
        <Loader size="sm" />
        <Text c="dimmed" size="sm">
          Loading {what}…
        </Text>
      </Stack>
    </Center>
  );
}

/** Where there is nothing yet: what would be here, and how it comes. */
export function Empty({ title, children }: { readonly title: string; readonly children?: React.ReactNode }): React.JSX.Element {
  return (
    <Center mih={160} p="md">
      <Stack align="center" gap="xs" maw={620}>
        <Title order={2}>{title}</Title>
        <Text component="div" c="dimmed" ta="center">
          {children}
        </Text>
      </Stack>
    </Center>
  );
}

/** What the API said, as it said it. */
export function Failure({ error, retry }: { readonly error: Error; readonly retry?: () => void }): React.JSX.Element {
  const refusal = error instanceof Refusal ? error : undefined;
  // 404 unknown_path: this gateway is older than the page.
  const isMissing = refusal?.code === "unknown_path";
  return (
    <Alert color={isMissing ? "gray" : "red"} title={isMissing ? "Not available on this gateway" : "That did not work"} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{isMissing ? "The gateway that serves this page does not answer this call yet." : error.message}</Text>
        {refusal !== undefined && !isMissing && (
          <Text size="xs" c="dimmed">
            status {refusal.status}, code <Code>{refusal.code}</Code>
          </Text>
        )}
        {retry !== undefined && (
          <Button variant="default" onClick={retry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** The three ways an answer can stand: awaited, refused, there. */
export function Answer<Data>({
  query,
  what,
  children,
}: {
  readonly query: UseQueryResult<Data>;
  readonly what: string;
  readonly children: (data: Data) => React.ReactNode;
}): React.ReactNode {
  if (query.data !== undefined) return children(query.data);
  if (query.error !== null) return <Failure error={query.error} retry={() => void query.refetch()} />;
  return <Loading what={what} />;
}
