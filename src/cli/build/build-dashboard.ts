import { copyFile, mkdir, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DATA_ASSETS } from "./build-asset.ts";
import { takeLock } from "../process-lock.ts";
import { PROJECT_ROOT } from "../project-root.ts";
import { newestMs } from "./newest.ts";

const SOURCES = join(PROJECT_ROOT, "src/dashboard");

/** What a build reads and writes. */
export interface DashboardBuild {
  /** A build is due where any of these, or anything under them, is newer than the last. */
  readonly inputs: readonly string[];
  /** Where wrangler.toml's [assets] serves it from. */
  readonly assets: string;
  /** Its time is that of the inputs it was built from. Beside the assets, where it makes no watching wrangler reload. */
  readonly stamp: string;
  /** Writes the whole dashboard into an empty directory. */
  readonly bundle: (directory: string) => Promise<void>;
}

const THIS_PROJECT: DashboardBuild = {
  // Its sources, and the packages that the lock file names.
  inputs: [SOURCES, join(PROJECT_ROOT, "package-lock.json"), import.meta.filename],
  assets: join(PROJECT_ROOT, "dist/dashboard"),
  stamp: join(PROJECT_ROOT, "dist/dashboard-built"),
  bundle,
};

/** Not the dashboard's: what keeps the directory in a fresh checkout, where wrangler wants it before it builds, and data. */
const KEPT: readonly string[] = [".assetsignore", ...Object.values(DATA_ASSETS)];

/** How often to look whether another process has built it, and how long at most, ms. */
const TURN_POLL_MS = 50;
const TURN_TIMEOUT_MS = 60_000;

/** Builds the dashboard into dist/dashboard where an input is newer than what is there. What another process is building is waited for. */
export async function buildDashboard(build: DashboardBuild = THIS_PROJECT): Promise<void> {
  if ((await dueMs(build)) === null) return;
  const lock = `${build.stamp}.pid`;
  const isMine = await takeTurn(lock);
  try {
    const inputsMs = await dueMs(build);
    if (inputsMs !== null) await rebuild(build, inputsMs);
  } finally {
    if (isMine) await rm(lock, { force: true });
  }
}

/** `false`: another process has had its turn for too long. */
async function takeTurn(lock: string): Promise<boolean> {
  const deadline = performance.now() + TURN_TIMEOUT_MS;
  while (takeLock(lock) !== "taken") {
    if (performance.now() > deadline) return false;
    await sleep(TURN_POLL_MS);
  }
  return true;
}

/** The time of the newest input where a build is due; `null`: there is nothing to do. */
async function dueMs({ inputs, assets, stamp }: DashboardBuild): Promise<number | null> {
  const inputsMs = Math.max(...(await Promise.all(inputs.map(newestMs))));
  return inputsMs <= (await newestMs(stamp)) && (await newestMs(join(assets, "index.html"))) > 0 ? null : inputsMs;
}

async function rebuild({ assets, stamp, bundle }: DashboardBuild, inputsMs: number): Promise<void> {
  const next = `${assets}-${process.pid}`;
  try {
    await bundle(next);
    await replaceFiles(next, assets);
  } finally {
    await rm(next, { recursive: true, force: true });
  }
  await writeFile(stamp, "");
  await utimes(stamp, new Date(), new Date(inputsMs + 1));
}

async function bundle(outDir: string): Promise<void> {
  // Only a build that is due needs it.
  const { build } = await import("vite");
  await build({
    configFile: false,
    root: SOURCES,
    oxc: { jsx: { runtime: "automatic", importSource: "#shown" } },
    logLevel: "error",
    build: { outDir, emptyOutDir: true, chunkSizeWarningLimit: 1000, modulePreload: { polyfill: false } },
  });
}

/** New and changed files first, the page that names them last, then those that nothing names any more: there is no moment without a whole dashboard. */
async function replaceFiles(from: string, to: string): Promise<void> {
  const files = (await filesIn(from)).toSorted((a, b) => Number(a === "index.html") - Number(b === "index.html"));
  for (const file of files) {
    const before = await readFile(join(to, file)).catch(() => undefined);
    if (before !== undefined && before.equals(await readFile(join(from, file)))) continue;
    await mkdir(dirname(join(to, file)), { recursive: true });
    await copyFile(join(from, file), join(to, file));
  }
  const stale = (await filesIn(to)).filter((file) => !KEPT.includes(file) && !files.includes(file));
  for (const file of stale) await rm(join(to, file), { force: true });
}

/** Paths of all files under a directory, relative to it. */
async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));
}
