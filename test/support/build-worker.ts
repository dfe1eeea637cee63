import { build } from "esbuild";

/** The Worker's script without its configuration: each test's gateway brings its own `bundled-config.js`. */
export const WORKER_SCRIPT = "dist/test/worker.js";

/** Bundles the Worker once for all tests that run it. Vitest calls it before the first of them. */
export default async function setup(): Promise<void> {
  await build({
    entryPoints: ["src/worker.ts"],
    outfile: WORKER_SCRIPT,
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*", "./bundled-config.js"],
    alias: { "#bundled-config": "./bundled-config.js" },
    logLevel: "error",
  });
}
