import { lazy } from "react";
import type { IconName } from "../widgets/icon.tsx";

/** A page of the dashboard: fetched when it is first opened. */
export interface DashboardPage {
  /** Where it is; what lies below belongs to it. */
  readonly path: string;
  readonly name: string;
  readonly icon: IconName;
  readonly component: React.ComponentType;
}

/** All pages, in the order of the menu. */
export const PAGES: readonly DashboardPage[] = [
  { path: "/", name: "Overview", icon: "overview", component: lazy(() => import("./overview/overview.tsx")) },
  { path: "/traces", name: "Traces", icon: "traces", component: lazy(() => import("./traces/traces.tsx")) },
  { path: "/routing", name: "Routing", icon: "routing", component: lazy(() => import("./routing/routing.tsx")) },
  { path: "/experiments", name: "Experiments", icon: "experiments", component: lazy(() => import("./experiments/experiments.tsx")) },
  { path: "/providers", name: "Providers", icon: "providers", component: lazy(() => import("./providers/providers.tsx")) },
  { path: "/credentials", name: "Credentials", icon: "credentials", component: lazy(() => import("./credentials/credentials.tsx")) },
  { path: "/versions", name: "Versions", icon: "versions", component: lazy(() => import("./versions/versions.tsx")) },
  { path: "/playground", name: "Playground", icon: "playground", component: lazy(() => import("./playground/playground.tsx")) },
];
