import { join, resolve } from "node:path";

/** The checkout that this command belongs to: where wrangler.toml and node_modules are. */
export const PROJECT_ROOT = resolve(import.meta.dirname, "../..");

/** Wrangler's own command line, run with this Node. */
export const WRANGLER_CLI = join(PROJECT_ROOT, "node_modules/wrangler/bin/wrangler.js");
