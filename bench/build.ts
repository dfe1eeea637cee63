import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const ROOT = join(import.meta.dirname, "..");
const WRANGLER = join(ROOT, "node_modules/wrangler/bin/wrangler.js");

/** A Worker's script as `wrangler deploy` would upload it. */
export interface Build {
  readonly script: string;
  readonly bytes: number;
  readonly gzipBytes: number;
}

/** What is built, and of which routes.toml. */
export interface BuildOrder {
  readonly name: string;
  /** Relative to the project; left out: the project's own. */
  readonly entry?: string;
  readonly routesPath: string;
  /** `readable`: not minified, for profiles. */
  readonly form?: "shipped" | "readable";
}

/** Builds with `wrangler deploy --dry-run --outdir`, minified as wrangler.toml says, in a directory of its own. */
export async function buildGateway(order: BuildOrder, directory: string): Promise<Build> {
  const own = join(directory, order.name);
  // The dashboard's files are no part of the script: an empty directory stands in for them.
  const assets = join(own, "assets");
  await mkdir(assets, { recursive: true });
  const tsconfig = join(own, "tsconfig.json");
  // Its `paths` lead #bundled-config to this build's own compiled file.
  const paths = { "#bundled-config": [join(own, "bundled-config.js")] };
  await writeFile(tsconfig, JSON.stringify({ extends: join(ROOT, "tsconfig.json"), compilerOptions: { paths } }));
  const entry = order.entry === undefined ? [] : [order.entry];
  const outdir = join(own, "out");
  const minify = order.form === "readable" ? ["--no-minify"] : [];
  await run(
    [
      "deploy",
      ...entry,
      ...minify,
      "--dry-run",
      "--outdir",
      outdir,
      "--config",
      "wrangler.toml",
      "--tsconfig",
      tsconfig,
      "--assets",
      assets,
    ],
    {
      TO11_DIST: own,
      TO11_ROUTES: order.routesPath,
      TO11_LOCAL: "1",
    },
  );
  const scriptName = order.entry === undefined ? "worker.js" : `${order.entry.split("/").at(-1)}`;
  const script = await readFile(join(outdir, scriptName), "utf8");
  return { script, bytes: Buffer.byteLength(script), gzipBytes: gzipSync(script).length };
}

function run(parameters: readonly string[], environment: Readonly<Record<string, string>>): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [WRANGLER, ...parameters], {
      cwd: ROOT,
      env: { ...process.env, ...environment, WRANGLER_SEND_METRICS: "false", WRANGLER_WRITE_LOGS: "false" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (said += text));
    child.once("error", reject);
    child.once("close", (code) => (code === 0 ? resolve() : reject(new Error(`wrangler deploy --dry-run failed:\n${said}`))));
  });
}
