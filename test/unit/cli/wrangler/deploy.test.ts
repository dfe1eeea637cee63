import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from "vitest";
import { deploy, type DeployOptions } from "../../../../src/cli/wrangler/deploy.ts";
import type { WranglerRun } from "../../../../src/cli/wrangler/wrangler.ts";
import { TWO_PROVIDERS } from "../compiled-file.ts";

const ADMIN_KEY = "k".repeat(32);
const GATEWAY_KEY = `to11_${"s".repeat(27)}`;
const ALL_SECRETS = ["TO11_API_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_SECOND_KEY", "TO11_ADMIN_KEY"];

/** What wrangler 4.155 prints, by the command. */
const LISTED: WranglerRun = {
  exitCode: 0,
  stdout: JSON.stringify(
    ALL_SECRETS.map((name) => ({ name, type: "secret_text" })),
    null,
    2,
  ),
  stderr: "",
};
const DEPLOYED: WranglerRun = {
  exitCode: 0,
  stdout: [
    "Total Upload: 310.22 KiB / gzip: 71.40 KiB",
    "Uploaded to11 (4.51 sec)",
    "Deployed to11 triggers (1.23 sec)",
    "  https://to11.example.workers.dev",
    "Current Version ID: 4d6f0a2e-0000-4000-8000-000000000000",
  ].join("\n"),
  stderr: "",
};
const NEVER_DEPLOYED: WranglerRun = {
  exitCode: 1,
  stdout: "",
  stderr: '✘ [ERROR] Worker "to11" not found.\n\n  If this is a new Worker, run `wrangler deploy` first to create it.\n',
};

let directory = "";
let routes = "";
let told: MockInstance;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "to11-"));
  routes = join(directory, "routes.toml");
  await writeFile(routes, TWO_PROVIDERS);
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  told = vi.spyOn(process.stderr, "write").mockReturnValue(true);
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Deploys with a stand-in for wrangler that answers by its first word, and tells what was called and published. */
async function run(options: Partial<DeployOptions>, answers: Readonly<Record<string, WranglerRun>>, shell: Record<string, string> = {}) {
  const calls: { parameters: readonly string[]; routes: string | undefined }[] = [];
  const published: { url: string; project: string; adminKey: string; toml: string }[] = [];
  let failure = "";
  try {
    await deploy(
      { routes, ...options },
      {
        shell: { TO11_ADMIN_KEY: ADMIN_KEY, TO11_LOCAL: "1", ...shell },
        runWrangler: async (parameters, { environment }) => {
          calls.push({ parameters, routes: environment["TO11_ROUTES"] });
          expect(environment["TO11_LOCAL"]).toBeUndefined();
          return answers[parameters[0] ?? ""] ?? { exitCode: 1, stdout: "", stderr: "unexpected" };
        },
        publish: async (gateway, toml) => {
          published.push({ ...gateway, toml });
          return "0".repeat(64);
        },
      },
    );
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  return { calls, published, failure, commands: calls.map(({ parameters }) => parameters.join(" ")) };
}

describe("to11 deploy", () => {
  it("lists the secrets, deploys the file and publishes it to the address that wrangler printed", async () => {
    const { calls, commands, published, failure } = await run({}, { secret: LISTED, deploy: DEPLOYED });
    expect(failure).toBe("");
    expect(commands).toEqual(["secret list --format json", "deploy"]);
    expect(calls.map((call) => call.routes)).toEqual([routes, routes]);
    expect(published).toEqual([{ url: "https://to11.example.workers.dev", project: "default", adminKey: ADMIN_KEY, toml: TWO_PROVIDERS }]);
  });

  it("warns of a gateway that is open to the internet, and deploys it", async () => {
    await writeFile(routes, TWO_PROVIDERS.replace('api_keys = ["env::TO11_API_KEY"]', "open = true"));
    const { commands, failure } = await run({}, { secret: LISTED, deploy: DEPLOYED });
    expect([failure, commands.length]).toEqual(["", 2]);
    expect(told.mock.calls.join()).toContain("auth.open: with workers_dev = true in wrangler.toml, anyone on the internet");
  });

  it("names each missing secret with its command, and deploys nothing", async () => {
    const listed = { ...LISTED, stdout: '[{ "name": "TO11_API_KEY", "type": "secret_text" }]' };
    const { commands, failure } = await run({}, { secret: listed });
    expect(commands).toEqual(["secret list --format json"]);
    expect(failure.split("\n")).toEqual([
      "OPENAI_API_KEY is not set (providers.openai):  npx wrangler secret put OPENAI_API_KEY",
      "ANTHROPIC_API_KEY is not set (providers.anthropic):  npx wrangler secret put ANTHROPIC_API_KEY",
      "OPENAI_SECOND_KEY is not set (targets.openai-second):  npx wrangler secret put OPENAI_SECOND_KEY",
      "TO11_ADMIN_KEY is not set (the control API and the dashboard):  npx wrangler secret put TO11_ADMIN_KEY",
    ]);
  });

  it("offers --secrets-file where the Worker does not exist yet", async () => {
    const { commands, failure } = await run({}, { secret: NEVER_DEPLOYED });
    expect(commands).toEqual(["secret list --format json"]);
    expect(failure).toContain("to11 deploy --secrets-file FILE");
  });

  it.each([
    { form: "NAME=value lines", text: ALL_SECRETS.map((name) => `${name}="${GATEWAY_KEY}"`).join("\n") },
    { form: "JSON", text: JSON.stringify(Object.fromEntries(ALL_SECRETS.map((name) => [name, GATEWAY_KEY]))) },
  ])("hands a first deploy's secrets to wrangler as a file of $form, and publishes with the key in it", async ({ text }) => {
    const secretsFile = join(directory, "secrets");
    await writeFile(secretsFile, text);
    const { commands, published, failure } = await run({ secretsFile }, { secret: NEVER_DEPLOYED, deploy: DEPLOYED });
    expect(failure).toBe("");
    expect(commands).toEqual(["secret list --format json", `deploy --secrets-file ${secretsFile}`]);
    expect(published[0]?.adminKey).toBe(GATEWAY_KEY);
  });

  it.each([
    {
      what: "a gateway key that is none",
      name: "TO11_API_KEY",
      value: "secret-of-mine",
      says: "TO11_API_KEY is set but is no gateway key",
    },
    { what: "an admin key that is too short", name: "TO11_ADMIN_KEY", value: "secret-of-mine", says: "TO11_ADMIN_KEY is too short" },
    { what: "a credential of two lines", name: "OPENAI_API_KEY", value: "secret-of-mine\n2", says: "OPENAI_API_KEY holds a character" },
  ])("runs nothing for a secrets file with $what, and does not show it", async ({ name, value, says }) => {
    const secretsFile = join(directory, "secrets");
    await writeFile(secretsFile, JSON.stringify({ [name]: value }));
    const { commands, failure } = await run({ secretsFile }, { secret: LISTED });
    expect(commands).toEqual([]);
    expect(failure).toContain(says);
    expect(failure).not.toContain("secret-of-mine");
  });

  it("does not show a secrets file that is broken", async () => {
    const secretsFile = join(directory, "secrets");
    await writeFile(secretsFile, '{ "OPENAI_API_KEY": "sk-very-secret');
    const { failure } = await run({ secretsFile }, {});
    expect(failure).toContain("begins like JSON but is none");
    expect(failure).not.toContain("sk-very-secret");
  });

  it.each([
    { what: "a broken file", toml: "oops = = 1", says: "routes.toml:1" },
    { what: "a gateway closed to all", toml: TWO_PROVIDERS.replace(/\[auth\]\n.*\n/, ""), says: "nobody could call this gateway" },
  ])("runs nothing for $what", async ({ toml, says }) => {
    await writeFile(routes, toml);
    const { commands, failure } = await run({}, {});
    expect(commands).toEqual([]);
    expect(failure).toContain(says);
  });

  it("needs TO11_ADMIN_KEY before it deploys, since publishing needs it after", async () => {
    const { commands, failure } = await run({}, {}, { TO11_ADMIN_KEY: "" });
    expect(commands).toEqual([]);
    expect(failure).toContain("TO11_ADMIN_KEY is not set here");
  });

  it.each([
    {
      what: "not signed in",
      answers: { secret: { exitCode: 1, stdout: "", stderr: "✘ [ERROR] You are not authenticated." } },
      says: "You are not authenticated",
    },
    { what: "a failed deploy", answers: { secret: LISTED, deploy: { ...DEPLOYED, exitCode: 1 } }, says: "wrangler deploy failed" },
    {
      what: "no address",
      answers: { secret: LISTED, deploy: { ...DEPLOYED, stdout: "No targets deployed for to11 (1 sec)" } },
      says: "named no address",
    },
  ])("publishes nothing after $what", async ({ answers, says }) => {
    const { published, failure } = await run({}, answers);
    expect(published).toEqual([]);
    expect(failure).toContain(says);
  });
});

describe("to11 deploy --dry-run", () => {
  it.each([
    { limit: {}, size: "2900.5", says: "The script is 2900.5 KiB after gzip. Nothing was deployed.\n" },
    { limit: { maxScriptKib: 90 }, size: "90.00", says: "The script is 90 KiB after gzip (at most 90 KiB). Nothing was deployed.\n" },
  ])("only builds, and tells the size of a script of $size KiB with $limit", async ({ limit, size, says }) => {
    const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const built = { ...DEPLOYED, stdout: `Total Upload: 9000 KiB / gzip: ${size} KiB` };
    const { commands, failure } = await run({ dryRun: true, ...limit }, { deploy: built });
    expect(commands).toEqual(["deploy --dry-run"]);
    expect(failure).toBe("");
    expect(write.mock.calls.map(([text]) => text)).toEqual([says]);
  });

  it("fails for a script larger than --max-script-kib", async () => {
    const built = { ...DEPLOYED, stdout: "Total Upload: 400 KiB / gzip: 90.01 KiB" };
    const { failure } = await run({ dryRun: true, maxScriptKib: 90 }, { deploy: built });
    expect(failure).toBe("The script is 90.01 KiB after gzip; --max-script-kib allows at most 90 KiB.");
  });

  it("is needed for --max-script-kib, and nothing is deployed without it", async () => {
    const { commands, failure } = await run({ maxScriptKib: 90 }, { deploy: DEPLOYED });
    expect(commands).toEqual([]);
    expect(failure).toBe("--max-script-kib needs --dry-run.");
  });

  it.each([
    { what: "no size", stdout: "", exitCode: 0, says: "told no size" },
    { what: "a failed build", stdout: "", exitCode: 1, says: "dry-run failed" },
  ])("fails for $what", async ({ stdout, exitCode, says }) => {
    const { failure } = await run({ dryRun: true }, { deploy: { exitCode, stdout, stderr: "" } });
    expect(failure).toContain(says);
  });
});
