import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";

/** How long a server may take until it answers, ms. */
const START_TIMEOUT_MS = 30_000;
const POLL_MS = 2;

/** A server in a process of its own that answers on a port. */
export interface ServerProcess {
  readonly pid: number;
  readonly port: number;
  /** From the process's start to its first answer. */
  readonly startMs: number;
  /** What it wrote so far. */
  said(): string;
  stop(): Promise<void>;
}

/** What to start, and what it has to answer before it counts as started. */
export interface ServerCommand {
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly port: number;
  /** One request; rejects or is false while the server does not serve. */
  readonly isServing: (port: number) => Promise<boolean>;
}

/** Starts a server and waits for its first answer. @throws Error with what it said when it does not come. */
export async function startServer(order: ServerCommand): Promise<ServerProcess> {
  const { port } = order;
  const [program = "", ...parameters] = order.command;
  const startedAt = performance.now();
  const child = spawn(program, parameters, {
    cwd: order.cwd,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...order.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  const killAtExit = (): void => void child.kill("SIGKILL");
  process.once("exit", killAtExit);
  await untilServing(child, order, () => said);
  return {
    pid: child.pid ?? 0,
    port,
    startMs: performance.now() - startedAt,
    said: () => said,
    async stop() {
      process.off("exit", killAtExit);
      await ended(child);
    },
  };
}

async function untilServing(child: ChildProcess, order: ServerCommand, said: () => string): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  const serves = (): Promise<boolean> => order.isServing(order.port).catch(() => false);
  while (!(await serves())) {
    if (child.exitCode !== null || performance.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`${order.command.join(" ")} does not serve; it said:\n${said()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
}

/** A port of loopback that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
