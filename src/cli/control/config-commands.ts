import { writeFile } from "node:fs/promises";
import { type GatewayClient, type PublishedConfig, UnknownProject } from "./gateway-client.ts";
import { connect, type GatewayOptions } from "./gateway-options.ts";
import { condense, lineDiff } from "../terminal/line-diff.ts";
import { problemLines } from "../routes-file.ts";
import { CommandFailure } from "../command-failure.ts";
import { formatTable } from "../terminal/table.ts";
import { paint, paintError, print, printError, printJson, printText, type Format } from "../terminal/terminal.ts";
import { readText } from "../text-file.ts";
import type { Variables } from "../variables.ts";

/** Unchanged lines shown around a change. */
const DIFF_CONTEXT_LINES = 2;

/** Publishes the file over what serves now, or as the first of a project that is named. The gateway checks it again, by its own rules. */
export async function publish(options: GatewayOptions & { readonly routes: string }, shell: Variables): Promise<void> {
  const toml = await requireText(options.routes);
  const gateway = await connect(options, shell);
  const base = await versionOrNone(gateway);
  const published = await gateway.publish(toml, base);
  if (options.json) printJson(published);
  else sayPublished(published, { path: options.routes, project: base === NO_VERSION ? "new" : "known" });
}

/** What a project's first version is made from. */
const NO_VERSION = "none";

async function versionOrNone(gateway: GatewayClient): Promise<string> {
  try {
    return (await gateway.config()).version;
  } catch (error) {
    if (error instanceof UnknownProject) return NO_VERSION;
    throw error;
  }
}

/** Lists the projects, each with what serves it and since when. */
export async function projects(options: GatewayOptions, shell: Variables): Promise<void> {
  const list = await (await connect(options, shell)).projects();
  if (options.json) return printJson(list);
  const rows = list.map(({ id, version, published_at, source }) => [
    id,
    version.slice(0, 8),
    source === "bundled" ? "the file of the deploy" : "published",
    published_at ?? "-",
  ]);
  print(...formatTable([["PROJECT", "VERSION", "SOURCE", "SINCE"], ...rows]));
}

/** Prints the TOML that serves now, or writes it to a file. */
export async function pull(options: GatewayOptions & { readonly output?: string }, shell: Variables): Promise<void> {
  const config = await (await connect(options, shell)).config();
  if (options.json) printJson(config);
  else if (options.output === undefined) printText(config.toml);
  else {
    await writeFile(options.output, config.toml);
    printError(`${config.version.slice(0, 8)} written to ${options.output}`);
  }
}

/** Prints the history, newest first. */
export async function versions(options: GatewayOptions, shell: Variables): Promise<void> {
  const list = await (await connect(options, shell)).versions();
  if (options.json) return printJson(list);
  if (list.length === 0) return print("Nothing was published yet: the file of the deploy serves.");
  const rows = list.map((entry) => [entry.current ? "*" : " ", entry.version.slice(0, 8), entry.published_at, entry.author ?? "unknown"]);
  print(...formatTable([[" ", "VERSION", "PUBLISHED", "AUTHOR"], ...rows]));
}

/** Shows how the local file differs from what serves now, or from one version. */
export async function diff(
  version: string | undefined,
  options: GatewayOptions & { readonly routes: string },
  shell: Variables,
): Promise<void> {
  const local = await requireText(options.routes);
  const gateway = await connect(options, shell);
  const other = version === undefined ? await gateway.config() : await gateway.version(version);
  const lines = condense(lineDiff(other.toml, local), DIFF_CONTEXT_LINES);
  const name = other.version.slice(0, 8);
  if (options.json) return printJson({ version: other.version, file: options.routes, lines });
  if (lines.length === 0) return print(`${options.routes} is the same as ${name}`);
  print(paint("bold", `- ${name}`), paint("bold", `+ ${options.routes}`));
  print(...lines.map(dressed));
}

/** Makes an earlier version serve again. */
export async function rollback(version: string, options: GatewayOptions, shell: Variables): Promise<void> {
  if (!/^[0-9a-f]{8,64}$/.test(version)) {
    throw new CommandFailure(`${version} is no version: 8 to 64 hex digits, as "to11 versions" prints them`, 2);
  }
  const published = await (await connect(options, shell)).rollback(version);
  if (options.json) printJson(published);
  else sayPublished(published, { path: "routes.toml", project: "known" });
}

function sayPublished(published: PublishedConfig, file: { readonly path: string; readonly project: "new" | "known" }): void {
  printError(...problemLines(published.warnings, file.path).map((line) => paintError("yellow", line)));
  const novelty = file.project === "new" ? ", which is new" : "";
  print(`${paint("green", "Published")} ${published.version.slice(0, 8)} to project ${published.project}${novelty}`);
  if (!published.distributed) printError("It is stored; spreading it failed at first and is being tried again.");
}

async function requireText(path: string): Promise<string> {
  const text = await readText(path);
  if (!text.ok) throw new CommandFailure(`${path}: ${text.error.message}`);
  return text.value;
}

const COLOURS: Readonly<Record<string, Format>> = { "-": "red", "+": "green", "…": "dim" };

function dressed(line: string): string {
  const format = COLOURS[line.slice(0, 1)];
  return format === undefined ? line : paint(format, line);
}
