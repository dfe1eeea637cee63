import { readFile } from "node:fs/promises";
import { build } from "esbuild";
import { parse } from "smol-toml";
import * as z from "zod";

/** The Worker's script without its configuration: each test's gateway brings its own `bundled-config.js`. */
export const WORKER_SCRIPT = "dist/test/worker.js";

/** What of wrangler.toml decides which code is in the script. */
const wranglerSchema = z.object({ alias: z.record(z.string(), z.string()) });

/** Bundles the Worker once for all tests that run it. Vitest calls it before the first of them. */
export default async function setup(): Promise<void> {
  const { alias } = wranglerSchema.parse(parse(await readFile("wrangler.toml", "utf8")));
  await build({
    entryPoints: ["src/worker.ts"],
    outfile: WORKER_SCRIPT,
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*", "./bundled-config.js"],
    alias: { ...alias, "#bundled-config": "./bundled-config.js" },
    logLevel: "error",
  });
}
