import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newDirectory, ROUTES, runTo11 } from "./to11-process.ts";

/** Clears the screen, sets its title, ends a line, colours, turns the direction of writing; C1's way of saying the first. */
const HOSTILE = "\u001b[2J\u001b]0;title\u0007\r\nfake line \u001b[31m\u202e\u009b2J\u007f\u0000";
const SHOWN = String.raw`\u001b[2J\u001b]0;title\u0007\r\nfake line \u001b[31m\u202e\u009b2J\u007f\u0000`;

const VERSION = "a".repeat(64);
const AT = "2026-11-20T12:00:00.000Z";
const PROBLEM = { severity: "error", path: "routes.x", line: 1, column: 1, message: HOSTILE };
const TRACE = {
  id: HOSTILE,
  started_at: AT,
  status: 404,
  outcome: "rejected",
  duration_ms: 1,
  requested_model: HOSTILE,
  provider: HOSTILE,
  upstream_model: HOSTILE,
  target: HOSTILE,
  strategy: "experiment",
  variant: HOSTILE,
  attempts: [],
  usage: { input_tokens: 1, output_tokens: 1 },
};
const CANDIDATE = {
  target: HOSTILE,
  provider: HOSTILE,
  model: HOSTILE,
  step: 0,
  variant: HOSTILE,
  share: 1,
  translated: HOSTILE,
  skipped: HOSTILE,
};

/** What a gateway says whose callers, authors and upstreams chose their words with care. */
const ANSWERS: Readonly<Record<string, readonly [status: number, body: unknown]>> = {
  "GET /api/traces": [200, { traces: [TRACE], next_cursor: null, searched_until: AT }],
  "POST /api/explain": [200, { layer: "route", route: HOSTILE, function: null, strategy: "single", candidates: [CANDIDATE], reason: HOSTILE, config: VERSION }], // prettier-ignore
  "GET /api/config/versions": [200, { project: "default", versions: [{ version: VERSION, published_at: AT, author: HOSTILE, current: true }] }], // prettier-ignore
  "GET /api/config": [200, { project: "default", version: VERSION, source: "published", published_at: AT, author: HOSTILE, deployed_version: VERSION, toml: `# ${HOSTILE}\n`, warnings: [] }], // prettier-ignore
  "PUT /api/config": [400, { error: { message: HOSTILE, problems: [PROBLEM] } }],
  "POST /api/config/rollback": [404, { error: { message: HOSTILE } }],
  "GET /api/providers": [401, { error: { message: HOSTILE } }],
};

let server: Server;
let cwd = "";
let url = "";

beforeAll(async () => {
  cwd = await newDirectory();
  await writeFile(join(cwd, "routes.toml"), ROUTES);
  await writeFile(join(cwd, "odd.toml"), `${ROUTES}[routes."\\u001b[2J\\n"]\n[routes.x]\ntargets = ["\\u001b[2J\\u202e\\nfake"]\n`);
  server = createServer((request, response) => {
    const [status, body] = ANSWERS[`${request.method} ${request.url?.split("?")[0]}`] ?? [404, ""];
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise<void>((closed) => server.close(() => closed())));

/** What stands in an output that a terminal would obey: the colours that `to11` itself puts in are none. */
const commandsIn = (output: string): string =>
  [1, 2, 22, 31, 32, 33, 39]
    .reduce((text, colour) => text.replaceAll(`\u001b[${colour}m`, ""), output)
    .replaceAll(/[^\p{Cc}\u202a-\u202e\u2066-\u2069]|\n/gu, "");

describe("whatever others say, no terminal is commanded by it:", () => {
  it.each<[string, readonly string[], number, string]>([
    ["traces", ["traces"], 0, SHOWN],
    ["traces as JSON", ["traces", "--json"], 0, SHOWN],
    ["explain", ["explain", "gpt-4o"], 0, SHOWN],
    ["explain as JSON", ["explain", "gpt-4o", "--json"], 0, SHOWN],
    ["versions", ["versions"], 0, SHOWN],
    ["a diff", ["diff"], 0, String.raw`\u001b[2J`],
    ["a refused file", ["publish"], 1, SHOWN],
    ["a refused rollback", ["rollback", "aaaaaaaa"], 1, SHOWN],
    ["a refused call", ["simulate", "openai", "--clear"], 1, SHOWN],
  ])("%s", async (_name, parameters, code, shown) => {
    const run = await runTo11([...parameters, "--url", url], { cwd, variables: { FORCE_COLOR: "1" } });
    expect(run.code, run.output).toBe(code);
    expect(commandsIn(run.output)).toBe("");
    expect(run.output).toContain(shown);
  });

  it("a file's own names, in what is wrong with it", async () => {
    const { code, output } = await runTo11(["check", "--routes", "odd.toml"], { cwd, variables: { FORCE_COLOR: "1" } });
    expect(code).toBe(1);
    expect(commandsIn(output)).toBe("");
    expect(output).toContain(String.raw`there is no target "\u001b[2J\u202e\nfake"`);
    expect(output.trimEnd().split("\n")).toHaveLength(2);
  });

  it("what the command line dresses itself stays dressed", async () => {
    const { output } = await runTo11(["check"], { cwd, variables: { FORCE_COLOR: "1" } });
    expect(output).toBe("routes.toml \u001b[32mis fine\u001b[39m: 2 providers, 1 route, 1 function\n");
  });

  it("JSON stays the same JSON", async () => {
    const { output } = await runTo11(["traces", "--json", "--url", url], { cwd });
    expect(JSON.parse(output)).toEqual(TRACE);
  });

  it("a file that is pulled stays as it is where it goes into a pipe", async () => {
    expect((await runTo11(["pull", "--url", url], { cwd })).output).toBe(`# ${HOSTILE}\n`);
  });
});
