import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** Builds the dashboard once for all tests that start a gateway, so that none of them changes the files that another serves. Vitest calls it before the first. */
export default async function setup(): Promise<void> {
  const root = join(import.meta.dirname, "../..");
  // Not the tests' own environment: NODE_ENV would choose another build of React.
  await promisify(execFile)(process.execPath, ["src/cli/main.ts", "build"], { cwd: root, env: { PATH: process.env["PATH"] ?? "" } });
}
