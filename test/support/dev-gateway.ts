import { execFileSync } from "node:child_process";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, newDirectory, runTo11, to11 } from "../e2e/to11-process.ts";

/** A `to11 dev` with a directory, a port and state of its own, for tests that call it as clients do. */
export interface DevGateway {
  /** `http://localhost:PORT`. */
  readonly url: string;
  /** What clients take as their base URL: `http://localhost:PORT/v1`. */
  readonly baseUrl: string;
  /** Where it runs; its routes.toml lies there. */
  readonly directory: string;
  /** All that it said so far. */
  output(): string;
  /** Its own process, and those of the runtime that it started. */
  processes(): { readonly own: number; readonly runtimes: readonly number[] };
  /** Resolves with its exit code. */
  readonly exited: Promise<number | null>;
  /** Puts another routes.toml in the place of the one there, as editors do. */
  edit(toml: string): Promise<void>;
  /** Runs another `to11` command beside it and gives what it printed. @throws Error where it does not end with 0. */
  command(...parameters: readonly string[]): Promise<string>;
  /** Ends it and takes its directory away. @throws Error where it, or a process it started, had to be killed. */
  end(): Promise<void>;
}

/** How long the start may take on a slow machine, and how long the end. */
const START_TIMEOUT_MS = 45_000;
const END_TIMEOUT_MS = 10_000;

/** Starts a gateway for this routes.toml, with these environment variables and no others of the shell; resolves once it says that it is ready. */
export async function startDevGateway(
  toml: string,
  variables: Readonly<Record<string, string>> = {},
  parameters: readonly string[] = [],
): Promise<DevGateway> {
  const directory = await newDirectory();
  await writeFile(join(directory, "routes.toml"), toml);
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const places = ["--port", String(port), "--persist-to", join(directory, "state")];
  const dev = to11(["dev", ...places, ...parameters], { cwd: directory, variables });
  const end = async (): Promise<void> => {
    const groups = groupsOf(dev.child.pid);
    dev.child.kill("SIGINT");
    const hasEnded = await within(END_TIMEOUT_MS, dev.exited);
    if (!hasEnded) dev.child.kill("SIGKILL");
    const killed = groups.filter(killGroup);
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    if (!hasEnded || killed.length > 0) throw new Error(`to11 dev did not end, or left processes behind:\n${dev.output()}`);
  };
  if (!(await within(START_TIMEOUT_MS, dev.says("Ready on")))) {
    const said = dev.output();
    await end();
    throw new Error(`to11 dev was not ready after ${START_TIMEOUT_MS} ms:\n${said}`);
  }
  return {
    url,
    baseUrl: `${url}/v1`,
    directory,
    output: () => dev.output(),
    processes: () => ({ own: dev.child.pid ?? 0, runtimes: groupsOf(dev.child.pid).flatMap(runtimesOf) }),
    exited: dev.exited,
    async edit(next) {
      await writeFile(join(directory, "routes.toml~"), next);
      await rename(join(directory, "routes.toml~"), join(directory, "routes.toml"));
    },
    async command(...parameters) {
      const { code, output } = await runTo11([...parameters, "--url", url], { cwd: directory, variables });
      if (code !== 0) throw new Error(`to11 ${parameters.join(" ")} ended with ${code}:\n${output}`);
      return output;
    },
    end,
  };
}

/** Whether it resolved in time. */
async function within(limitMs: number, promise: Promise<unknown>): Promise<boolean> {
  const over = new AbortController();
  const late = sleep(limitMs, false, { signal: over.signal }).catch(() => false);
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    over.abort();
  }
}

/** The process groups that a process's children lead; never the one of this process. */
function groupsOf(parent: number | undefined): number[] {
  return processes().flatMap(({ pid, ppid, group }) => (ppid === parent && pid === group ? [group] : []));
}

/** The processes of Cloudflare's runtime in a group, in the order in which they were started: wrangler's proxy first, then the Worker. */
function runtimesOf(leader: number): number[] {
  return processes().flatMap(({ pid, group, program }) => (group === leader && program === "workerd" ? [pid] : []));
}

interface RunningProcess {
  readonly pid: number;
  readonly ppid: number;
  readonly group: number;
  readonly program: string;
}

function processes(): RunningProcess[] {
  const rows = execFileSync("ps", ["-A", "-o", "pid=,ppid=,pgid=,comm="], { encoding: "utf8" }).trim().split("\n");
  return rows.map((row) => {
    const [pid, ppid, group, program = ""] = row.trim().split(/\s+/);
    return { pid: Number(pid), ppid: Number(ppid), group: Number(group), program };
  });
}

/** Kills what is left of a process group; `false`: nothing was. */
function killGroup(group: number): boolean {
  try {
    return process.kill(-group, "SIGKILL");
  } catch {
    return false;
  }
}
