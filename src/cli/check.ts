import { formatProblem, type Problem } from "../config/file/problem.ts";
import { CommandFailure } from "./command-failure.ts";
import { credentialsOf, gatewayKeysOf, malformedSecrets, missingLine } from "./needed-secrets.ts";
import { readRoutesFile, type RoutesFile } from "./routes-file.ts";
import { paint, paintError, print, printError, printJson } from "./terminal/terminal.ts";
import { visible } from "./terminal/visible.ts";
import { openToAll } from "./wrangler/open-to-all.ts";
import { envFileOf, isSet, requireVariables, type Variables } from "./variables.ts";

/** What `to11 check` was given. */
export interface CheckOptions {
  readonly routes: string;
  /** Judge it as `to11 dev` does, which may call this machine over plain http. */
  readonly local?: boolean;
  readonly envFile?: string;
  readonly json?: boolean;
}

/** Tells every problem of a routes.toml, as a deploy would see it unless `local`; with an env file also each variable that is missing or malformed. */
export async function check(options: CheckOptions, shell: Variables): Promise<void> {
  const file = await readRoutesFile(options.routes, { localDevelopment: options.local === true });
  const inFile = file.ok ? [...file.value.warnings, ...(await openToAll(file.value))] : file.error;
  const inVariables = file.ok && options.envFile !== undefined ? await variableProblems(file.value, options.envFile, shell) : [];
  const failed = [...inFile, ...inVariables].some((problem) => problem.severity === "error");
  if (options.json) {
    printJson({ ok: !failed, problems: [...inFile, ...inVariables] });
  } else {
    printError(...inFile.map((problem) => dressed(problem, options.routes)));
    printError(...inVariables.map((problem) => dressed(problem, options.envFile ?? "")));
    if (!failed && file.ok) print(`${options.routes} ${paint("green", "is fine")}: ${contents(file.value)}`);
  }
  if (failed) throw new CommandFailure("");
}

async function variableProblems({ compiled }: RoutesFile, envFile: string, shell: Variables): Promise<Problem[]> {
  const variables = await requireVariables(envFileOf(envFile), shell);
  const missing = [...gatewayKeysOf(compiled), ...credentialsOf(compiled)].filter(({ name }) => !isSet(variables, name));
  const messages = [...missing.map((secret) => missingLine(secret, envFile)), ...malformedSecrets(compiled, variables)];
  return messages.map((message) => ({ severity: "error", path: "", line: null, column: null, message }));
}

function dressed(problem: Problem, file: string): string {
  return paintError(problem.severity === "error" ? "red" : "yellow", visible(formatProblem(problem, file)));
}

function contents({ compiled }: RoutesFile): string {
  const functions = compiled.routes.filter((route) => route.layer === "function").length;
  return `${count(compiled.providers.length, "provider")}, ${count(compiled.routes.length - functions, "route")}, ${count(functions, "function")}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
