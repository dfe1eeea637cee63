import type { KeyScope } from "../../core/governance/issued-key.ts";
import { TRACE_FILTERS } from "../../core/trace/trace-filter.ts";
import { signIn, signOut } from "./admin-auth.ts";
import type { ApiCall, Shape } from "./call.ts";
import { checkConfig, currentConfig, listVersions, oneVersion, publishConfig, rollbackConfig } from "./calls/config-calls.ts";
import { explain } from "./calls/explain.ts";
import { LIMIT_PARAMETERS, listLimits } from "./calls/limit-calls.ts";
import { listCredentials, listProjects, listProviders } from "./calls/inventory-calls.ts";
import { changeKey, createKey, KEY_LIST_PARAMETERS, listKeys, oneKey, revokeKey, rotateKey } from "./calls/key-calls.ts";
import * as requests from "./requests.ts";
import { EXPERIMENT_PARAMETERS, experiment } from "./calls/experiment-calls.ts";
import { METRICS_PARAMETERS, metrics } from "./calls/metrics-calls.ts";
import { LIST_PARAMETERS, listTraces, oneTrace, watchTraces } from "./calls/trace-calls.ts";

/** One call of the control API: what answers it, and how it is documented. */
export interface ApiRoute {
  readonly method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE";
  /** Under `/api`; a part `{name}` is the call's `id`. */
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
  /** Who may call it: besides operators, keys with this scope; left out: operators only. */
  readonly access?: "anyone" | Exclude<KeyScope, "call">;
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
    access: "traces:read",
    respond: listTraces,
  },
  {
    method: "GET",
    path: "/traces/live",
    summary: "A WebSocket that tells each trace as it is stored, filtered as the list",
    parameters: [...PROJECT, ...TRACE_FILTERS],
    socket: "liveMessageSchema",
    access: "traces:read",
    respond: watchTraces,
  },
  {
    method: "GET",
    path: "/traces/{id}",
    summary: "One trace",
    parameters: PROJECT,
    answers: "wholeTraceSchema",
    access: "traces:read",
    respond: oneTrace,
  },
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
    access: "publish",
    respond: currentConfig,
  },
  {
    method: "PUT",
    path: "/config",
    summary: "Publishes a routes.toml over the version that If-Match names; x-to11-author labels it",
    parameters: PROJECT,
    body: "toml",
    answers: "publishedSchema",
    access: "publish",
    respond: publishConfig,
  },
  {
    method: "GET",
    path: "/config/versions",
    summary: "The history, newest first",
    parameters: PROJECT,
    answers: "versionsSchema",
    access: "publish",
    respond: listVersions,
  },
  {
    method: "GET",
    path: "/config/versions/{version}",
    summary: "One version, shortened to 8 digits or more",
    parameters: PROJECT,
    answers: "versionSchema",
    access: "publish",
    respond: oneVersion,
  },
  {
    method: "POST",
    path: "/config/check",
    summary: "Every problem of a routes.toml, publishing nothing",
    parameters: PROJECT,
    body: "toml",
    answers: "checkedSchema",
    access: "publish",
    respond: checkConfig,
  },
  {
    method: "POST",
    path: "/config/rollback",
    summary: "Makes an earlier version serve again",
    parameters: PROJECT,
    body: "rollbackRequestSchema",
    answers: "publishedSchema",
    access: "publish",
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
  {
    method: "POST",
    path: "/keys",
    summary: "Makes a key; the answer tells its secret, once",
    parameters: PROJECT,
    body: "newKeySchema",
    answers: "keyWithSecretSchema",
    access: "keys",
    respond: createKey,
  },
  {
    method: "GET",
    path: "/keys",
    summary: "The issued keys, newest first",
    parameters: [...PROJECT, ...KEY_LIST_PARAMETERS],
    answers: "keysSchema",
    access: "keys",
    respond: listKeys,
  },
  { method: "GET", path: "/keys/{id}", summary: "One key", parameters: PROJECT, answers: "keySchema", access: "keys", respond: oneKey },
  {
    method: "PATCH",
    path: "/keys/{id}",
    summary: "Changes what is said of a key and what it may; expires it",
    parameters: PROJECT,
    body: "keyChangeSchema",
    answers: "keySchema",
    access: "keys",
    respond: changeKey,
  },
  {
    method: "POST",
    path: "/keys/{id}/rotate",
    summary: "Gives a key a new secret, told once; the one before works on for a while",
    parameters: PROJECT,
    body: "rotateRequestSchema",
    answers: "keyWithSecretSchema",
    access: "keys",
    respond: rotateKey,
  },
  {
    method: "POST",
    path: "/keys/{id}/revoke",
    summary: "Ends a key for good",
    parameters: PROJECT,
    body: "revokeRequestSchema",
    answers: "keySchema",
    access: "keys",
    respond: revokeKey,
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
