import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isClosed } from "../../config/compile.ts";
import { CommandFailure } from "../command-failure.ts";
import { GatewayClient, NotAGateway, Overtaken } from "../control/gateway-client.ts";
import { credentialsOf, gatewayKeysOf, malformedSecrets, type NamedSecret } from "../needed-secrets.ts";
import { problemLines, requireRoutesFile, type RoutesFile } from "../routes-file.ts";
import { paint, paintError, print, printError, showProgress } from "../terminal/terminal.ts";
import { readText } from "../text-file.ts";
import { envFileOf, isSet, readEnvText, requireVariables, valueOf, type Variables } from "../variables.ts";
import { deployedUrl, gzipKib, isUnknownWorker, secretNames } from "./wrangler-output.ts";
import { openToAll } from "./open-to-all.ts";
import type { RunWrangler, WranglerRun } from "./wrangler.ts";

/** What `to11 deploy` was given. */
export interface DeployOptions {
  readonly routes: string;
  readonly secretsFile?: string;
  readonly dryRun?: boolean;
  /** With `dryRun`: how large the script may be after gzip, KiB. It holds routes.toml too, so there is no limit unless one is given. */
  readonly maxScriptKib?: number;
  readonly project?: string;
}

/** What a deploy reaches the world with. */
export interface DeployTools {
  readonly shell: Variables;
  readonly runWrangler: RunWrangler;
  /** Publishes a file to a gateway; answers with the version. */
  readonly publish: (
    gateway: { readonly url: string; readonly project: string; readonly adminKey: string },
    toml: string,
  ) => Promise<string>;
}

const ADMIN_KEY: NamedSecret = { name: "TO11_ADMIN_KEY", usedBy: ["the control API and the dashboard"], sites: [] };

/** Checks the file, its secrets and who may call, deploys with wrangler and publishes to the address it printed. */
export async function deploy(options: DeployOptions, tools: DeployTools): Promise<void> {
  if (options.maxScriptKib !== undefined && options.dryRun !== true) throw new CommandFailure("--max-script-kib needs --dry-run.", 2);
  const file = await requireRoutesFile(options.routes, { localDevelopment: false });
  refuseClosed(file);
  const warnings = [...file.warnings, ...(await openToAll(file))];
  printError(...problemLines(warnings, file.path).map((line) => paintError("yellow", line)));
  const environment = { ...tools.shell, TO11_ROUTES: resolve(file.path), TO11_LOCAL: undefined, TO11_DIST: undefined };
  if (options.dryRun === true) return dryRun(options.maxScriptKib, { environment, runWrangler: tools.runWrangler });

  const uploaded = await secretsOf(options.secretsFile);
  const adminKey = await adminKeyOf(uploaded, tools.shell);
  const malformed = malformedSecrets(file.compiled, { ...uploaded, TO11_ADMIN_KEY: adminKey });
  if (malformed.length > 0) throw new CommandFailure(malformed.join("\n"));
  await requireSecrets(file, { options, uploaded, environment, runWrangler: tools.runWrangler });

  const secretsFile = options.secretsFile === undefined ? [] : ["--secrets-file", resolve(options.secretsFile)];
  const run = await tools.runWrangler(["deploy", ...secretsFile], { environment, show: (text) => process.stderr.write(text) });
  if (run.exitCode !== 0) throw new CommandFailure("wrangler deploy failed; nothing was published.");
  const url = deployedUrl(run.stdout);
  if (url === null) {
    throw new CommandFailure(
      'Deployed, but wrangler named no address to publish to: it serves the file it was deployed with. Give wrangler.toml a custom domain or workers_dev = true, or run "to11 publish --url …".',
    );
  }
  const project = options.project ?? file.compiled.project;
  const version = await tools.publish({ url, project, adminKey }, file.toml);
  print(`${paint("green", "Deployed")} and published ${version.slice(0, 8)} to project ${project}`, url);
}

function refuseClosed(file: RoutesFile): void {
  if (!isClosed(file.compiled)) return;
  throw new CommandFailure(
    `${file.path}: nobody could call this gateway. Name a key, [auth] api_keys = ["env::TO11_API_KEY"], accept those of \`to11 key create\`, issued = true, or, where something else protects it, open = true.`,
  );
}

async function dryRun(
  maxKib: number | undefined,
  { environment, runWrangler }: { readonly environment: Variables; readonly runWrangler: RunWrangler },
): Promise<void> {
  const run = await runWrangler(["deploy", "--dry-run"], { environment });
  if (run.exitCode !== 0) throw new CommandFailure(failureText("wrangler deploy --dry-run failed:", run));
  const size = gzipKib(run.stdout);
  if (size === null) throw new CommandFailure(failureText("wrangler deploy --dry-run told no size:", run));
  if (maxKib !== undefined && size > maxKib) {
    throw new CommandFailure(`The script is ${size} KiB after gzip; --max-script-kib allows at most ${maxKib} KiB.`);
  }
  print(`The script is ${size} KiB after gzip${maxKib === undefined ? "" : ` (at most ${maxKib} KiB)`}. Nothing was deployed.`);
}

async function secretsOf(secretsFile: string | undefined): Promise<Variables> {
  if (secretsFile === undefined) return {};
  const text = await readText(secretsFile);
  if (!text.ok) throw new CommandFailure(`${secretsFile}: ${text.error.message}`);
  if (!text.value.trimStart().startsWith("{")) return variablesIn(secretsFile, text.value);
  try {
    const entries = Object.entries(JSON.parse(text.value) as Record<string, unknown>);
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
  } catch {
    // The parser's message would quote the file.
    throw new CommandFailure(`${secretsFile}: begins like JSON but is none; write {"NAME": "value"} or NAME=value lines`);
  }
}

function variablesIn(path: string, text: string): Variables {
  const variables = readEnvText(path, text);
  if (!variables.ok) throw new CommandFailure(variables.error);
  return variables.value;
}

async function adminKeyOf(uploaded: Variables, shell: Variables): Promise<string> {
  const variables = { ...(await requireVariables(envFileOf(undefined), shell)), ...uploaded };
  const key = valueOf(variables, "TO11_ADMIN_KEY");
  if (key !== "") return key;
  throw new CommandFailure(
    'TO11_ADMIN_KEY is not set here; publishing after the deploy needs it. Set it in the environment or in .dev.vars to the same value as the secret; "to11 key new" makes one.',
  );
}

async function requireSecrets(
  file: RoutesFile,
  given: {
    readonly options: DeployOptions;
    readonly uploaded: Variables;
    readonly environment: Variables;
    readonly runWrangler: RunWrangler;
  },
): Promise<void> {
  const run = await given.runWrangler(["secret", "list", "--format", "json"], { environment: given.environment });
  const firstDeploy = run.exitCode !== 0 && isUnknownWorker(run.stdout + run.stderr);
  const present = firstDeploy ? [] : secretNames(run.stdout);
  if (present === null || (run.exitCode !== 0 && !firstDeploy)) throw new CommandFailure(failureText("wrangler secret list failed:", run));
  const needed = [...gatewayKeysOf(file.compiled), ...credentialsOf(file.compiled), ADMIN_KEY];
  const missing = needed.filter(({ name }) => !present.includes(name) && !isSet(given.uploaded, name));
  if (missing.length === 0) return;
  const lines = missing.map(({ name, usedBy }) => `${name} is not set (${usedBy.join(", ")}):  npx wrangler secret put ${name}`);
  if (firstDeploy) {
    lines.push(
      `This Worker does not exist yet, so "secret put" has nowhere to put them: write NAME=value lines for ${missing.map(({ name }) => name).join(", ")} ` +
        `into a file and run "to11 deploy --secrets-file FILE" once. Keep the file out of the repository.`,
    );
  }
  throw new CommandFailure(lines.join("\n"));
}

function failureText(headline: string, run: WranglerRun): string {
  return [headline, (run.stderr + run.stdout).trim()].join("\n");
}

/** How long a new address may take until it answers everywhere. */
const ADDRESS_TIMEOUT_MS = 120_000;
const ADDRESS_POLL_MS = 2000;

/** Publishes to a gateway that was deployed just now, whose name may take a while to be known. */
export const publishToDeployed: DeployTools["publish"] = async (gateway, toml) => {
  const client = new GatewayClient(gateway);
  const deadline = performance.now() + ADDRESS_TIMEOUT_MS;
  for (;;) {
    try {
      const { version, source, toml: serving } = await client.config();
      // The Worker itself publishes the file of a deploy at its first look.
      if (source === "published" && serving === toml) return version;
      return (await client.publish(toml, version)).version;
    } catch (error) {
      if (error instanceof Overtaken && (await client.config()).toml === toml) continue;
      if (!(error instanceof NotAGateway) || performance.now() > deadline) throw error;
      showProgress(`waiting for ${gateway.url}: ${error.message}`);
      await sleep(ADDRESS_POLL_MS);
    }
  }
};
