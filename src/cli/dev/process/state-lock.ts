import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CommandFailure } from "../../command-failure.ts";
import { takeLock } from "../../process-lock.ts";

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
  const lock = takeLock(path);
  if (lock !== "taken") {
    throw new CommandFailure(
      `Another "to11 dev" (process ${lock.holder}) keeps its state in ${directory}. Stop it, or give this one its own: --persist-to DIRECTORY`,
    );
  }
  return () => rmSync(path, { force: true });
}
