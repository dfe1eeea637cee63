import type * as z from "zod";
import { signIn, signOut } from "./admin-auth.ts";
import type { ApiCall } from "./call.ts";
import { checkConfig, currentConfig, listVersions, oneVersion, publishConfig, rollbackConfig } from "./config-calls.ts";
import * as contract from "./contract.ts";
import { explain } from "./explain.ts";
import { listCredentials, listProjects, listProviders } from "./inventory-calls.ts";
import { LIST_PARAMETERS, listTraces, oneTrace } from "./trace-calls.ts";

/** One call of the control API: what answers it, and how it is documented. */
export interface ApiRoute {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** Under `/api`; a last part `{name}` is the call's `id`. */
  readonly path: string;
  readonly summary: string;
  /** Query parameters; any other is refused. */
  readonly parameters: readonly string[];
  /** `toml`, or the shape of the JSON. */
  readonly body?: "toml" | z.ZodType;
  /** Left out: 204, nothing. */
  readonly answers?: z.ZodType;
  /** Who may call it; left out: only operators. */
  readonly access?: "anyone";
  readonly respond: (call: ApiCall) => Promise<Response>;
}

const PROJECT = ["project"] as const;

/** All calls but the one that documents them. */
export const API_ROUTES: readonly ApiRoute[] = [
  {
    method: "GET",
    path: "/traces",
    summary: "Traces, newest first",
    parameters: [...PROJECT, ...LIST_PARAMETERS],
    answers: contract.tracesSchema,
    respond: listTraces,
  },
  { method: "GET", path: "/traces/{id}", summary: "One trace", parameters: PROJECT, answers: contract.traceSchema, respond: oneTrace },
  {
    method: "GET",
    path: "/config",
    summary: "What serves now",
    parameters: PROJECT,
    answers: contract.configSchema,
    respond: currentConfig,
  },
  {
    method: "PUT",
    path: "/config",
    summary: "Publishes a routes.toml over the version that If-Match names; x-to11-author labels it",
    parameters: PROJECT,
    body: "toml",
    answers: contract.publishedSchema,
    respond: publishConfig,
  },
  {
    method: "GET",
    path: "/config/versions",
    summary: "The history, newest first",
    parameters: PROJECT,
    answers: contract.versionsSchema,
    respond: listVersions,
  },
  {
    method: "GET",
    path: "/config/versions/{version}",
    summary: "One version, shortened to 8 digits or more",
    parameters: PROJECT,
    answers: contract.versionSchema,
    respond: oneVersion,
  },
  {
    method: "POST",
    path: "/config/check",
    summary: "Every problem of a routes.toml, publishing nothing",
    parameters: PROJECT,
    body: "toml",
    answers: contract.checkedSchema,
    respond: checkConfig,
  },
  {
    method: "POST",
    path: "/config/rollback",
    summary: "Makes an earlier version serve again",
    parameters: PROJECT,
    body: contract.rollbackRequestSchema,
    answers: contract.publishedSchema,
    respond: rollbackConfig,
  },
  {
    method: "POST",
    path: "/explain",
    summary: "Where a model would go, calling nobody",
    parameters: PROJECT,
    body: contract.explainRequestSchema,
    answers: contract.explainedSchema,
    respond: explain,
  },
  {
    method: "GET",
    path: "/providers",
    summary: "What is connected",
    parameters: PROJECT,
    answers: contract.providersSchema,
    respond: listProviders,
  },
  {
    method: "GET",
    path: "/credentials",
    summary: "Which secrets the configuration names, and whether they are set",
    parameters: PROJECT,
    answers: contract.credentialsSchema,
    respond: listCredentials,
  },
  { method: "GET", path: "/projects", summary: "The projects", parameters: [], answers: contract.projectsSchema, respond: listProjects },
  {
    method: "POST",
    path: "/session",
    summary: "Signs in with the admin key; the answer sets a cookie",
    parameters: [],
    body: contract.sessionRequestSchema,
    access: "anyone",
    respond: async (call) => signIn(call.request, (await call.json(contract.sessionRequestSchema)).key, call.control),
  },
  {
    method: "DELETE",
    path: "/session",
    summary: "Signs out",
    parameters: [],
    access: "anyone",
    respond: (call) => signOut(call.request, call.control),
  },
];
