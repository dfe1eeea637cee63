import { type Command, InvalidArgumentError } from "commander";
import { KEY_SCOPES } from "../../core/governance/issued-key.ts";
import { DEFAULT_URL } from "./gateway-url.ts";

/** Adds the commands that deal with issued keys: `to11 key create` and its like. */
export function addKeyCommands(key: Command): void {
  settingOptions(keyCommand(key, "create", "have a gateway make a key; its secret is told once"))
    .requiredOption("--name <name>", "what it is called")
    .action(async (options) => (await import("./keys.ts")).createKey(options, process.env));

  keyCommand(key, "list", "list a project's keys, newest first")
    .option("--all", "with those that have ended")
    .action(async (options) => (await import("./keys.ts")).listKeys(options, process.env));

  keyCommand(key, "show <id>", "show one key").action(async (id, options) => (await import("./keys.ts")).showKey(id, options, process.env));

  settingOptions(
    keyCommand(key, "change <id>", 'change what is said of a key and what it may; "none" takes a plan, team, owner or end away'),
  )
    .option("--name <name>", "what it is called")
    .action(async (id, options) => (await import("./keys.ts")).changeKey(id, options, process.env));

  keyCommand(key, "rotate <id>", "give a key a new secret, told once; the one before works on for a while")
    .option("--overlap <span>", "for how long: 24h, 30m, 7d, or 0", "24h")
    .action(async (id, options) => (await import("./keys.ts")).rotateKey(id, options, process.env));

  keyCommand(key, "revoke <id>", "end a key for good").action(async (id, options) =>
    (await import("./keys.ts")).revokeKey(id, options, process.env),
  );
}

function keyCommand(key: Command, name: string, description: string): Command {
  return key
    .command(name)
    .description(description)
    .option("--url <url>", "the gateway", DEFAULT_URL)
    .option("--project <id>", "the project, where the gateway serves several")
    .option("--json", "print JSON");
}

function settingOptions(command: Command): Command {
  return command
    .option("--plan <name>", "[plans.NAME] of routes.toml: what it may ask for (default: everything)")
    .option("--team <name>", "whose budget it is on")
    .option("--owner <name>", "who uses it")
    .option("--expires <when>", "when it ends: 90d, 12h, or an ISO 8601 time")
    .option("--scope <name...>", `what it may be used for: ${KEY_SCOPES.join(", ")} (default: call)`)
    .option("--meta <name=value...>", "told in the traces of its calls", metadata)
    .option("--limit <name=number...>", "requests_per_minute=60, usd_per_month=50, …", limits);
}

function metadata(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const [, name = "", value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (value === undefined) throw new InvalidArgumentError("It takes NAME=VALUE.");
  return { ...before, [name]: value };
}

function limits(text: string, before: Readonly<Record<string, number>> = {}): Readonly<Record<string, number>> {
  const [, name = "", value = ""] = /^([a-z_]+)=(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (value === "") throw new InvalidArgumentError("It takes NAME=NUMBER, such as requests_per_minute=60.");
  return { ...before, [name]: Number(value) };
}
