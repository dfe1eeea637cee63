import { parse, TomlError } from "smol-toml";
import { fail, ok, type Result } from "../../core/result.ts";
import type { Problem } from "./problem.ts";

/** Nesting that no routes.toml needs, and that no reader of it should have to survive. */
export const MAX_DEPTH = 32;

/** The file's values, or the one place where it stops being TOML. Integers beyond 2⁵³ come as bigint. */
export function readToml(toml: string): Result<unknown, Problem> {
  try {
    const values = parse(toml, { integersAsBigInt: "asNeeded" });
    if (isDeeperThan(values, MAX_DEPTH)) return fail(syntaxProblem(`holds tables or arrays more than ${MAX_DEPTH} deep`, 1, 1));
    return ok(values);
  } catch (error) {
    if (!(error instanceof TomlError)) return fail(syntaxProblem("is not valid TOML", null, null));
    // Further lines of the message quote the file, which may hold a key pasted by mistake.
    const reason = error.message.split("\n", 1)[0]?.replace("Invalid TOML document: ", "") ?? "";
    return fail(syntaxProblem(`is not valid TOML: ${reason}`, error.line, error.column));
  }
}

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeperThan(inner, depth - 1));
}

function syntaxProblem(message: string, line: number | null, column: number | null): Problem {
  return { severity: "error", path: "", line, column, message };
}
