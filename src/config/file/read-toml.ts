import { parse, TomlError } from "smol-toml";
import { fail, ok, type Result } from "../../core/result.ts";
import type { Problem } from "./problem.ts";

/** Nesting that no routes.toml needs, and that no reader of it should have to survive. */
export const MAX_DEPTH = 32;

/** Longest file, in characters: with what it means it has to fit into 2 MB of an object's row, and whoever checks one waits for it. */
const MAX_CHARACTERS = 1_048_576;

/** Keys, tables and elements of a file: as many as a megabyte has in lines of twenty characters. Each may be wrong, and is then spoken of. */
const MAX_VALUES = 50_000;

/** The file's values, or the one place where it stops being TOML. Integers beyond 2⁵³ come as bigint. */
export function readToml(toml: string): Result<unknown, Problem> {
  if (toml.length > MAX_CHARACTERS)
    return fail(syntaxProblem(`has ${toml.length} characters; at most ${MAX_CHARACTERS} are read`, null, null));
  try {
    const values = parse(toml, { integersAsBigInt: "asNeeded" });
    const left = valuesLeft(values, MAX_VALUES, MAX_DEPTH);
    if (left === "too_deep") return fail(syntaxProblem(`holds tables or arrays more than ${MAX_DEPTH} deep`, 1, 1));
    if (left < 0) return fail(syntaxProblem(`holds more than ${MAX_VALUES} keys, tables and elements`, 1, 1));
    return ok(values);
  } catch (error) {
    if (!(error instanceof TomlError)) return fail(syntaxProblem("is not valid TOML", null, null));
    // Further lines of the message quote the file, which may hold a key pasted by mistake.
    const reason = error.message.split("\n", 1)[0]?.replace("Invalid TOML document: ", "") ?? "";
    return fail(syntaxProblem(`is not valid TOML: ${reason}`, error.line, error.column));
  }
}

/** How many more values the file may hold once this one is counted with all inside it; below 0, it holds too many. */
function valuesLeft(value: unknown, allowed: number, depth: number): number | "too_deep" {
  let left = allowed - 1;
  if (typeof value !== "object" || value === null) return left;
  if (depth === 0) return "too_deep";
  for (const inner of Object.values(value)) {
    if (left < 0) return left;
    const counted = valuesLeft(inner, left, depth - 1);
    if (counted === "too_deep") return counted;
    left = counted;
  }
  return left;
}

function syntaxProblem(message: string, line: number | null, column: number | null): Problem {
  return { severity: "error", path: "", line, column, message };
}
