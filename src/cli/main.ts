#!/usr/bin/env -S node --
// The `--` is for the option --env-file: Node takes it for its own, even after the script, and stops where there is no such file.
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { CommandFailure } from "./command-failure.ts";
import { SIMULATE_CHOICES } from "./dev/simulate-choice.ts";
import { clearProgress, paintError, printError } from "./terminal/terminal.ts";
import { addGatewayCommands } from "./control/gateway-commands.ts";
import { addKeyCommands } from "./control/key-commands.ts";
import manifest from "../../package.json" with { type: "json" };

// Each command loads only what it needs: `to11 build` runs before every start and must be quick.

const routes = () => new Option("--routes <file>", "the routing configuration").default("routes.toml");

const program = new Command("to11")
  .description("An AI gateway in your own Cloudflare account: run it, check it, publish to it, look at it.")
  .version(manifest.version)
  .exitOverride()
  .addHelpText(
    "after",
    "\nCommands that take --url read TO11_ADMIN_KEY from the environment, else from .dev.vars.\nExit codes: 0, 1 (a problem was found), 2 (wrong usage).",
  )
  .showHelpAfterError('("to11 --help" lists the commands)');

program
  .command("dev")
  .description("run the gateway on this machine")
  .addOption(routes())
  .option("--port <number>", "where it listens", portNumber, 4000)
  .option("--env-file <file>", "variables; the shell's environment wins (default: .dev.vars, if there)")
  .option("--persist-to <directory>", "what it keeps between runs", ".wrangler/state")
  .addOption(new Option("--simulate <which>", "whom the simulator stands in for").choices(SIMULATE_CHOICES).default("auto"))
  .option("--quiet", "no line for each request")
  .action(async (options) => {
    const { dev } = await import("./dev/dev.ts");
    await dev(options, process.env);
  });

program
  .command("check [file]")
  .description("tell all that is wrong with the file, as a deploy would see it; with --env-file its variables too")
  .addOption(routes())
  .option("--local", "as to11 dev sees it: plain http to this machine is allowed")
  .option("--env-file <file>", "variables to check as well; the shell's environment wins")
  .option("--json", "print the problems as JSON")
  .action(async (file, options) => {
    const { check } = await import("./check.ts");
    await check({ ...options, routes: file ?? options.routes }, process.env);
  });

addGatewayCommands(program, routes);

const key = program.command("key").description("gateway keys: those that the gateway makes, and, by new, those of [auth].api_keys");
addKeyCommands(key);
key
  .command("new")
  .description("make a key for [auth].api_keys, on this machine")
  .action(async () => {
    const { printNewKey } = await import("./key.ts");
    printNewKey();
  });

program
  .command("deploy")
  .description("check, deploy with wrangler, publish to what was deployed")
  .addOption(routes())
  .option("--secrets-file <file>", "secrets to upload with the first deploy: NAME=value lines, or JSON")
  .option("--dry-run", "build only, and tell the script's size after gzip, with routes.toml in it")
  .option("--max-script-kib <number>", "with --dry-run: fail if the script is larger (default: no limit)", positiveNumber)
  .option("--project <id>", "the project to publish to")
  .action(async (options) => {
    const { deploy, publishToDeployed } = await import("./wrangler/deploy.ts");
    const { runWrangler } = await import("./wrangler/wrangler.ts");
    await deploy(options, { shell: process.env, runWrangler, publish: publishToDeployed });
  });

program
  .command("build", { hidden: true })
  .description("internal: what wrangler.toml's [build] runs")
  .action(async () => {
    const { build } = await import("./build/build.ts");
    await build(process.env);
  });

process.exitCode = await run();

async function run(): Promise<number> {
  try {
    await program.parseAsync();
    return 0;
  } catch (error) {
    clearProgress();
    // Commander has already said what was wrong, or printed the help it was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    // A file that cannot be written, a program that cannot be started: the system's words say which and why.
    if (error instanceof Error && "syscall" in error) {
      printError(paintError("red", error.message));
      return 1;
    }
    if (!(error instanceof CommandFailure)) throw error;
    if (error.message !== "") printError(paintError("red", error.message));
    return error.exitCode;
  }
}

function positiveNumber(text: string): number {
  const number = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && number > 0) return number;
  throw new InvalidArgumentError("A number above 0 is expected.");
}

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError("A port is a whole number from 1 to 65535.");
}
