import { Alert, Button, Group, Tabs, Text } from "@mantine/core";
import { useWindowEvent } from "@mantine/hooks";
import { Notifications } from "@mantine/notifications";
import "@mantine/notifications/styles.css";
import { lazy, Suspense } from "react";
import { Link, Route, Switch, useLocation } from "wouter";
import { useAddress } from "../../address.ts";
import { useConfig } from "../../api/queries.ts";
import { Icon } from "../../widgets/icon.tsx";
import { Page } from "../../widgets/page.tsx";
import { Answer, Loading } from "../../widgets/states.tsx";
import { DraftContext, type DraftState, useKeptDraft } from "./draft.ts";
import { RuleList } from "./rule-list.tsx";
import { Try } from "./try.tsx";

// The editor, and what is dragged about in the form, are most of this page's script.
const EditRule = lazy(() => import("./edit-rule.tsx"));
const Review = lazy(() => import("./review.tsx"));
const TomlPage = lazy(() => import("./toml-page.tsx"));

const TABS = [
  { path: "/routing", name: "Rules" },
  { path: "/routing/toml", name: "routes.toml" },
  { path: "/routing/try", name: "Try" },
] as const;

/** Which target answers which call: seen, tried, changed, published. */
export default function Routing(): React.JSX.Element {
  const state = useKeptDraft();
  const [path, navigate] = useLocation();
  const address = useAddress();
  const config = useConfig();
  const tab = TABS.find((known) => known.path === path)?.path ?? null;
  return (
    <DraftContext value={state}>
      <Notifications position="bottom-right" />
      <Page
        title="Routing"
        lead="Which target answers which call."
        actions={
          <Button component={Link} href={address("/routing/new")} leftSection={<Icon name="plus" size={14} />}>
            New rule
          </Button>
        }
      >
        <Tabs value={tab} onChange={(next) => navigate(address(next ?? "/routing"))}>
          <Tabs.List aria-label="Parts of routing">
            {TABS.map(({ path: value, name }) => (
              <Tabs.Tab key={value} value={value}>
                {name}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </Tabs>
        <Unpublished state={state} isHidden={path === "/routing/review" || path === "/routing/toml"} />
        <Answer query={config} what="the configuration">
          {(current) => (
            <Suspense fallback={<Loading what="the editor" />}>
              <Switch>
                <Route path="/routing">
                  <RuleList config={current} />
                </Route>
                <Route path="/routing/new">
                  <EditRule key="new" config={current} which={undefined} />
                </Route>
                <Route path="/routing/edit/:layer/:name">
                  {(which) => <EditRule key={`${which.layer} ${which.name}`} config={current} which={which} />}
                </Route>
                <Route path="/routing/toml">
                  <TomlPage config={current} />
                </Route>
                <Route path="/routing/review">
                  <Review />
                </Route>
                <Route path="/routing/try">
                  <Try config={current} />
                </Route>
              </Switch>
            </Suspense>
          )}
        </Answer>
      </Page>
    </DraftContext>
  );
}

/** Reminds of a change that callers do not see yet, and lets nobody close the page over it unasked. `isHidden`: the page shows it itself. */
function Unpublished(props: { readonly state: DraftState; readonly isHidden: boolean }): React.ReactNode {
  const { draft, setDraft } = props.state;
  const address = useAddress();
  const isChanged = draft !== undefined && draft.toml !== draft.base.toml;
  useWindowEvent("beforeunload", (event) => {
    if (isChanged) event.preventDefault();
  });
  if (!isChanged || props.isHidden) return null;
  return (
    <Alert color="yellow">
      <Group justify="space-between">
        <Text size="sm">There is a change that is not published.</Text>
        <Group gap="xs">
          <Button component={Link} href={address("/routing/review")} variant="default">
            Review it
          </Button>
          <Button variant="subtle" color="gray" onClick={() => setDraft(undefined)}>
            Discard it
          </Button>
        </Group>
      </Group>
    </Alert>
  );
}
