import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { parse } from "smol-toml";
import { bundledModule } from "../src/cli/build/bundled-module.ts";
import { compile } from "../src/config/compile.ts";
import { documentVersion, writeDocument } from "../src/config/document.ts";
import { formatProblem } from "../src/config/file/problem.ts";

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

/** What of wrangler.toml does not carry over to a file elsewhere. */
interface Wrangler {
  readonly main: string;
  readonly build: unknown;
  readonly assets: unknown;
}

/**
 * Builds with `wrangler deploy --dry-run --outdir` by wrangler.toml, minified as it says. Left out of it: the dashboard, which is no part of the script,
 * and the command that compiles routes.toml, which each build does for itself.
 */
export async function buildGateway(order: BuildOrder, directory: string): Promise<Build> {
  const own = join(directory, order.name);
  await mkdir(own, { recursive: true });
  await writeFile(join(own, "bundled-config.js"), await bundledConfig(order.routesPath));
  // Its `paths` lead #bundled-config to this build's own compiled file.
  const paths = { "#bundled-config": [join(own, "bundled-config.js")] };
  await writeFile(join(own, "tsconfig.json"), JSON.stringify({ extends: join(ROOT, "tsconfig.json"), compilerOptions: { paths } }));
  const { build: _build, assets: _assets, ...settings } = parse(await readFile(join(ROOT, "wrangler.toml"), "utf8")) as unknown as Wrangler;
  const entry = join(ROOT, order.entry ?? settings.main);
  const minify = order.form === "readable" ? { minify: false } : {};
  await writeFile(join(own, "wrangler.json"), JSON.stringify({ ...settings, ...minify, main: entry }));
  const [config, tsconfig, outdir] = ["wrangler.json", "tsconfig.json", "out"].map((name) => join(own, name));
  await run(["deploy", "--dry-run", `--outdir=${outdir}`, `--config=${config}`, `--tsconfig=${tsconfig}`]);
  const script = await readFile(join(own, "out", `${basename(entry, extname(entry))}.js`), "utf8");
  return { script, bytes: Buffer.byteLength(script), gzipBytes: gzipSync(script).length };
}

async function bundledConfig(routesPath: string): Promise<string> {
  const toml = await readFile(routesPath, "utf8");
  const compiled = compile(toml, { localDevelopment: true });
  if (!compiled.ok) throw new Error(compiled.error.map((problem) => formatProblem(problem, routesPath)).join("\n"));
  const document = writeDocument(toml, compiled.value.compiled);
  return bundledModule({ document, version: await documentVersion(document), builtAtMs: null });
}

function run(parameters: readonly string[]): Promise<void> {
  return new Promise((built, reject) => {
    const child = spawn(process.execPath, [WRANGLER, ...parameters], {
      cwd: ROOT,
      env: { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_WRITE_LOGS: "false" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (said += text));
    child.once("error", reject);
    child.once("close", (code) => (code === 0 ? built() : reject(new Error(`wrangler deploy --dry-run failed:\n${said}`))));
  });
}
