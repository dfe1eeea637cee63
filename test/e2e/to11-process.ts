import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const MAIN = resolve(import.meta.dirname, "../../src/cli/main.ts");
const POLL_MS = 20;
/** On a machine that is busy with other tests. */
const SAYS_WITHIN_MS = 50_000;

/** A `to11` command as a process. */
export interface To11Process {
  readonly child: ChildProcess;
  /** Both outputs, in the order they came. */
  output(): string;
  /** Resolves once the output holds `text`, after `from` characters of it. @throws Error with the output where it does not come, or the process ends first. */
  says(text: string, from?: number): Promise<void>;
  /** Resolves with the exit code. */
  readonly exited: Promise<number | null>;
}

/** Starts `to11` in `cwd` with only these variables and what programs need of the machine. */
export function to11(
  parameters: readonly string[],
  options: { readonly cwd: string; readonly variables?: Record<string, string> },
): To11Process {
  const child = spawn(process.execPath, ["--", MAIN, ...parameters], {
    cwd: options.cwd,
    env: { PATH: process.env["PATH"] ?? "", HOME: options.cwd, ...options.variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  let ended = false;
  const exited = new Promise<number | null>((done) => {
    child.once("close", (code) => {
      ended = true;
      done(code);
    });
  });
  return {
    child,
    output: () => output,
    async says(text, from = 0) {
      const deadline = performance.now() + SAYS_WITHIN_MS;
      while (!output.slice(from).includes(text)) {
        if (performance.now() > deadline) throw new Error(`to11 did not say "${text}" in time:\n${output}`);
        if (ended) throw new Error(`to11 ended without saying "${text}":\n${output}`);
        await sleep(POLL_MS);
      }
    },
    exited,
  };
}

/** Runs `to11` to its end. */
export async function runTo11(
  parameters: readonly string[],
  options: { readonly cwd: string; readonly variables?: Record<string, string> },
): Promise<{ readonly code: number | null; readonly output: string }> {
  const running = to11(parameters, options);
  const code = await running.exited;
  return { code, output: running.output() };
}

/** A directory of its own. */
export function newDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), "to11-"));
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** A small file: two providers, a weighted route, a function. */
export const ROUTES = `
[auth]
api_keys = ["env::TO11_API_KEY"]

[providers.openai]
base_url = "https://api.openai.com/v1"
models = ["gpt-4o", "gpt-4o-mini"]

[providers.anthropic]
base_url = "https://api.anthropic.com/v1"
models = ["claude-sonnet-4-6"]

[targets.primary]
model = "gpt-4o"
weight = 70

[targets.mini]
model = "gpt-4o-mini"
weight = 30

[routes.balanced]
models = ["gpt-4o"]
strategy = "weighted"
targets = ["primary", "mini"]

[functions.extract]
strategy = "fallback"
models = ["gpt-4o", "claude-sonnet-4-6"]
`;
