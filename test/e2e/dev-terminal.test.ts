import { execFile } from "node:child_process";
import { appendFile, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DevGateway, startDevGateway } from "../support/dev-gateway.ts";
import { ROUTES } from "./to11-process.ts";

const GATEWAY_KEY = `to11_${"k".repeat(43)}`;

async function chat(gateway: DevGateway, model: string, key = GATEWAY_KEY): Promise<number> {
  const response = await fetch(`${gateway.baseUrl}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-to11-authorization": `Bearer ${key}` },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] }),
  });
  await response.text();
  return response.status;
}

/** What it said after `from` characters, line by line. */
const saidSince = (gateway: DevGateway, from: number): string[] => gateway.output().slice(from).split("\n").slice(0, -1);

describe("what npm start says in the terminal", () => {
  let gateway: DevGateway;

  beforeAll(async () => {
    gateway = await startDevGateway(ROUTES, { TO11_API_KEY: GATEWAY_KEY });
  });
  afterAll(() => gateway?.end());

  test("where the dashboard is", () => {
    expect(gateway.output().split("\n")).toContain(`Dashboard:  ${gateway.url}/`);
  });

  test("a call that works as it is pasted, and does not show the key", async () => {
    const command = /^Try: +(curl .*)$/m.exec(gateway.output())?.[1] ?? "";
    const environment = { PATH: process.env["PATH"], TO11_API_KEY: GATEWAY_KEY };
    const { stdout } = await promisify(execFile)("sh", ["-c", command.replace(/^curl /, "curl --fail --silent --show-error ")], {
      env: environment,
    });
    expect(stdout).toContain('You said: \\"Hello\\"');
    expect(gateway.output()).not.toContain(GATEWAY_KEY);
    await expect.poll(() => gateway.output(), { timeout: 5_000 }).toMatch(/ {2}200 {2}gpt-4o → /);
  });

  test("one line for each request within a second: when, status, model and target, ms, tokens, and no colour where it is no terminal", async () => {
    const from = gateway.output().length;
    expect([await chat(gateway, "gpt-4o-mini"), await chat(gateway, "nobody")]).toEqual([200, 404]);
    expect(await chat(gateway, "function::extract")).toBe(200);
    await expect.poll(() => saidSince(gateway, from), { timeout: 1_000, interval: 20 }).toHaveLength(3);
    const [passed, unknown, answered] = saidSince(gateway, from).map((line) =>
      line.replace(/^\d\d:\d\d:\d\d {2}/, "").replace(/\d+ ms/, "N ms"),
    );
    expect(unknown).toBe("404  nobody → nobody  N ms  unknown_model");
    expect(answered).toMatch(/^200 {2}function::extract → openai\/gpt-4o {2}N ms {2}\d+\+\d+ tokens {2}simulated$/);
    expect(passed).toMatch(/^200 {2}gpt-4o-mini → openai\/gpt-4o-mini {2}N ms {2}\d+\+\d+ tokens {2}simulated$/);
    expect(gateway.output()).not.toContain("\u001b");
  });
});

describe("--quiet", () => {
  test("says nothing of requests", async () => {
    const gateway = await startDevGateway(ROUTES, {}, ["--quiet"]);
    try {
      const from = gateway.output().length;
      expect(await chat(gateway, "gpt-4o")).toBe(200);
      await sleep(1_000);
      expect(saidSince(gateway, from)).toEqual([]);
    } finally {
      await gateway.end();
    }
  });
});

describe("a routes.toml that is being written", () => {
  let gateway: DevGateway;
  const file = (): string => join(gateway.directory, "routes.toml");
  const versions = async (): Promise<number> => (JSON.parse(await gateway.command("versions", "--json")) as unknown[]).length;

  beforeAll(async () => {
    gateway = await startDevGateway(ROUTES);
  });
  afterAll(() => gateway?.end());

  test.each([
    { what: "empty", size: 0 },
    // After the providers and targets: half of the file is a file, too, with fewer routes.
    { what: "half", size: ROUTES.indexOf("[functions.extract]") },
  ])("is not published while it is $what, and is once it is whole", async ({ what, size }) => {
    const before = await versions();
    const from = gateway.output().length;
    await truncate(file(), size);
    await sleep(600);
    expect(saidSince(gateway, from)).toEqual([]);
    expect(await chat(gateway, "function::extract")).toBe(200);
    await writeFile(file(), `# ${what}\n${ROUTES}`);
    await expect.poll(() => gateway.output().slice(from), { timeout: 5_000 }).toContain("Published routes.toml as");
    expect(gateway.output().slice(from)).not.toContain("error");
    expect(await versions()).toBe(before + 1);
  });

  test("that stays without any provider is not published, and that is said", async () => {
    const before = await versions();
    const from = gateway.output().length;
    await writeFile(file(), "# nothing\n");
    await expect.poll(() => gateway.output().slice(from), { timeout: 5_000 }).toContain("routes.toml has no provider any more");
    expect(gateway.output().slice(from)).toContain("still serving the previous version");
    expect(await versions()).toBe(before);
    expect(await chat(gateway, "function::extract")).toBe(200);
  });

  test("and an env file that is empty for a moment does not restart the gateway without its keys", async () => {
    const variables = join(gateway.directory, ".dev.vars");
    let from = gateway.output().length;
    await writeFile(file(), ROUTES);
    await writeFile(variables, `TO11_API_KEY="${GATEWAY_KEY}"\n`);
    await expect.poll(() => gateway.output().slice(from), { timeout: 20_000 }).toContain("Serving routes.toml again");
    from = gateway.output().length;
    await truncate(variables);
    await sleep(400);
    await appendFile(variables, `TO11_API_KEY="${GATEWAY_KEY}"\n`);
    await sleep(1_500);
    expect(await readFile(variables, "utf8")).toContain("TO11_API_KEY");
    expect(saidSince(gateway, from)).toEqual([]);
    expect(await chat(gateway, "gpt-4o", "none")).toBe(401);
  });
});

describe("wrangler's own proxy dies", () => {
  test("npm start says so and ends with 1", async () => {
    const gateway = await startDevGateway(ROUTES);
    const [proxy, worker] = gateway.processes().runtimes;
    expect([proxy, worker].every((pid) => pid !== undefined && pid > 0)).toBe(true);
    process.kill(proxy ?? 0, "SIGKILL");
    const code = await gateway.exited;
    expect(gateway.output()).toContain("The gateway no longer answers.");
    expect(code).toBe(1);
    await gateway.end();
  });

  test("the Worker's runtime dies: wrangler starts it again, and requests are shown as before", async () => {
    const gateway = await startDevGateway(ROUTES);
    try {
      process.kill(gateway.processes().runtimes[1] ?? 0, "SIGKILL");
      const answers = async (): Promise<number> => chat(gateway, "gpt-4o").catch(() => 0);
      await expect.poll(answers, { timeout: 20_000, interval: 500 }).toBe(200);
      const from = gateway.output().length;
      await expect
        .poll(
          async () => {
            await answers();
            return gateway.output().slice(from);
          },
          { timeout: 10_000, interval: 500 },
        )
        .toMatch(/ {2}200 {2}gpt-4o → /);
    } finally {
      await gateway.end();
    }
  });
});
