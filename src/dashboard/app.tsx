import { MantineProvider } from "@mantine/core";
import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { Component, lazy, Suspense } from "react";
import { Route, Switch } from "wouter";
import { Refusal } from "./api/client.ts";
import { projectsQuery, queryClient } from "./api/queries.ts";
import { PAGES } from "./pages/index.ts";
import { Shell } from "./shell/shell.tsx";
import { cssVariables, theme } from "./theme.ts";
import { Empty, Failure, Loading } from "./widgets/states.tsx";

// Most who open a page are signed in.
const SignIn = lazy(() => import("./shell/sign-in.tsx"));

/** The dashboard. */
export function App(): React.JSX.Element {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <Gate />
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** Shows pages only to those whom the API answers. */
function Gate(): React.JSX.Element {
  const projects = useQuery(projectsQuery);
  const { error } = projects;
  if (error instanceof Refusal && error.status === 401) {
    return (
      <Suspense fallback={<Loading what="the sign-in" />}>
        <SignIn reason={error} />
      </Suspense>
    );
  }
  if (projects.data === undefined && error === null) return <Loading what="the gateway" />;
  return (
    <Shell>
      {projects.data === undefined && error !== null ? <Failure error={error} retry={() => void projects.refetch()} /> : <Pages />}
    </Shell>
  );
}

function Pages(): React.JSX.Element {
  return (
    <Switch>
      {PAGES.map(({ path, name, component: Content }) => (
        <Route key={path} path={path === "/" ? "/" : `${path}/*?`}>
          <Guard key={path}>
            <Suspense fallback={<Loading what={name} />}>
              <Content />
            </Suspense>
          </Guard>
        </Route>
      ))}
      <Route>
        <Empty title="There is no such page">The menu lists those that there are.</Empty>
      </Route>
    </Switch>
  );
}

/** A page that breaks takes no other with it. */
class Guard extends Component<{ readonly children: React.ReactNode }, { readonly error: Error | null }> {
  override state: { readonly error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { readonly error: Error } {
    return { error };
  }

  override render(): React.ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return <Failure error={error} retry={() => this.setState({ error: null })} />;
  }
}
