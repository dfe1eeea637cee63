import { copyFile, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DATA_ASSETS } from "./build-asset.ts";
import { PROJECT_ROOT } from "../project-root.ts";

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

/** Builds the dashboard into dist/dashboard where an input is newer than what is there. */
export async function buildDashboard({ inputs, assets, stamp, bundle }: DashboardBuild = THIS_PROJECT): Promise<void> {
  const inputsMs = Math.max(...(await Promise.all(inputs.map(newestMs))));
  if (inputsMs <= (await newestMs(stamp)) && (await newestMs(join(assets, "index.html"))) > 0) return;
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

/** When a file, or anything under a directory, was last changed; a deletion changes its directory. 0: it is not there. */
async function newestMs(path: string): Promise<number> {
  const own = await stat(path).catch(() => undefined);
  if (own === undefined) return 0;
  if (!own.isDirectory()) return own.mtimeMs;
  const entries = await readdir(path, { recursive: true });
  const times = await Promise.all(entries.map(async (entry) => (await stat(join(path, entry))).mtimeMs));
  return Math.max(own.mtimeMs, ...times);
}
