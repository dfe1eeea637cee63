import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandFailure } from "../command-failure.ts";

/**
 * Takes a state folder for this process: two gateways on one would corrupt or lock each other out. Answers with what gives it back.
 * @throws {CommandFailure} while another process that still runs has it.
 */
export function lockState(directory: string): () => void {
  const path = join(directory, "to11.pid");
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw new CommandFailure(
      `--persist-to ${directory}: no directory can be made there (${error instanceof Error ? error.message : String(error)})`,
    );
  }
  const holder = holderOf(path);
  if (holder !== null) {
    throw new CommandFailure(
      `Another "to11 dev" (process ${holder}) keeps its state in ${directory}. Stop it, or give this one its own: --persist-to DIRECTORY`,
    );
  }
  writeFileSync(path, String(process.pid));
  return () => rmSync(path, { force: true });
}

/** The process that holds the lock and still runs; what a killed process left behind does not count. */
function holderOf(path: string): number | null {
  try {
    const pid = Number(readFileSync(path, "utf8"));
    if (!Number.isSafeInteger(pid) || pid < 1) return null;
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    // EPERM: it runs, as another user.
    return error instanceof Error && "code" in error && error.code === "EPERM" ? Number(readFileSync(path, "utf8")) : null;
  }
}
