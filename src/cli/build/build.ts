import { join } from "node:path";
import { PROJECT_ROOT } from "../project-root.ts";
import type { Variables } from "../variables.ts";
import { buildDashboard } from "./build-dashboard.ts";
import { newestMs } from "./newest.ts";

/** What the bundled configuration is made of besides the file: the code that compiles it, and the packages that it uses. */
const SOURCES = [join(PROJECT_ROOT, "src"), join(PROJECT_ROOT, "package-lock.json")];

/**
 * Compiles the file that `TO11_ROUTES` names (routes.toml) into `bundled-config.js` in the directory that `TO11_DIST` names (dist), both
 * relative to the working directory. The Worker imports it as `#bundled-config`. Builds the dashboard, too, where its sources have changed,
 * and puts the price table and the control API's description beside it. What `to11 dev` has bundled just now is not bundled again.
 * @throws {CommandFailure} with every problem of the file.
 */
export async function build(environment: Variables): Promise<void> {
  if (!(await isBundled(environment))) {
    const { bundleConfig } = await import("./bundle-config.ts");
    const { DEFAULT_ROUTES, requireRoutesFile } = await import("../routes-file.ts");
    const localDevelopment = environment["TO11_LOCAL"] === "1";
    const file = await requireRoutesFile(environment["TO11_ROUTES"] ?? DEFAULT_ROUTES, { localDevelopment });
    await bundleConfig(file, environment["TO11_DIST"] ?? "dist", localDevelopment ? null : buildTimeMs(environment, Date.now()));
  }
  await buildDashboard();
}

/** Now, unless the build is to come out the same each time: https://reproducible-builds.org/specs/source-date-epoch/ */
function buildTimeMs({ SOURCE_DATE_EPOCH }: Variables, nowMs: number): number {
  return SOURCE_DATE_EPOCH !== undefined && /^\d+$/.test(SOURCE_DATE_EPOCH) ? Number(SOURCE_DATE_EPOCH) * 1000 : nowMs;
}

/** `TO11_BUNDLED`: when `to11 dev` bundled the file, ms since the epoch. It publishes edits of the file itself; edits of the code are to be seen here. */
async function isBundled({ TO11_BUNDLED }: Variables): Promise<boolean> {
  if (TO11_BUNDLED === undefined) return false;
  const times = await Promise.all(SOURCES.map(newestMs));
  return times.every((changedMs) => changedMs < Number(TO11_BUNDLED));
}
