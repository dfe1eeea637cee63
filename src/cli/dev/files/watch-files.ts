import { watch } from "node:fs";
import { basename, dirname } from "node:path";

/** Editors write a file in several steps; one change is told after this much quiet. */
const QUIET_MS = 80;

/** Tells of changes of files until closed. Directories are watched, since editors replace files rather than write into them. */
export function watchFiles(files: ReadonlyMap<string, () => void>): { close(): void } {
  const timers = new Map<string, NodeJS.Timeout>();
  const watchers = [...new Set([...files.keys()].map((path) => dirname(path)))].map((directory) =>
    watch(directory, (_event, name) => {
      for (const [path, changed] of files) {
        if (dirname(path) !== directory || (name !== null && name !== basename(path))) continue;
        clearTimeout(timers.get(path));
        timers.set(path, setTimeout(changed, QUIET_MS));
      }
    }),
  );
  return {
    close() {
      for (const timer of timers.values()) clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}
