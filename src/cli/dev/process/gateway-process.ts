import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { PROJECT_ROOT, WRANGLER_CLI } from "../../project-root.ts";
import { workerLine } from "./worker-output.ts";

/** How long wrangler may take to end its own children before it is killed with them. */
const STOP_GRACE_MS = 3000;
/** How long a killed group may take to be gone. */
const KILL_GRACE_MS = 1000;
const STOP_POLL_MS = 20;
/** How long the last output of a process that has ended may take to be read. */
const LAST_OUTPUT_MS = 100;
/** Lines kept to tell why it died. */
const KEPT_LINES = 60;

/** A running `wrangler dev` with all that it started. */
export interface GatewayProcess {
  /** Resolves once it has ended, for whatever reason. */
  readonly exited: Promise<void>;
  /** The last of what it said, wrangler's chatter left out. */
  lastWords(): readonly string[];
  /** From now on what the Worker logs is passed to `show`. */
  showOutput(show: (line: string) => void): void;
  /** Ends it and all that it started; resolves when they are gone. */
  stop(): Promise<void>;
}

/** What to run. */
export interface GatewayProcessOptions {
  readonly port: number;
  readonly persistTo: string;
  readonly tsconfig: string;
  readonly environment: Record<string, string>;
}

/** Starts `wrangler dev` in a process group of its own, so that the whole group can be ended, and no terminal's Ctrl-C reaches it first. */
export function startGatewayProcess(options: GatewayProcessOptions): GatewayProcess {
  const child = spawn(process.execPath, [WRANGLER_CLI, ...wranglerArguments(options)], {
    cwd: PROJECT_ROOT,
    env: options.environment,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  // The last resort, should this process end by an error: nobody is left behind.
  const killAtExit = () => signalGroup(child.pid, "SIGKILL");
  process.once("exit", killAtExit);

  const kept: string[] = [];
  let show: ((line: string) => void) | null = null;
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (raw) => {
      const line = workerLine(raw);
      if (line === null) return;
      kept.push(line);
      if (kept.length > KEPT_LINES) kept.shift();
      show?.(line);
    });
  }

  const exited = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      kept.push(error.message);
      resolve();
    });
    // Not "close": a child of wrangler's that outlives it would hold the pipes open.
    child.once("exit", () => setTimeout(resolve, LAST_OUTPUT_MS));
  });

  return {
    exited,
    lastWords: () => kept,
    showOutput: (next) => {
      show = next;
    },
    async stop() {
      show = null;
      signalGroup(child.pid, "SIGINT");
      if (!(await groupGone(child.pid, STOP_GRACE_MS))) {
        signalGroup(child.pid, "SIGKILL");
        await groupGone(child.pid, KILL_GRACE_MS);
      }
      process.off("exit", killAtExit);
    },
  };
}

function wranglerArguments({ port, persistTo, tsconfig }: GatewayProcessOptions): string[] {
  const settings: Record<string, string> = {
    config: "wrangler.toml",
    ip: "127.0.0.1",
    port: String(port),
    "inspector-port": "0",
    "persist-to": persistTo,
    // Not .dev.vars: this environment alone says what the bindings are.
    "env-file": "/dev/null",
    // Its `paths` lead #bundled-config to this run's own compiled file; wrangler 4.155 takes --alias but does nothing with it.
    tsconfig,
    "log-level": "log",
    "show-interactive-dev-session": "false",
  };
  return ["dev", ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`)];
}

/** `false`: the group does not exist (any more). */
function signalGroup(pid: number | undefined, signal: "SIGINT" | "SIGKILL" | 0): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

async function groupGone(pid: number | undefined, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (signalGroup(pid, 0)) {
    if (performance.now() > deadline) return false;
    await sleep(STOP_POLL_MS);
  }
  return true;
}
