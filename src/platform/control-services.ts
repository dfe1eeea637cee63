import { readOpenApi } from "./assets.ts";
import { trimmedSecret } from "../core/secrets/secret-fault.ts";
import { GuessThrottle } from "../web/api/guess-throttle.ts";
import type { RoutingTable } from "../core/routing/routing-table.ts";
import type { ControlServices, LimitReader, ServedConfig } from "../web/api/services.ts";
import type { ConfigCache } from "./config/config-cache.ts";
import { POINTER_PREFIX } from "./config/config-keys.ts";
import type { Env } from "./env.ts";
import { governance } from "./governor/governance.ts";
import type { OtlpExport } from "./traces/otlp-export.ts";
import type { Secrets } from "./access/secrets.ts";
import { meterAt, SUBJECTS } from "./meter/meter-place.ts";
import { simulatorOf } from "./simulator.ts";
import { feedAt } from "./traces/trace-places.ts";
import { DurableTraceReader } from "./traces/trace-reader.ts";
import type { TraceSink } from "./traces/trace-sink.ts";

/** The one object that keeps the sessions. */
const SESSIONS_NAME = "admin";

/** What an isolate has made once. */
export interface IsolateParts {
  readonly config: ConfigCache;
  readonly secrets: Secrets;
  readonly traces: TraceSink;
  readonly exports: OtlpExport;
  readonly bundledProject: string;
  readonly bundledVersion: string;
}

/** The control API's view of KV, Durable Objects and secrets. */
export function controlServices(env: Env, parts: IsolateParts): ControlServices {
  const { config, secrets, traces, exports, bundledProject } = parts;
  return {
    adminKey: trimmedSecret(env.TO11_ADMIN_KEY),
    development: { address: env.TO11_DEV, proof: env.TO11_DEV_PROOF },
    sessions: {
      signIn: (client) => sessions(env).signIn(client),
      countWrongKey: (client) => sessions(env).countWrongKey(client),
      isSignedIn: (token) => sessions(env).isSignedIn(token),
      signOut: (token) => sessions(env).signOut(token),
    },
    throttle: new GuessThrottle(() => Date.now()),
    ...governance(env, config),
    expire: (project) => config.expire(project),
    bundledProject,
    deployedVersion: env.TO11_DEV === undefined ? parts.bundledVersion : undefined,
    authority: (project) => authorityOf(env, project),
    traces: ({ table }: ServedConfig) =>
      new DurableTraceReader({
        env,
        project: table.project,
        jurisdiction: table.traces.jurisdiction ?? null,
        retentionDays: table.traces.retentionDays,
        now: () => Date.now(),
      }),
    watchTraces: ({ table: { project, traces: settings } }, filter) => {
      const feed = feedAt(env, { project, jurisdiction: settings.jurisdiction ?? null });
      // Nothing of the caller's request goes along: its cookie and key are not the feed's business.
      return feed.fetch(`https://feed/?${new URLSearchParams({ project, filter: JSON.stringify(filter) }).toString()}`, {
        headers: { upgrade: "websocket" },
      });
    },
    limits: ({ table }) => limitReader(env, table),
    openApi: () => readOpenApi(env),
    projects: () => projectsOf(env, bundledProject),
    isSecretSet: (name) => secrets.isSet(name),
    secretFault: (name, site) => {
      const found = secrets.secret(name, site);
      return "fault" in found ? found.fault : undefined;
    },
    simulator: simulatorOf(env),
    configFaults: () => config.faults(),
    lostTraces: () => traces.lost(),
    lostExports: () => exports.lost(),
  };
}

/** A subject without limits in the configuration is shown as its meter knows it. */
function limitReader(env: Env, { project, limits: settings, traces }: RoutingTable): LimitReader {
  const place = { project, jurisdiction: traces.jurisdiction ?? null };
  return {
    subjects: async () => meterAt(env, { ...place, subject: SUBJECTS }).subjects(),
    async view(subject, limits) {
      const revision = limits.length === 0 ? -1 : (settings?.revision ?? 0);
      return meterAt(env, { ...place, subject }).view({ limits, revision, timezone: settings?.timezone ?? "UTC" });
    },
  };
}

function sessions(env: Env): ReturnType<Env["ADMIN_SESSIONS"]["getByName"]> {
  return env.ADMIN_SESSIONS.getByName(SESSIONS_NAME);
}

function authorityOf(env: Env, project: string): ReturnType<ControlServices["authority"]> {
  const registry = env.CONFIG_REGISTRY.getByName(project);
  return {
    current: () => registry.current(project),
    publish: (change) => registry.publish({ ...change, project }),
    check: (toml) => registry.check(toml),
    versions: (limit) => registry.versions(limit),
    version: (prefix) => registry.version(project, prefix),
    rollback: (change) => registry.rollback({ ...change, project }),
  };
}

/** Published projects and the bundled one. KV lists a thousand keys at once; a Worker has a handful of projects. */
async function projectsOf(env: Env, bundledProject: string): Promise<readonly string[]> {
  const { keys } = await env.CONFIG.list({ prefix: POINTER_PREFIX });
  const published = keys.map(({ name }) => name.slice(POINTER_PREFIX.length));
  return [...new Set([bundledProject, ...published])].toSorted();
}
