import type { AdminSessions } from "./access/admin-sessions.ts";
import type { ConfigRegistry } from "./config/config-registry.ts";
import type { Governor } from "./governor/governor.ts";
import type { MeterObject } from "./meter/meter-object.ts";
import type { TraceFeed } from "./traces/trace-feed.ts";
import type { TraceIndex } from "./traces/trace-index.ts";
import type { TraceStore } from "./traces/trace-store.ts";

/** The Worker's bindings. Secrets that routes.toml names are read by their names, `env[name]`. */
export interface Env {
  readonly CONFIG: KVNamespace;
  readonly CONFIG_REGISTRY: DurableObjectNamespace<ConfigRegistry>;
  readonly TRACE_STORE: DurableObjectNamespace<TraceStore>;
  readonly TRACE_INDEX: DurableObjectNamespace<TraceIndex>;
  readonly TRACE_FEED: DurableObjectNamespace<TraceFeed>;
  readonly METER: DurableObjectNamespace<MeterObject>;
  readonly GOVERNOR: DurableObjectNamespace<Governor>;
  readonly ADMIN_SESSIONS: DurableObjectNamespace<AdminSessions>;
  /** What [assets] of wrangler.toml serves; tests go without. */
  readonly ASSETS?: Fetcher;
  /** Guards the control API and the dashboard; at least 32 characters. */
  readonly TO11_ADMIN_KEY?: string;
  /** Only `to11 dev` passes it: the address it bound, `"127.0.0.1"`. Together with a loopback Host it opens the gateway. */
  readonly TO11_DEV?: string;
  /** Only `to11 dev` passes it: what the requests bear that it has let through. */
  readonly TO11_DEV_PROOF?: string;
  /** Only `to11 dev` passes it: `http://127.0.0.1:PORT` of the simulator. */
  readonly TO11_SIMULATOR?: string;
  /** Only `to11 dev` passes it: the ids of the providers that the simulator stands in for, `"openai,anthropic"`. */
  readonly TO11_SIMULATE?: string;
}
