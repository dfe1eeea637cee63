import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** When a file, or anything under a directory, was last changed; a deletion changes its directory. 0: it is not there. */
export async function newestMs(path: string): Promise<number> {
  const own = await changedMs(path);
  const entries = await readdir(path, { recursive: true }).catch(() => []);
  return Math.max(own, ...(await Promise.all(entries.map((entry) => changedMs(join(path, entry))))));
}

async function changedMs(path: string): Promise<number> {
  // An editor's file may be gone by now.
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
}
