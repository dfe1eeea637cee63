import {
  ActionIcon,
  Anchor,
  AppShell,
  Burger,
  Button,
  Group,
  NavLink,
  NativeSelect,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "wouter";
import { useAddress, useParameters, useProject } from "../address.ts";
import { api, read } from "../api/client.ts";
import { projectsQuery, queryClient, useHealth } from "../api/queries.ts";
import { Icon } from "../widgets/icon.tsx";
import { Mark } from "./mark.tsx";
import { PAGES } from "../pages/index.ts";
import { rememberSignIn, wasSignedIn } from "./signed-in.ts";

/** What is around every page: where one is, where one can go, which gateway this is. */
export function Shell({ children }: { readonly children: React.ReactNode }): React.JSX.Element {
  const [isOpen, menu] = useDisclosure(false);
  return (
    <AppShell
      header={{ height: 48 }}
      navbar={{ width: 190, breakpoint: "sm", collapsed: { mobile: !isOpen } }}
      padding={{ base: "sm", sm: "lg" }}
    >
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <Burger opened={isOpen} onClick={menu.toggle} hiddenFrom="sm" size="sm" aria-label="Pages" />
            <Mark />
            <Text fw={650} size="lg">
              to11
            </Text>
            <ProjectSwitcher />
          </Group>
          <Group gap="xs" wrap="nowrap">
            <ColourSwitch />
            <SignOut />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label="Pages" bg="var(--to11-ground)">
        <Pages onGo={menu.close} />
        <About />
      </AppShell.Navbar>
      <AppShell.Main>
        <div className="page">{children}</div>
      </AppShell.Main>
    </AppShell>
  );
}

function Pages({ onGo }: { readonly onGo: () => void }): React.JSX.Element {
  const [path] = useLocation();
  const address = useAddress();
  return (
    <AppShell.Section grow>
      {PAGES.map((page) => (
        <NavLink
          key={page.path}
          component={Link}
          href={address(page.path)}
          label={page.name}
          leftSection={<Icon name={page.icon} />}
          active={page.path === "/" ? path === "/" : path.startsWith(page.path)}
          onClick={onGo}
        />
      ))}
    </AppShell.Section>
  );
}

function About(): React.JSX.Element {
  const health = useHealth();
  const address = useAddress();
  const wrong = health.data?.problems?.length ?? 0;
  return (
    <AppShell.Section p="xs">
      <Text size="xs" c="dimmed">
        {wrong === 0 ? (
          "Nothing is wrong"
        ) : (
          <Anchor component={Link} href={address("/")} inherit underline="always">
            {wrong === 1 ? "1 problem" : `${wrong} problems`}
          </Anchor>
        )}
        <br />
        version {health.data?.version ?? "…"}
      </Text>
    </AppShell.Section>
  );
}

function ProjectSwitcher(): React.ReactNode {
  const projects = useQuery(projectsQuery);
  const health = useHealth();
  const project = useProject();
  const [, change] = useParameters();
  const ids = projects.data?.projects.map(({ id }) => id) ?? [];
  const [only] = ids;
  if (ids.length < 2 && project === undefined) {
    return only === undefined || only === "default" ? null : (
      <Text c="dimmed" size="sm" truncate>
        {only}
      </Text>
    );
  }
  const known = project === undefined || ids.includes(project) ? ids : [...ids, project];
  return (
    <NativeSelect
      aria-label="Project"
      size="xs"
      w={150}
      data={known}
      value={project ?? health.data?.config?.project}
      onChange={(event) => change({ project: event.currentTarget.value })}
    />
  );
}

function ColourSwitch(): React.JSX.Element {
  const { setColorScheme } = useMantineColorScheme();
  const shown = useComputedColorScheme("light");
  const other = shown === "dark" ? "light" : "dark";
  return (
    <ActionIcon aria-label={`Show it ${other}`} title={`Show it ${other}`} onClick={() => setColorScheme(other)}>
      <Icon name={shown === "dark" ? "sun" : "moon"} />
    </ActionIcon>
  );
}

function SignOut(): React.ReactNode {
  const signOut = useMutation({
    mutationFn: () => read(api.session.$delete()),
    onSuccess: async () => {
      rememberSignIn(false);
      await queryClient.resetQueries();
    },
  });
  if (!wasSignedIn()) return null;
  return (
    <Button variant="subtle" color="gray" leftSection={<Icon name="leave" />} loading={signOut.isPending} onClick={() => signOut.mutate()}>
      Sign out
    </Button>
  );
}
