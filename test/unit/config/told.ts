import { compile, type CompileOptions } from "../../../src/config/compile.ts";
import { formatProblem } from "../../../src/config/file/problem.ts";

/** What is told of a file, as `line:column severity path: message`; its warnings where it has no errors. */
export function told(toml: string, options: CompileOptions = { localDevelopment: false }): readonly string[] {
  const result = compile(toml, options);
  const problems = result.ok ? result.value.warnings : result.error;
  if (result.ok && problems.some(({ severity }) => severity === "error")) throw new Error("an error is told of, and the file is served");
  return problems.map((problem) => formatProblem(problem, "").replace(/^:/, ""));
}
