import { isGatewayKey } from "../core/secrets/gateway-key.ts";
import type { ControlServices } from "../web/api/services.ts";
import type { GatewayKey } from "../web/auth.ts";
import { bundledConfig } from "./config/bundled.ts";
import { ConfigCache } from "./config/config-cache.ts";
import type { SettleDeploy } from "./config/deployed-file.ts";
import { controlServices } from "./control-services.ts";
import type { Env } from "./env.ts";
import { OtlpExport } from "./traces/otlp-export.ts";
import { Secrets } from "./access/secrets.ts";
import { sleep } from "./sleep.ts";
import { storeAt } from "./traces/trace-places.ts";
import { TraceSink, type TraceKeeping } from "./traces/trace-sink.ts";

/** What one isolate keeps between requests. Plain data only: streams, timers and promises of I/O belong to the request that made them. */
export interface Isolate {
  readonly secrets: Secrets;
  readonly gatewayKeys: readonly GatewayKey[];
  readonly traces: TraceSink;
  readonly control: ControlServices;
  /** Cloudflare's data centre as a request tells it, asked once: an isolate does not move. `null` locally, where it is made up. */
  colo(request: Request): string | null;
}

const isolates = new WeakMap<Env, Isolate>();

/** The isolate's state, made at its first request. */
export function isolateOf(env: Env): Isolate {
  const known = isolates.get(env);
  if (known !== undefined) return known;
  const isolate = makeIsolate(env);
  isolates.set(env, isolate);
  return isolate;
}

function makeIsolate(env: Env): Isolate {
  const locality = { localDevelopment: env.TO11_DEV !== undefined };
  const bundled = bundledConfig(locality);
  const now = (): number => Date.now();
  const secrets = new Secrets(env, bundled.uses);
  const settleDeploy: SettleDeploy = (deploy) => env.CONFIG_REGISTRY.getByName(deploy.project).settleDeploy(deploy);
  const config = new ConfigCache({ kv: env.CONFIG, bundled, settleDeploy, ...locality, now, sleep });
  const keeping = (project: string): TraceKeeping => {
    const { retentionDays, jurisdiction } = (config.peek(project)?.compiled ?? bundled.compiled).traces;
    return { retentionDays, jurisdiction: jurisdiction ?? null };
  };
  const exports = new OtlpExport({
    table: (project) => config.peek(project)?.table,
    secret: (name, site) => secrets.secret(name, site),
    fetch: (url, init) => fetch(url, init),
    now,
    sleep,
  });
  const traces = new TraceSink({
    append: (batch) => storeAt(env, batch.place).append(batch),
    keeping,
    exported: (project, records) => exports.send(project, records),
    now,
    sleep,
    newBatchId: () => crypto.randomUUID(),
  });
  const parts = { config, secrets, traces, exports, bundledProject: bundled.compiled.project, bundledVersion: bundled.version };
  let colo: string | null | undefined = env.TO11_DEV === undefined ? undefined : null;
  return {
    secrets,
    gatewayKeys: gatewayKeysOf(env, secrets),
    traces,
    control: controlServices(env, parts),
    colo(request) {
      if (colo === undefined) colo = typeof request.cf?.colo === "string" ? request.cf.colo : null;
      return colo;
    },
  };
}

function gatewayKeysOf(env: Env, secrets: Secrets): readonly GatewayKey[] {
  return Object.keys(env).flatMap((name) => {
    const value = secrets.gatewayKey(name);
    return value !== undefined && isGatewayKey(value) ? [{ name, value }] : [];
  });
}
