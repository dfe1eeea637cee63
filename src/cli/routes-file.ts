import type { CompiledConfig } from "../config/compiled.ts";
import { compile } from "../config/compile.ts";
import { formatProblem, type Problem } from "../config/file/problem.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { countsMoney } from "../config/settle/check-priced.ts";
import { priceTable } from "./build/build-prices.ts";
import { CommandFailure } from "./command-failure.ts";
import { visible } from "./terminal/visible.ts";
import { readText, type Unreadable } from "./text-file.ts";

/** Where routing stands unless `--routes` says otherwise. */
export const DEFAULT_ROUTES = "routes.toml";

/** A routes.toml that compiled. */
export interface RoutesFile {
  /** As it was named. */
  readonly path: string;
  readonly toml: string;
  readonly compiled: CompiledConfig;
  readonly warnings: readonly Problem[];
}

/** Reads and compiles a routes.toml, or tells all that is wrong with it; a file that cannot be read is one problem. */
export async function readRoutesFile(
  path: string,
  options: { readonly localDevelopment: boolean },
): Promise<Result<RoutesFile, readonly Problem[]>> {
  const text = await readText(path);
  const file = compileRoutesFile(path, text, options);
  if (!text.ok || !file.ok || !countsMoney(file.value.compiled)) return file;
  // What models cost is only asked where it matters: the package takes longer to load than most commands to run.
  const priced = compile(text.value, { ...options, prices: await priceTable() });
  return priced.ok ? ok({ path, toml: text.value, ...priced.value }) : priced;
}

/** As `readRoutesFile`, of a text that was read already. */
export function compileRoutesFile(
  path: string,
  text: Result<string, Unreadable>,
  options: { readonly localDevelopment: boolean },
): Result<RoutesFile, readonly Problem[]> {
  if (!text.ok) return fail([{ severity: "error", path: "", line: null, column: null, message: text.error.message }]);
  const result = compile(text.value, options);
  return result.ok ? ok({ path, toml: text.value, ...result.value }) : result;
}

/** As `readRoutesFile`. @throws {CommandFailure} with every problem of the file. */
export async function requireRoutesFile(path: string, options: { readonly localDevelopment: boolean }): Promise<RoutesFile> {
  const file = await readRoutesFile(path, options);
  if (!file.ok) throw new CommandFailure(problemLines(file.error, path).join("\n"));
  return file.value;
}

/** Problems as lines that name the file, one each: a message may quote the file. */
export function problemLines(problems: readonly Problem[], path: string): string[] {
  return problems.map((problem) => visible(formatProblem(problem, path)));
}
