import { CommandFailure } from "../command-failure.ts";
import { clearProgress, showProgress } from "../terminal/terminal.ts";
import { envFileOf, type Variables } from "../variables.ts";
import { EventQueue } from "./files/event-queue.ts";
import { portProblem } from "./process/port.ts";
import { keepToOneself, makePrivate } from "./process/private-state.ts";
import { Session } from "./session.ts";
import type { SimulateChoice } from "./simulate-choice.ts";
import { lockState } from "./process/state-lock.ts";
import { watchFiles } from "./files/watch-files.ts";

/** What `to11 dev` was given. */
export interface DevOptions {
  readonly routes: string;
  readonly port: number;
  readonly envFile?: string;
  readonly persistTo: string;
  readonly simulate: SimulateChoice;
  readonly quiet?: boolean;
}

/** How often to look whether npm is still there. */
const PARENT_POLL_MS = 250;

const ENDINGS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs the gateway on this machine until a signal ends it, following its files. Leaves no process behind, however it ends. */
export async function dev(options: DevOptions, shell: Variables): Promise<void> {
  const problem = await portProblem(options.port);
  if (problem !== null) throw new CommandFailure(problem);
  keepToOneself();
  const unlock = lockState(options.persistTo);
  makePrivate(options.persistTo);
  const ending = new AbortController();
  const events = new EventQueue<"routes" | "variables" | "gateway-ended" | "ending">();
  // A second signal, as npm passes on what the terminal has sent already, changes nothing.
  const end = () => {
    ending.abort();
    events.push("ending");
  };
  for (const signal of ENDINGS) process.on(signal, end);
  const unwatchNpm = watchNpm(shell, end);
  const envFile = envFileOf(options.envFile);
  const session = new Session({ ...options, quiet: options.quiet === true, envFile, shell, signal: ending.signal }, () =>
    events.push("gateway-ended"),
  );
  try {
    showProgress("starting");
    await session.start();
    await followFiles(session, events);
  } catch (error) {
    if (!ending.signal.aborted) throw error;
  } finally {
    clearProgress();
    await session.stop();
    unlock();
    unwatchNpm();
    for (const signal of ENDINGS) process.off(signal, end);
  }
}

/** An npm that was killed has passed no signal on: when it is gone, the end has come. Answers with what ends the watch. */
function watchNpm(shell: Variables, end: () => void): () => void {
  if (shell["npm_lifecycle_event"] === undefined) return () => undefined;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) end();
  }, PARENT_POLL_MS);
  return () => clearInterval(timer);
}

async function followFiles(session: Session, events: EventQueue<"routes" | "variables" | "gateway-ended" | "ending">): Promise<void> {
  const { routes, variables } = session.watched();
  const watcher = watchFiles(
    new Map([
      [routes, () => events.push("routes")],
      [variables, () => events.push("variables")],
    ]),
  );
  // What was edited while it started.
  events.push("routes");
  events.push("variables");
  try {
    for (;;) {
      const event = await events.next();
      if (event === "routes") await session.routesChanged();
      else if (event === "variables") await session.variablesChanged();
      else if (event === "gateway-ended") throw new CommandFailure(session.obituary());
      else return;
    }
  } finally {
    watcher.close();
  }
}
