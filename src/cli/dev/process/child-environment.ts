import { delimiter, dirname, join } from "node:path";
import type { CompiledConfig } from "../../../config/compiled.ts";
import { gatewayKeysOf, sentSecrets } from "../../needed-secrets.ts";
import { PROJECT_ROOT } from "../../project-root.ts";
import type { Variables } from "../../variables.ts";
import type { StartPlan } from "../start-plan.ts";

/** What the gateway's process is told. */
export interface ChildSettings {
  readonly compiled: CompiledConfig;
  readonly variables: Variables;
  readonly plan: StartPlan;
  readonly simulatorUrl: string | null;
  /** What requests bear that came through the front door. */
  readonly proof: string;
  /** Absolute. */
  readonly routesPath: string;
  /** Absolute: where the compiled file goes. */
  readonly bundleDirectory: string;
  /** When it was compiled, ms since the epoch. */
  readonly bundledAtMs: number;
}

/** What programs need of the machine; nothing else of the shell reaches the Worker, where each variable becomes a binding. */
const INHERITED = ["HOME", "TMPDIR", "TMP", "TEMP", "LANG", "XDG_CONFIG_HOME", "NODE_EXTRA_CA_CERTS"];

/** Wrangler as a silent servant: bindings from this environment only, no calls home, no files that could hold a request or a secret. */
const WRANGLER_SETTINGS = {
  CLOUDFLARE_INCLUDE_PROCESS_ENV: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_WRITE_LOGS: "false",
  WRANGLER_HIDE_BANNER: "true",
  X_LOCAL_EXPLORER: "false",
  X_LOCAL_OBSERVABILITY: "false",
  NO_COLOR: "1",
  // Half a second less of each start but the first.
  NODE_COMPILE_CACHE: join(PROJECT_ROOT, "node_modules/.cache/compiled"),
};

/** The whole environment of the gateway's process: the only way that secrets reach it, so they are on no disk and in no argument. */
export function childEnvironment(settings: ChildSettings, shell: Variables): Record<string, string> {
  const { compiled, variables, plan, simulatorUrl } = settings;
  const secrets = [...sentSecrets(compiled), ...gatewayKeysOf(compiled)].map(({ name }) => name);
  return {
    ...pick(variables, [...secrets, "TO11_ADMIN_KEY"]),
    ...pick(shell, INHERITED),
    // Wrangler runs the [build] command with the `node` it finds there.
    PATH: [dirname(process.execPath), shell["PATH"] ?? ""].join(delimiter),
    ...WRANGLER_SETTINGS,
    TO11_LOCAL: "1",
    TO11_ROUTES: settings.routesPath,
    TO11_DIST: settings.bundleDirectory,
    TO11_BUNDLED: String(settings.bundledAtMs),
    TO11_DEV: "127.0.0.1",
    TO11_DEV_PROOF: settings.proof,
    ...(simulatorUrl === null ? {} : { TO11_SIMULATOR: simulatorUrl, TO11_SIMULATE: [...plan.simulated].join(",") }),
  };
}

function pick(variables: Variables, names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = variables[name];
    if (value !== undefined && value !== "") picked[name] = value;
  }
  return picked;
}
