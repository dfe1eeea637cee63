import { parseEnv } from "node:util";
import { trimmedSecret } from "../core/secrets/secret-fault.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { CommandFailure } from "./command-failure.ts";
import { malformedLines } from "./env-lines.ts";
import { readText } from "./text-file.ts";

/** Values by name: what an env file and the shell hold. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Where local variables stand unless `--env-file` says otherwise. */
export const DEFAULT_ENV_FILE = ".dev.vars";

/** An env file by its path; `required` when the user named it. */
export interface EnvFile {
  readonly path: string;
  readonly required: boolean;
}

/** `--env-file` as given, or the usual file where it was not. */
export function envFileOf(option: string | undefined): EnvFile {
  return option === undefined ? { path: DEFAULT_ENV_FILE, required: false } : { path: option, required: true };
}

/**
 * The env file's variables with the shell's over them: the shell's environment wins. A file that is not there is fine unless `required`; one with a line that
 * is none is refused, since a key is probably missing then.
 */
export async function readVariables(envFile: EnvFile, shell: Variables): Promise<Result<Variables, string>> {
  const text = await readText(envFile.path);
  if (text.ok) {
    const variables = readEnvText(envFile.path, text.value);
    return variables.ok ? ok({ ...variables.value, ...shell }) : variables;
  }
  if (text.error.kind === "absent" && !envFile.required) return ok(shell);
  return fail(`${envFile.path}: ${text.error.message}`);
}

/** The variables in the text of an env file, or every line that is none. */
export function readEnvText(path: string, text: string): Result<Variables, string> {
  const faults = malformedLines(text);
  if (faults.length > 0) return fail(faults.map(({ line, message }) => `${path}:${line} error ${message}`).join("\n"));
  return ok(parseEnv(text));
}

/** As `readVariables`. @throws {CommandFailure} where the file cannot be read. */
export async function requireVariables(envFile: EnvFile, shell: Variables): Promise<Variables> {
  const variables = await readVariables(envFile, shell);
  if (!variables.ok) throw new CommandFailure(variables.error);
  return variables.value;
}

/** A variable's value as the Worker takes it: without white space around it; nothing where it is not set. */
export function valueOf(variables: Variables, name: string): string {
  return trimmedSecret(variables[name]);
}

/** A variable counts as set when it holds something. */
export function isSet(variables: Variables, name: string): boolean {
  return valueOf(variables, name) !== "";
}
