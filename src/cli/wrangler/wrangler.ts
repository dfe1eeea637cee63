import { spawn } from "node:child_process";
import { PROJECT_ROOT, WRANGLER_CLI } from "../project-root.ts";
import type { Variables } from "../variables.ts";

/** What came of one wrangler command. */
export interface WranglerRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a wrangler command is run. `show` gets its output as it comes. */
export interface WranglerOptions {
  readonly environment: Variables;
  readonly show?: (text: string) => void;
}

/** Runs wrangler with these arguments; `deploy` is tested with a stand-in for it. */
export type RunWrangler = (parameters: readonly string[], options: WranglerOptions) => Promise<WranglerRun>;

/** Runs the project's wrangler on the project's wrangler.toml. */
export const runWrangler: RunWrangler = (parameters, options) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [WRANGLER_CLI, ...parameters, "--config", "wrangler.toml"], {
      cwd: PROJECT_ROOT,
      env: { ...options.environment },
      stdio: ["inherit", "pipe", "pipe"],
    });
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        said[name] += text;
        options.show?.(text);
      });
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ exitCode: code ?? 1, ...said }));
  });
