import { readFileSync } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import * as z from "zod";

const ROOT = resolve(import.meta.dirname, "../..");

/** What `npm ci` may bring, as `du -sm node_modules` tells it. */
const LIMIT_MIB = 450;

/** Size of a block that `lstat` counts in: https://man7.org/linux/man-pages/man3/stat.3type.html, st_blocks. */
const BLOCK_BYTES = 512;

const lockSchema = z.object({ packages: z.record(z.string(), z.looseObject({ dev: z.optional(z.boolean()) })) });

it("what `npm ci` installs, without what only checks need, stays small", async () => {
  const { packages } = lockSchema.parse(JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")));
  const installed = Object.entries(packages).filter(([path, { dev }]) => path.startsWith("node_modules/") && dev !== true);
  // Files that several packages link are there once.
  const blocks = new Map<number, number>();
  for (const [path] of installed) await addBlocks(join(ROOT, path), blocks);
  const mib = ([...blocks.values()].reduce((sum, count) => sum + count, 0) * BLOCK_BYTES) / 1024 ** 2;
  expect(mib).toBeGreaterThan(100);
  expect(mib).toBeLessThan(LIMIT_MIB);
});

/** Adds what lies under a package's directory, but not the packages inside it: they stand in the lock file by themselves. */
async function addBlocks(path: string, blocks: Map<number, number>): Promise<void> {
  const own = await lstat(path).catch(() => undefined);
  // A package for another system.
  if (own === undefined) return;
  blocks.set(own.ino, own.blocks);
  if (!own.isDirectory()) return;
  const names = (await readdir(path)).filter((name) => name !== "node_modules");
  await Promise.all(names.map((name) => addBlocks(join(path, name), blocks)));
}
