import { readFile, stat, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeEach, describe, expect, it } from "vitest";
import { newDirectory, ROUTES, runTo11 } from "./to11-process.ts";

let cwd = "";

beforeEach(async () => {
  cwd = await newDirectory();
  await writeFile(join(cwd, "routes.toml"), ROUTES);
});

describe("usage", () => {
  it("--help lists every command and ends with 0", async () => {
    const { code, output } = await runTo11(["--help"], { cwd });
    expect(code).toBe(0);
    for (const command of [
      "dev",
      "check",
      "publish",
      "pull",
      "versions",
      "diff",
      "rollback",
      "explain",
      "traces",
      "usage",
      "simulate",
      "key",
      "projects",
      "deploy",
    ]) {
      expect(output).toMatch(new RegExp(`^  ${command}\\b`, "m"));
    }
  });

  it("--version tells the version of package.json, alone", async () => {
    expect(await runTo11(["--version"], { cwd })).toEqual({ code: 0, output: "0.1.0\n" });
  });

  it.each([
    [["frobnicate"]],
    [["traces", "some-id", "--follow"]],
    [["traces", "some-id", "--since", "1h"]],
    [["traces", "--since", "yesterday"]],
    [["dev", "--port", "0"]],
    [["dev", "--port", "70000"]],
    [["dev", "--port", "x"]],
    [["dev", "--simulate", "some"]],
    [["dev", "--nonsense"]],
    [["explain"]],
    [["rollback", "xyz"]],
    [["versions", "--url", "localhost"]],
    [["simulate", "openai"]],
    [["usage", "--csv", "--json"]],
    [["usage", "--since", "yesterday"]],
    [["simulate", "openai", "--status", "503", "--clear"]],
    [["simulate", "openai", "--status", "much"]],
  ])("wrong usage ends with 2: to11 %j", async (parameters) => {
    const { code, output } = await runTo11(parameters, { cwd });
    expect(output).not.toContain("    at ");
    expect(code).toBe(2);
  });
});

describe("to11 check", () => {
  it("says that a file is fine", async () => {
    expect(await runTo11(["check"], { cwd })).toEqual({ code: 0, output: "routes.toml is fine: 2 providers, 1 route, 1 function\n" });
  });

  it("takes the file by its name, and judges it as a deploy would or, with --local, as a local gateway does", async () => {
    await writeFile(join(cwd, "local.toml"), ROUTES.replace("https://api.openai.com/v1", "http://127.0.0.1:11434/v1"));
    const deployed = await runTo11(["check", "local.toml"], { cwd });
    expect(deployed.code).toBe(1);
    expect(deployed.output).toMatch(/^local\.toml:6:\d+ error providers\.openai\.base_url: must begin with https:\/\//m);
    expect(await runTo11(["check", "local.toml", "--local"], { cwd })).toEqual({
      code: 0,
      output: "local.toml is fine: 2 providers, 1 route, 1 function\n",
    });
  });

  it("names the lines of an env file that are none, and not what they hold", async () => {
    await writeFile(join(cwd, "my.env"), 'OPENAI_API_KEY: sk-secret\nA="1"\nsk-other\n');
    expect(await runTo11(["check", "--env-file", "my.env"], { cwd })).toEqual({
      code: 1,
      output: 'my.env:1 error is no NAME="value"\nmy.env:3 error is no NAME="value"\n',
    });
  });

  it("tells each problem with its line, and ends with 1", async () => {
    await writeFile(join(cwd, "other.toml"), `${ROUTES}\n[routes.more]\ntargets = ["nobody"]\nstrateggy = "single"\n`);
    const { code, output } = await runTo11(["check", "--routes", "other.toml"], { cwd });
    expect(code).toBe(1);
    expect(output).toMatch(/^other\.toml:31:\d+ error routes\.more\.targets\[0\]: .*nobody/m);
    expect(output).toMatch(/^other\.toml:32:\d+ error routes\.more\.strateggy: .*strategy/m);
  });

  it("with --env-file names each missing variable; the shell's environment counts", async () => {
    await writeFile(join(cwd, "my.env"), 'OPENAI_API_KEY="a"\n');
    const variables = { TO11_API_KEY: `to11_${"k".repeat(43)}` };
    const { code, output } = await runTo11(["check", "--env-file", "my.env"], { cwd, variables });
    expect(output).toBe('my.env error ANTHROPIC_API_KEY is not set; used by providers.anthropic. Add to my.env: ANTHROPIC_API_KEY="…"\n');
    expect(code).toBe(1);
  });

  it("warns of a gateway that is open to the internet, and ends with 0", async () => {
    await writeFile(join(cwd, "open.toml"), ROUTES.replace(/api_keys = .*/, "open = true"));
    const { code, output } = await runTo11(["check", "--routes", "open.toml"], { cwd });
    expect(output).toMatch(/^open\.toml:\d+:1 warning auth\.open: with workers_dev = true in wrangler\.toml, anyone on the internet /);
    expect(code).toBe(0);
  });

  it("--json prints the problems as data", async () => {
    const { code, output } = await runTo11(["check", "--routes", "nowhere.toml", "--json"], { cwd });
    expect(code).toBe(1);
    expect(JSON.parse(output)).toEqual({
      ok: false,
      problems: [{ severity: "error", path: "", line: null, column: null, message: "there is no such file" }],
    });
  });
});

describe("to11 build", () => {
  const bundled = () => join(cwd, "dist/bundled-config.js");

  it("compiles the file into a module, and leaves it untouched where nothing changed", async () => {
    const variables = { SOURCE_DATE_EPOCH: "1700000000" };
    expect(await runTo11(["build"], { cwd, variables })).toEqual({ code: 0, output: "" });
    const module: unknown = await import(pathToFileURL(bundled()).href);
    expect(module).toMatchObject({ document: expect.stringContaining("balanced"), version: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(await readFile(join(cwd, "dist/bundled-config.d.ts"), "utf8")).toContain("export declare const document: string;");
    expect(module).toMatchObject({ builtAtMs: 1_700_000_000_000 });
    const before = await stat(bundled());
    await runTo11(["build"], { cwd, variables });
    expect((await stat(bundled())).mtimeMs).toBe(before.mtimeMs);
  });

  it("tells a deploy when it was built, and a local gateway nothing: that publishes its file itself", async () => {
    const timeOf = async (): Promise<string> => /builtAtMs = (.*);/.exec(await readFile(bundled(), "utf8"))?.[1] ?? "";
    const from = Date.now();
    await runTo11(["build"], { cwd });
    expect(Number(await timeOf())).toBeGreaterThanOrEqual(from);
    expect(Number(await timeOf())).toBeLessThanOrEqual(Date.now());
    await runTo11(["build"], { cwd, variables: { TO11_LOCAL: "1" } });
    expect(await timeOf()).toBe("null");
  });

  it("takes the file and the place from TO11_ROUTES and TO11_DIST", async () => {
    await writeFile(join(cwd, "other.toml"), ROUTES.replace("balanced", "tilted"));
    await runTo11(["build"], { cwd, variables: { TO11_ROUTES: "other.toml", TO11_DIST: "elsewhere/deep" } });
    expect(await readFile(join(cwd, "elsewhere/deep/bundled-config.js"), "utf8")).toContain("tilted");
  });

  it("allows plain http to this machine only for a local gateway", async () => {
    await writeFile(join(cwd, "routes.toml"), ROUTES.replace("https://api.openai.com/v1", "http://127.0.0.1:9/v1"));
    expect((await runTo11(["build"], { cwd })).code).toBe(1);
    expect((await runTo11(["build"], { cwd, variables: { TO11_LOCAL: "1" } })).code).toBe(0);
  });
});

describe("a gateway that is not there", () => {
  it.each([
    ["publish"],
    ["pull"],
    ["versions"],
    ["diff"],
    ["rollback", "01234567"],
    ["explain", "gpt-4o"],
    ["traces"],
    ["usage", "--by", "user"],
    ["simulate", "openai", "--clear"],
  ])("is said to be so in one line: to11 %s", async (...parameters) => {
    const { code, output } = await runTo11([...parameters, "--url", "http://127.0.0.1:9"], { cwd });
    expect(output).toMatch(/^No gateway answers at http:\/\/127\.0\.0\.1:9 [^\n]*\n$/);
    expect(code).toBe(1);
  });

  it("does not get the admin key over plain http", async () => {
    const variables = { TO11_ADMIN_KEY: "k".repeat(32) };
    const { code, output } = await runTo11(["versions", "--url", "http://192.0.2.1"], { cwd, variables });
    expect(output).toContain("not sent over plain http");
    expect(code).toBe(1);
  });
});

describe("to11 dev refuses to start", () => {
  it("on a port in use, in one line", async () => {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    const { code, output } = await runTo11(["dev", "--port", String(port)], { cwd });
    server.close();
    expect(output).toMatch(new RegExp(`^Port ${port} is in use\\. [^\\n]*\\n$`));
    expect(code).toBe(1);
  });

  it.each([
    { what: "a broken file", toml: "[routes.a]\nmodel = 1\n", variables: {}, parameters: [], says: /routes\.toml:2:\d+ error / },
    {
      what: "a file that is not there",
      toml: ROUTES,
      variables: {},
      parameters: ["--routes", "nowhere.toml"],
      says: /^nowhere\.toml error there is no such file$/m,
    },
    {
      what: "an env file that was named and is not there",
      toml: ROUTES,
      variables: {},
      parameters: ["--env-file", "x.env"],
      says: /^x\.env: there is no such file$/m,
    },
    {
      what: "a missing variable that the file names, beside one that is set",
      toml: ROUTES.replace("[providers.anthropic]", '[providers.anthropic]\ncredential = "env::CLAUDE_KEY"'),
      variables: { OPENAI_API_KEY: "a" },
      parameters: [],
      says: /^CLAUDE_KEY is not set; used by providers\.anthropic\. Add to \.dev\.vars: CLAUDE_KEY="…"\nSet it, take [^\n]*--simulate missing$/m,
    },
    {
      what: "missing variables with nothing simulated",
      toml: ROUTES,
      variables: {},
      parameters: ["--simulate", "off"],
      says: /^OPENAI_API_KEY is not set/m,
    },
    {
      what: "an env file with a line that is none",
      toml: ROUTES,
      variables: {},
      parameters: ["--env-file", "broken.env"],
      says: /^broken\.env:2 error is no NAME="value"$/m,
    },
    {
      what: "a gateway key that is none",
      toml: ROUTES,
      variables: { TO11_API_KEY: "short" },
      parameters: [],
      says: /^TO11_API_KEY is set but is no gateway key/m,
    },
  ])("with $what", async ({ toml, variables, parameters, says }) => {
    await writeFile(join(cwd, "routes.toml"), toml);
    await writeFile(join(cwd, "broken.env"), 'A="1"\nexport OPENAI_API_KEY sk-secret\n');
    const { code, output } = await runTo11(["dev", "--port", "47999", ...parameters], { cwd, variables });
    expect(output).toMatch(says);
    expect(code).toBe(1);
  });
});
