import { TRACE_FILTERS } from "../../core/trace/trace-filter.ts";
import { signIn, signOut } from "./admin-auth.ts";
import type { ApiCall, Shape } from "./call.ts";
import { checkConfig, currentConfig, listVersions, oneVersion, publishConfig, rollbackConfig } from "./calls/config-calls.ts";
import { explain } from "./calls/explain.ts";
import { LIMIT_PARAMETERS, listLimits } from "./calls/limit-calls.ts";
import { listCredentials, listProjects, listProviders } from "./calls/inventory-calls.ts";
import * as requests from "./requests.ts";
import { EXPERIMENT_PARAMETERS, experiment } from "./calls/experiment-calls.ts";
import { METRICS_PARAMETERS, metrics } from "./calls/metrics-calls.ts";
import { LIST_PARAMETERS, listTraces, oneTrace, watchTraces } from "./calls/trace-calls.ts";

/** One call of the control API: what answers it, and how it is documented. */
export interface ApiRoute {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** Under `/api`; a last part `{name}` is the call's `id`. */
  readonly path: string;
  readonly summary: string;
  /** Query parameters; any other is refused. */
  readonly parameters: readonly string[];
  /** `toml`, or the shape of the JSON in requests.ts. */
  readonly body?: "toml" | keyof typeof requests;
  /** The shape in contract.ts; left out: 204, nothing. */
  readonly answers?: Shape;
  /** The call is a WebSocket: the shape of its messages. */
  readonly socket?: Shape;
  /** Who may call it; left out: only operators. */
  readonly access?: "anyone";
  readonly respond: (call: ApiCall) => Promise<Response>;
}

const PROJECT = ["project"] as const;

/** All calls but the one that documents them (openapi.json). Its type is what `ControlApi` is made of. */
export const API_ROUTES = [
  {
    method: "GET",
    path: "/traces",
    summary: "Traces, newest first",
    parameters: [...PROJECT, ...LIST_PARAMETERS],
    answers: "tracesSchema",
    respond: listTraces,
  },
  {
    method: "GET",
    path: "/traces/live",
    summary: "A WebSocket that tells each trace as it is stored, filtered as the list",
    parameters: [...PROJECT, ...TRACE_FILTERS],
    socket: "liveMessageSchema",
    respond: watchTraces,
  },
  { method: "GET", path: "/traces/{id}", summary: "One trace", parameters: PROJECT, answers: "wholeTraceSchema", respond: oneTrace },
  {
    method: "GET",
    path: "/metrics",
    summary: "Counts, tokens, cost and latency by time, and by one dimension",
    parameters: [...PROJECT, ...METRICS_PARAMETERS],
    answers: "metricsSchema",
    respond: metrics,
  },
  {
    method: "GET",
    path: "/experiments/{route}",
    summary: "How the variants of a route compare, with 95 % intervals",
    parameters: [...PROJECT, ...EXPERIMENT_PARAMETERS],
    answers: "experimentSchema",
    respond: experiment,
  },
  {
    method: "GET",
    path: "/config",
    summary: "What serves now",
    parameters: PROJECT,
    answers: "configSchema",
    respond: currentConfig,
  },
  {
    method: "PUT",
    path: "/config",
    summary: "Publishes a routes.toml over the version that If-Match names; x-to11-author labels it",
    parameters: PROJECT,
    body: "toml",
    answers: "publishedSchema",
    respond: publishConfig,
  },
  {
    method: "GET",
    path: "/config/versions",
    summary: "The history, newest first",
    parameters: PROJECT,
    answers: "versionsSchema",
    respond: listVersions,
  },
  {
    method: "GET",
    path: "/config/versions/{version}",
    summary: "One version, shortened to 8 digits or more",
    parameters: PROJECT,
    answers: "versionSchema",
    respond: oneVersion,
  },
  {
    method: "POST",
    path: "/config/check",
    summary: "Every problem of a routes.toml, publishing nothing",
    parameters: PROJECT,
    body: "toml",
    answers: "checkedSchema",
    respond: checkConfig,
  },
  {
    method: "POST",
    path: "/config/rollback",
    summary: "Makes an earlier version serve again",
    parameters: PROJECT,
    body: "rollbackRequestSchema",
    answers: "publishedSchema",
    respond: rollbackConfig,
  },
  {
    method: "POST",
    path: "/explain",
    summary: "Where a model would go, calling nobody",
    parameters: PROJECT,
    body: "explainRequestSchema",
    answers: "explainedSchema",
    respond: explain,
  },
  {
    method: "GET",
    path: "/providers",
    summary: "What is connected",
    parameters: PROJECT,
    answers: "providersSchema",
    respond: listProviders,
  },
  {
    method: "GET",
    path: "/credentials",
    summary: "Which secrets the configuration names, and whether they are set",
    parameters: PROJECT,
    answers: "credentialsSchema",
    respond: listCredentials,
  },
  {
    method: "GET",
    path: "/limits",
    summary: "Where limits and budgets stand, of all subjects used in the last 24 hours or of one",
    parameters: [...PROJECT, ...LIMIT_PARAMETERS],
    answers: "limitsSchema",
    respond: listLimits,
  },
  { method: "GET", path: "/projects", summary: "The projects", parameters: [], answers: "projectsSchema", respond: listProjects },
  {
    method: "POST",
    path: "/session",
    summary: "Signs in with the admin key; the answer sets a cookie",
    parameters: [],
    body: "sessionRequestSchema",
    access: "anyone",
    respond: async (call) => signIn(call.request, (await call.json(requests.sessionRequestSchema, '{"key": "…"}')).key, call.control),
  },
  {
    method: "DELETE",
    path: "/session",
    summary: "Signs out",
    parameters: [],
    access: "anyone",
    respond: (call) => signOut(call.request, call.control),
  },
] as const satisfies readonly ApiRoute[];
