import type { Problem } from "../config/problem.ts";
import { CommandFailure } from "./command-failure.ts";
import { credentialsOf, gatewayKeysOf, malformedKeys, missingLine } from "./needed-secrets.ts";
import { problemLines, readRoutesFile, type RoutesFile } from "./routes-file.ts";
import { paint, paintError, print, printError, printJson } from "./terminal.ts";
import { envFileOf, isSet, requireVariables, type Variables } from "./variables.ts";

/** What `to11 check` was given. */
export interface CheckOptions {
  readonly routes: string;
  readonly envFile?: string;
  readonly json?: boolean;
}

/** Tells every problem of a routes.toml, as a deploy would see it; with an env file also each variable that is missing or malformed. */
export async function check(options: CheckOptions, shell: Variables): Promise<void> {
  const file = await readRoutesFile(options.routes, { localDevelopment: false });
  const problems = [...(file.ok ? file.value.warnings : file.error)];
  if (file.ok && options.envFile !== undefined) {
    problems.push(...variableProblems(file.value, await requireVariables(envFileOf(options.envFile), shell), options.envFile));
  }
  const failed = problems.some((problem) => problem.severity === "error");
  if (options.json) {
    printJson({ ok: !failed, problems });
  } else {
    for (const problem of problems) {
      const [line = ""] = problemLines([problem], options.routes);
      printError(problem.severity === "error" ? line : paintError("yellow", line));
    }
    if (!failed) print(`${options.routes} ${paint("green", "is fine")}${file.ok ? `: ${contents(file.value)}` : ""}`);
  }
  if (failed) throw new CommandFailure("");
}

function variableProblems(file: RoutesFile, variables: Variables, envFile: string): Problem[] {
  const missing = [...gatewayKeysOf(file.compiled), ...credentialsOf(file.compiled)].filter(({ name }) => !isSet(variables, name));
  const messages = [...missing.map((secret) => missingLine(secret, envFile)), ...malformedKeys(file.compiled, variables)];
  return messages.map((message) => ({ severity: "error", path: "", line: null, column: null, message }));
}

function contents({ compiled }: RoutesFile): string {
  const functions = compiled.routes.filter((route) => route.layer === "function").length;
  return `${count(compiled.providers.length, "provider")}, ${count(compiled.routes.length - functions, "route")}, ${count(functions, "function")}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
