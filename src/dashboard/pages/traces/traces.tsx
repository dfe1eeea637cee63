import { Route, Switch } from "wouter";
import { TraceList } from "./trace-list.tsx";
import { TracePage } from "./trace-page.tsx";

/** The list, and each trace below it. */
export default function Traces(): React.JSX.Element {
  return (
    <Switch>
      <Route path="/traces/:id">{({ id }) => <TracePage key={id} id={id} />}</Route>
      <Route path="/traces">
        <TraceList />
      </Route>
    </Switch>
  );
}
