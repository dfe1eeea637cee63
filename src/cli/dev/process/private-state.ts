import { chmodSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** What everybody but the owner may do with a file that is made from now on: nothing. */
const OWNER_ONLY = 0o077;

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

/** Files that this process and those it starts make are their user's alone. Traces may hold what was said. */
export function keepToOneself(): void {
  process.umask(OWNER_ONLY);
}

/** Makes a folder and all that an earlier run has left in it its user's alone. */
export function makePrivate(directory: string): void {
  chmodSync(directory, DIRECTORY_MODE);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) makePrivate(path);
    else if (entry.isFile()) chmodSync(path, FILE_MODE);
  }
}
