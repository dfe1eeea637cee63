import { readFile } from "node:fs/promises";
import { fail, ok, type Result } from "../core/result.ts";

/** Why a file gave no text. */
export interface Unreadable {
  readonly kind: "absent" | "unreadable";
  readonly message: string;
}

/** The text of a file, or why it cannot be read. */
export async function readText(path: string): Promise<Result<string, Unreadable>> {
  try {
    return ok(await readFile(path, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return fail({ kind: "absent", message: "there is no such file" });
    }
    return fail({ kind: "unreadable", message: `cannot be read: ${error instanceof Error ? error.message : String(error)}` });
  }
}
