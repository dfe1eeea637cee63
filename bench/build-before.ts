import { execFileSync } from "node:child_process";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Build } from "./build.ts";

const ROOT = join(import.meta.dirname, "..");

/** Builds the gateway of another commit of this repository, by that commit's own bench, with the packages that are installed here. */
export async function buildBefore(commit: string, routesPath: string, directory: string): Promise<Build> {
  const own = join(directory, "before");
  git("worktree", "add", "--detach", own, commit);
  try {
    await symlink(join(ROOT, "node_modules"), join(own, "node_modules"));
    const { buildGateway } = (await import(pathToFileURL(join(own, "bench/build.ts")).href)) as typeof import("./build.ts");
    return await buildGateway({ name: "gateway-before", routesPath }, directory);
  } finally {
    git("worktree", "remove", "--force", own);
  }
}

function git(...parameters: readonly string[]): void {
  execFileSync("git", ["-C", ROOT, ...parameters], { stdio: ["ignore", "ignore", "inherit"] });
}
