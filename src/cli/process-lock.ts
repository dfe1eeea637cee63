import { readFileSync, rmSync, writeFileSync } from "node:fs";

/** Takes a file as this process's lock, and answers with `"taken"`; or with the process that has it and still runs. What a killed process left behind does not count. */
export function takeLock(path: string): "taken" | { readonly holder: number } {
  const holder = holderOf(path);
  if (holder !== null) return { holder };
  rmSync(path, { force: true });
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return "taken";
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return { holder: holderOf(path) ?? process.pid };
    throw error;
  }
}

function holderOf(path: string): number | null {
  const pid = pidIn(path);
  if (pid === null) return null;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    // EPERM: it runs, as another user.
    return error instanceof Error && "code" in error && error.code === "EPERM" ? pid : null;
  }
}

function pidIn(path: string): number | null {
  try {
    const pid = Number(readFileSync(path, "utf8"));
    return Number.isSafeInteger(pid) && pid >= 1 ? pid : null;
  } catch {
    // Nobody has it.
    return null;
  }
}
