import { InvalidArgumentError, Option, type Command } from "commander";
import { DEFAULT_URL } from "./gateway-url.ts";
import { TRACE_FILTERS } from "./trace-filters.ts";

/** Adds the commands that talk to a running gateway. */
export function addGatewayCommands(program: Command, routes: () => Option): void {
  addConfigCommands(program, routes);

  gatewayCommand(program, "explain <model>", "tell where a model would go, calling nobody")
    .option("--path <path>", "the path it would be called by", "/v1/chat/completions")
    .option("--json", "print JSON")
    .action(async (model, options) => {
      const { explain } = await import("./explain.ts");
      await explain(model, options, process.env);
    });

  const traces = gatewayCommand(program, "traces [id]", "show what was asked and who answered, newest last; with an id that one, whole")
    .option("--follow", "go on with each that comes, until interrupted")
    .option("--json", "print one JSON object a line");
  for (const [name, meaning] of Object.entries(TRACE_FILTERS)) traces.option(`--${name.replaceAll("_", "-")} <value>`, meaning);
  traces.action(async (id, options) => {
    const { oneTrace, traces: show } = await import("./traces.ts");
    const filters = filtersOf(options);
    if (id === undefined) return show({ ...options, filters }, process.env);
    if (options.follow === true || Object.keys(filters).length > 0)
      traces.error("an id names one trace: there is nothing to filter or follow");
    return oneTrace(id, options, process.env);
  });

  addUsageCommand(program);

  gatewayCommand(
    program,
    "limits [subject]",
    "show where limits and budgets stand; of one subject, such as key/TO11_API_KEY, or of all that were used in 24 hours",
  )
    .option("--json", "print JSON")
    .action(async (subject, options) => {
      const { limits } = await import("./limits.ts");
      await limits(subject, options, process.env);
    });

  gatewayCommand(program, "simulate <provider>", "give a simulated provider a fault")
    .option("--status <number>", "answer every call with this status", wholeNumber)
    .option("--latency-ms <number>", "answer that much later", wholeNumber)
    .option("--cut-after <number>", "break the answer off after so many events, or bytes", wholeNumber)
    .option("--clear", "take the fault away")
    .action(async (provider, options) => {
      const { simulate } = await import("./simulate.ts");
      await simulate(provider, options, process.env);
    });
}

function addUsageCommand(program: Command): void {
  gatewayCommand(program, "usage", "show requests, tokens and cost of a time, by what you want to know")
    .option("--by <what>", "user, key, model, provider, route, session, owner, team, …; two with a comma between them", "model")
    .option("--since <time>", "from so long ago (30d, 12h, 90m), or from an ISO 8601 time", "30d")
    .option("--until <time>", "up to then, in the same forms (default: now)")
    .addOption(new Option("--csv", "print CSV").conflicts("json"))
    .option("--json", "print JSON")
    .action(async (options) => {
      const { usage } = await import("./usage.ts");
      await usage(options, process.env);
    });
}

function addConfigCommands(program: Command, routes: () => Option): void {
  gatewayCommand(program, "publish", "publish the file to a gateway; a project that is named and not there is made")
    .addOption(routes())
    .option("--json", "print JSON")
    .action(async (options) => {
      const { publish } = await import("./config-commands.ts");
      await publish(options, process.env);
    });

  program
    .command("projects")
    .description("list the projects of a gateway, each with what serves it and since when")
    .option("--url <url>", "the gateway", DEFAULT_URL)
    .option("--json", "print JSON")
    .action(async (options) => {
      const { projects } = await import("./config-commands.ts");
      await projects(options, process.env);
    });

  gatewayCommand(program, "pull", "print the file that a gateway serves")
    .option("--output <file>", "write it there instead")
    .option("--json", "print JSON")
    .action(async (options) => {
      const { pull } = await import("./config-commands.ts");
      await pull(options, process.env);
    });

  gatewayCommand(program, "versions", "list what was published, newest first")
    .option("--json", "print JSON")
    .action(async (options) => {
      const { versions } = await import("./config-commands.ts");
      await versions(options, process.env);
    });

  gatewayCommand(program, "diff [version]", "show how the file differs from what serves, or from a version")
    .addOption(routes())
    .option("--json", "print JSON")
    .action(async (version, options) => {
      const { diff } = await import("./config-commands.ts");
      await diff(version, options, process.env);
    });

  gatewayCommand(program, "rollback <version>", "make an earlier version serve again")
    .option("--json", "print JSON")
    .action(async (version, options) => {
      const { rollback } = await import("./config-commands.ts");
      await rollback(version, options, process.env);
    });
}

function gatewayCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option("--url <url>", "the gateway", DEFAULT_URL)
    .option("--project <id>", "the project, where the gateway serves several");
}

function filtersOf(options: Readonly<Record<string, unknown>>): Record<string, string> {
  const filters: Record<string, string> = {};
  for (const name of Object.keys(TRACE_FILTERS)) {
    const value = options[name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())];
    if (typeof value === "string") filters[name] = value;
  }
  return filters;
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It takes a whole number.");
}
