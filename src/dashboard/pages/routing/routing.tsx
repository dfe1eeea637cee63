import { Button, Tabs } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import "@mantine/notifications/styles.css";
import { lazy, Suspense, useState } from "react";
import { Link, Route, Switch, useLocation } from "wouter";
import { useAddress } from "../../address.ts";
import { useConfig } from "../../api/queries.ts";
import { Icon } from "../../widgets/icon.tsx";
import { Page } from "../../widgets/page.tsx";
import { Answer, Loading } from "../../widgets/states.tsx";
import { type Draft, DraftContext } from "./draft.ts";
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
  const [draft, setDraft] = useState<Draft>();
  const [path, navigate] = useLocation();
  const address = useAddress();
  const config = useConfig();
  const tab = TABS.find((known) => known.path === path)?.path ?? null;
  return (
    <DraftContext value={{ draft, setDraft }}>
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
