import { execFileSync, spawn } from "node:child_process";
import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort, newDirectory, ROUTES, runTo11, to11, type To11Process } from "./to11-process.ts";

/** A `to11 dev` with a directory, a port and state of its own. */
interface Dev extends To11Process {
  readonly url: string;
  readonly cwd: string;
  readonly state: string;
}

const started: Dev[] = [];

interface DevStart {
  readonly variables?: Record<string, string>;
  readonly parameters?: readonly string[];
  readonly toml?: string;
  /** A directory of an earlier one, with its state. */
  readonly cwd?: string;
}

async function startDev(options: DevStart = {}): Promise<Dev> {
  const cwd = options.cwd ?? (await newDirectory());
  await writeFile(join(cwd, "routes.toml"), options.toml ?? ROUTES);
  const port = await freePort();
  const state = join(cwd, "state");
  const parameters = ["dev", "--port", String(port), "--persist-to", state, ...(options.parameters ?? [])];
  const dev = {
    ...to11(parameters, { cwd, ...(options.variables === undefined ? {} : { variables: options.variables }) }),
    url: `http://localhost:${port}`,
    cwd,
    state,
  };
  started.push(dev);
  return dev;
}

async function chat(dev: Dev, model: string): Promise<Response> {
  return fetch(`${dev.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] }),
  });
}

/** Edits the file as editors do: a new file takes its place. */
async function edit(dev: Dev, toml: string): Promise<void> {
  await writeFile(join(dev.cwd, "routes.toml~"), toml);
  await rename(join(dev.cwd, "routes.toml~"), join(dev.cwd, "routes.toml"));
}

/** The process groups that a process started. */
function groupsOf(pid: number | undefined): number[] {
  const rows = execFileSync("ps", ["-A", "-o", "pid=,ppid=,pgid="], { encoding: "utf8" }).trim().split("\n");
  const processes = rows.map((row) => row.trim().split(/\s+/).map(Number));
  return [...new Set(processes.filter(([, parent]) => parent === pid).map(([, , group]) => group ?? 0))];
}

function runs(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
}

async function end(dev: Dev, signal: NodeJS.Signals = "SIGINT"): Promise<number | null> {
  dev.child.kill(signal);
  return dev.exited;
}

afterAll(async () => {
  await Promise.all(started.map((dev) => end(dev)));
});

describe("to11 dev without any credential", () => {
  let dev: Dev;
  const command = (...parameters: string[]) => runTo11([...parameters, "--url", dev.url], { cwd: dev.cwd });

  beforeAll(async () => {
    dev = await startDev();
    await dev.says("Ready on");
  });

  it("says what serves what, that this is a demo, how to end that, and when it is ready", () => {
    const lines = dev.output().split("\n");
    expect(dev.output()).toMatch(/^route::balanced +chat +weighted +primary 70 %, mini 30 % +gpt-4o$/m);
    expect(lines).toContain('openai     simulated    to make it real, add to .dev.vars: OPENAI_API_KEY="…"');
    expect(dev.output()).toMatch(/^Demo: no provider's key is set\. /m);
    expect(lines).toContain(`Ready on ${dev.url}`);
  });

  it("answers, simulated, and shows the call in traces", async () => {
    const response = await chat(dev, "function::extract");
    expect(response.status).toBe(200);
    expect(response.headers.get("x-to11-simulated")).not.toBeNull();
    const id = response.headers.get("x-to11-request-id") ?? "none";
    await response.text();
    await expect.poll(async () => (await command("traces", "--function", "extract")).output, { timeout: 10_000 }).toContain(id);
    expect((await command("traces", "--since", "1h")).output).toContain(id);
    expect((await command("traces", "--until", "1h")).output).toBe("No traces match.\n");
    const whole = await command("traces", id);
    expect(whole.output).toMatch(/^asked for +function::extract, \/v1\/chat\/completions$/m);
    expect(whole.output).toMatch(/^1 +gpt-4o +openai\/gpt-4o +fallback +\d+ ms +\d+ ms +200 +answered$/m);
    expect(JSON.parse((await command("traces", id, "--json")).output)).toMatchObject({ id, content: null });
    expect(await command("traces", "no-such-id")).toMatchObject({ code: 1, output: expect.stringContaining("is no trace's id") });
    const json = await command("traces", "--function", "extract", "--limit", "1", "--json");
    expect(JSON.parse(json.output)).toMatchObject({
      id,
      requested_model: "function::extract",
      strategy: "fallback",
      status: 200,
      simulated: true,
    });
  });

  it("follows traces, each once, until interrupted", async () => {
    const following = to11(["traces", "--follow", "--json", "--url", dev.url], { cwd: dev.cwd });
    // A call of the test before: it is following now.
    await following.says("function::extract");
    const call = async () => (await chat(dev, "gpt-4o")).headers.get("x-to11-request-id") ?? "none";
    const first = await call();
    await following.says(first);
    await following.says(await call());
    following.child.kill("SIGINT");
    await following.exited;
    expect(following.output().split(first)).toHaveLength(2);
  });

  it("tells usage by user, as a table, as CSV and as JSON", async () => {
    const body = JSON.stringify({ model: "function::extract", user: "=ann", messages: [{ role: "user", content: "Hello" }] });
    const call = { method: "POST", headers: { "content-type": "application/json" }, body };
    for (let n = 0; n < 2; n += 1) await (await fetch(`${dev.url}/v1/chat/completions`, call)).text();
    const usage = async (...parameters: string[]) => (await command("usage", "--by", "user,client", "--since", "1h", ...parameters)).output;
    await expect.poll(() => usage(), { timeout: 10_000 }).toMatch(/^=ann +node +2 +0 +\d+ +0 +0 +\d+ +\d\.\d\d/m);
    expect(await usage()).toMatch(/^USER +CLIENT +REQUESTS +ERRORS +INPUT +CACHED +CACHE WRITES +OUTPUT +COST USD\n/);
    expect(await usage()).toMatch(/^TOTAL /m);
    expect(await usage("--csv")).toMatch(/^user,client,requests,errors,input_tokens,.*,cost_usd\n/);
    expect(await usage("--csv")).toMatch(/^'=ann,node,2,0,\d+,/m);
    const json: unknown = JSON.parse(await usage("--json"));
    expect(json).toMatchObject({
      by: ["user", "client"],
      usage: expect.arrayContaining([expect.objectContaining({ user: "=ann", requests: 2 })]),
    });
    const { code, output } = await command("usage", "--by", "colour");
    expect([code, output]).toEqual([1, expect.stringContaining("by must be one or two of")]);
  });

  it("explains a model, calling nobody", async () => {
    const { code, output } = await command("explain", "gpt-4o");
    expect(code).toBe(0);
    expect(output).toContain("route balanced, strategy weighted");
    expect(output).toMatch(/primary +openai +gpt-4o +- +70 %/);
  });

  it("has faults on demand", async () => {
    expect(await command("simulate", "openai", "--status", "503")).toMatchObject({
      code: 0,
      output: expect.stringMatching(
        /^From now on every call to openai is answered with status 503\.\n[^\n]*npx to11 simulate openai --clear\n$/,
      ),
    });
    expect((await command("simulate", "anthropic", "--status", "503")).code).toBe(0);
    expect((await chat(dev, "function::extract")).status).toBe(503);
    expect((await command("simulate", "openai", "--clear")).code).toBe(0);
    expect((await command("simulate", "anthropic", "--clear")).code).toBe(0);
    expect((await chat(dev, "function::extract")).status).toBe(200);
    expect(await command("simulate", "nobody", "--clear")).toMatchObject({
      code: 1,
      output: expect.stringContaining("There is no provider nobody"),
    });
  });

  it("publishes an edit, shows, compares and takes back versions", async () => {
    const before = dev.output().length;
    await edit(dev, ROUTES.replace("weight = 70", "weight = 10"));
    await dev.says("Published routes.toml as", before);
    const list: { version: string; current: boolean }[] = JSON.parse((await command("versions", "--json")).output);
    expect(list.map(({ current }) => current)).toEqual([true, false]);
    const old = list[1]?.version.slice(0, 8) ?? "";

    expect((await command("diff")).output).toMatch(/^routes\.toml is the same as [0-9a-f]{8}\n$/);
    const difference = (await command("diff", old)).output.split("\n");
    expect(difference).toContain("- weight = 70");
    expect(difference).toContain("+ weight = 10");

    expect((await command("rollback", old)).output).toMatch(new RegExp(`^Published ${old} to project default$`, "m"));
    expect((await command("pull")).output).toBe(ROUTES);
    expect((await command("publish")).code).toBe(0);
    expect((await command("pull")).output).toContain("weight = 10");
  });

  it("serves an edit within 15 seconds without a restart", async () => {
    const list: { version: string; current: boolean }[] = JSON.parse((await command("versions", "--json")).output);
    await command("rollback", list.find(({ current }) => !current)?.version ?? "none");
    const before = dev.output().length;
    await edit(dev, ROUTES.replaceAll(/\bprimary\b/g, "newcomer").replace("weight = 30", "weight = 0"));
    // What somebody else has published meanwhile is not overwritten silently.
    await dev.says(", in place of ", before);
    const served = async () => {
      const response = await chat(dev, "gpt-4o");
      await response.text();
      return response.headers.get("x-to11-target");
    };
    await expect.poll(served, { timeout: 15_000, interval: 250 }).toBe("newcomer");
  });

  it("reports a broken edit with its line and serves what it served", async () => {
    const before = dev.output().length;
    await edit(dev, `${ROUTES}\nnonsense = 1 1\n`);
    await dev.says("still serving the previous version", before);
    expect(dev.output().slice(before)).toMatch(/^routes\.toml:30:\d+ error /m);
    expect((await chat(dev, "gpt-4o")).status).toBe(200);
  });

  it("restarts where an edit names a new secret", async () => {
    const before = dev.output().length;
    await edit(dev, ROUTES.replace("[providers.openai]", '[providers.openai]\ncredential = "env::OTHER_KEY"'));
    await dev.says("routes.toml uses providers or secrets in a new way: restarting", before);
    await dev.says(`Serving routes.toml again on ${dev.url}`, before);
    expect((await chat(dev, "gpt-4o")).status).toBe(200);
  });

  it("refuses a second gateway on the same state", async () => {
    const { code, output } = await runTo11(["dev", "--port", String(await freePort()), "--persist-to", dev.state], { cwd: dev.cwd });
    expect(output).toMatch(/^Another "to11 dev" \(process \d+\) keeps its state in /);
    expect(code).toBe(1);
  });

  it("ends on Ctrl-C, sent twice as npm does, with 0 and leaves no process behind", async () => {
    const groups = groupsOf(dev.child.pid);
    expect(groups.map(runs)).toEqual([true]);
    dev.child.kill("SIGINT");
    expect(await end(dev)).toBe(0);
    expect(groups.map(runs)).toEqual([false]);
  });
});

describe("to11 dev with credentials", () => {
  const SECRETS = {
    OPENAI_API_KEY: "planted-openai-secret",
    ANTHROPIC_API_KEY: "planted-anthropic-secret",
    TO11_API_KEY: `to11_planted${"k".repeat(36)}`,
  };

  it("keeps secrets off disks and out of arguments, and follows its env file", async () => {
    const dev = await startDev({ variables: SECRETS });
    await dev.says("Ready on");
    expect(dev.output()).not.toContain("Demo");
    expect((await chat(dev, "gpt-4o")).status).toBe(401);
    const files = (await readdir(dev.state, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    const texts = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), "latin1")));
    expect(files.length).toBeGreaterThan(2);
    expect(`${texts.join("")}${dev.output()}${execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" })}`).not.toMatch(
      /planted-openai|planted-anthropic|to11_planted/,
    );

    const before = dev.output().length;
    await writeFile(join(dev.cwd, ".dev.vars"), `TO11_ADMIN_KEY="${"a".repeat(40)}"\n`);
    await dev.says(".dev.vars changed: restarting", before);
    await dev.says("Serving routes.toml again", before);
    expect((await fetch(`${dev.url}/api/config`)).status).toBe(401);
    expect((await runTo11(["versions", "--url", dev.url], { cwd: dev.cwd })).code).toBe(0);

    const edited = dev.output().length;
    await edit(dev, ROUTES.replace("[providers.openai]", '[providers.openai]\ncredential = "env::OTHER_KEY"'));
    await dev.says("still serving the previous version", edited);
    expect(dev.output().slice(edited)).toContain('OTHER_KEY is not set; used by providers.openai. Add to .dev.vars: OTHER_KEY="…"');
    expect(await end(dev, "SIGTERM")).toBe(0);
  });
});

describe("to11 dev on the state of an earlier run", () => {
  it("serves the file as it is now from its first answer on; with --simulate all nobody needs a key", async () => {
    const earlier = await startDev();
    await earlier.says("Ready on");
    await end(earlier);
    const toml = ROUTES.replaceAll(/\bprimary\b/g, "newcomer").replace("weight = 30", "weight = 0");
    const dev = await startDev({ cwd: earlier.cwd, toml, parameters: ["--simulate", "all"] });
    await dev.says("Ready on");
    expect((await chat(dev, "gpt-4o")).headers.get("x-to11-target")).toBe("newcomer");
    const versions: { current: boolean }[] = JSON.parse((await runTo11(["versions", "--json", "--url", dev.url], { cwd: dev.cwd })).output);
    expect(versions.map(({ current }) => current)).toEqual([true, false]);
    expect(dev.output()).toContain("As --simulate all asks, no provider is called.");
    expect(dev.output()).toMatch(/^Serving routes\.toml in place of [0-9a-f]{8}, published 20\d\d-\S+Z by \S+$/m);
    expect((await chat(dev, "anthropic::claude-sonnet-4-6")).status).toBe(200);
    expect(await end(dev)).toBe(0);
  });
});

describe("to11 dev that is ended or fails while it starts", () => {
  it("leaves no process behind", async () => {
    const dev = await startDev();
    await expect.poll(() => groupsOf(dev.child.pid), { timeout: 10_000, interval: 20 }).toHaveLength(1);
    const groups = groupsOf(dev.child.pid);
    expect(await end(dev, "SIGHUP")).toBe(0);
    expect(groups.map(runs)).toEqual([false]);
  });

  it.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)("leaves no process behind when npm, which started it, gets %s", async (signal) => {
    const cwd = await newDirectory();
    await writeFile(join(cwd, "routes.toml"), ROUTES);
    const parameters = ["--port", String(await freePort()), "--persist-to", join(cwd, "state"), "--routes", join(cwd, "routes.toml")];
    const npm = spawn("npm", ["start", "--", ...parameters], {
      cwd: join(import.meta.dirname, "../.."),
      stdio: ["ignore", "pipe", "ignore"],
    });
    let output = "";
    npm.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    await expect.poll(() => output, { timeout: 30_000, interval: 50 }).toContain("Ready on");
    const all = () =>
      execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" })
        .split("\n")
        .filter((line) => line.includes(cwd));
    expect(all().length).toBeGreaterThan(2);
    npm.kill(signal);
    await expect.poll(all, { timeout: 8_000, interval: 50 }).toEqual([]);
  });

  it("says so in one line where its state cannot be kept", async () => {
    const cwd = await newDirectory();
    await writeFile(join(cwd, "routes.toml"), ROUTES);
    const { code, output } = await runTo11(["dev", "--port", String(await freePort()), "--persist-to", "routes.toml"], { cwd });
    expect(output).toMatch(/^--persist-to routes\.toml: no directory can be made there [^\n]*\n$/);
    expect(code).toBe(1);
  });

  it("ends with 1 and tells what was said when the gateway dies under it", async () => {
    const dev = await startDev();
    await dev.says("Ready on");
    const [group] = groupsOf(dev.child.pid);
    process.kill(-(group ?? 0), "SIGKILL");
    expect(await dev.exited).toBe(1);
    expect(dev.output()).toContain("The gateway has ended.");
  });
});
