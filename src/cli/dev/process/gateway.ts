import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startSimulator } from "../../../simulator/index.ts";
import { buildDashboard } from "../../build/build-dashboard.ts";
import { bundleConfig } from "../../build/bundle-config.ts";
import { CommandFailure } from "../../command-failure.ts";
import { GatewayClient } from "../../control/gateway-client.ts";
import { PROJECT_ROOT } from "../../project-root.ts";
import type { RoutesFile } from "../../routes-file.ts";
import { valueOf, type Variables } from "../../variables.ts";
import { newProof, openFrontDoor } from "../door/front-door.ts";
import { PageCookie, pageToken } from "../door/page-cookie.ts";
import { childEnvironment } from "./child-environment.ts";
import { startGatewayProcess, type GatewayProcess } from "./gateway-process.ts";
import { freePort } from "./port.ts";
import type { StartPlan } from "../start-plan.ts";

/** A local gateway that answers, with the simulator it may lean on. */
export interface RunningGateway {
  /** What it was started for: its secrets and where they go are pinned to this file. */
  readonly file: RoutesFile;
  readonly plan: StartPlan;
  readonly client: GatewayClient;
  readonly process: GatewayProcess;
  /** Where it answers by itself, behind the door. */
  readonly port: number;
  stop(): Promise<void>;
}

/** What to start. */
export interface GatewayStart {
  readonly file: RoutesFile;
  readonly plan: StartPlan;
  readonly variables: Variables;
  readonly port: number;
  readonly persistTo: string;
  /** Ends the start half-way. */
  readonly signal: AbortSignal;
}

/** How long workerd may take to build and answer, on a slow machine. */
const START_TIMEOUT_MS = 60_000;
const START_POLL_MS = 50;

/** Starts simulator and Worker and waits until the Worker answers. @throws {CommandFailure} telling what it said, having ended what was started. */
export async function startGateway(start: GatewayStart, shell: Variables): Promise<RunningGateway> {
  const { file, plan, variables } = start;
  // Beside wrangler, which takes a second to load; what it then builds waits for this. Where this fails, so does that, and says why.
  void buildDashboard().catch(() => undefined);
  const persistTo = resolve(start.persistTo);
  const bundleDirectory = join(persistTo, "bundle");
  const tsconfig = await writeTsconfig(bundleDirectory);
  await bundleConfig(file, bundleDirectory, null);
  const [proof, gatewayPort] = [newProof(), await freePort()];
  const door = await openFrontDoor({ port: start.port, gatewayPort, proof, cookie: new PageCookie(start.port, pageToken(persistTo)) });
  const simulator = plan.simulated.size === 0 ? null : await startSimulator();
  const settings = {
    compiled: file.compiled,
    variables,
    plan,
    proof,
    simulatorUrl: simulator?.url ?? null,
    routesPath: resolve(file.path),
    bundleDirectory,
    bundledAtMs: Date.now(),
  };
  const gatewayProcess = startGatewayProcess({ port: gatewayPort, persistTo, tsconfig, environment: childEnvironment(settings, shell) });
  const adminKey = valueOf(variables, "TO11_ADMIN_KEY");
  const client = new GatewayClient({
    url: `http://127.0.0.1:${start.port}`,
    project: file.compiled.project,
    signal: start.signal,
    ...(adminKey === "" ? {} : { adminKey }),
  });
  const stop = async () => {
    await door.close();
    await gatewayProcess.stop();
    await simulator?.close();
  };
  try {
    await untilHealthy(client, gatewayProcess, start.signal);
  } catch (error) {
    await stop();
    throw error;
  }
  return { file, plan, client, process: gatewayProcess, port: gatewayPort, stop };
}

/** The project's own settings, but `#bundled-config` is this run's file: several gateways of one checkout do not meet in dist. */
async function writeTsconfig(bundleDirectory: string): Promise<string> {
  await mkdir(bundleDirectory, { recursive: true });
  const path = join(bundleDirectory, "tsconfig.json");
  const paths = { "#bundled-config": [join(bundleDirectory, "bundled-config.js")] };
  await writeFile(path, JSON.stringify({ extends: join(PROJECT_ROOT, "tsconfig.json"), compilerOptions: { paths } }));
  return path;
}

async function untilHealthy(client: GatewayClient, gatewayProcess: GatewayProcess, signal: AbortSignal): Promise<void> {
  let ended = false;
  void gatewayProcess.exited.then(() => {
    ended = true;
  });
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    signal.throwIfAborted();
    if (ended) throw new CommandFailure(lastWords("The gateway did not start. It said:", gatewayProcess));
    const failure = await failureOf(client.health());
    // An answer while wrangler has just ended is somebody else's.
    if (failure === null && !ended) return;
    if (performance.now() > deadline) {
      throw new CommandFailure(
        lastWords(`The gateway does not answer after ${START_TIMEOUT_MS / 1000} s (${failure}). It said:`, gatewayProcess),
      );
    }
    await sleep(START_POLL_MS, undefined, { signal });
  }
}

/** A headline and what the process said last. */
export function lastWords(headline: string, gatewayProcess: GatewayProcess): string {
  const words = gatewayProcess.lastWords();
  return [headline, ...(words.length === 0 ? ["  (nothing)"] : words.map((line) => `  ${line}`))].join("\n");
}

async function failureOf(promise: Promise<unknown>): Promise<string | null> {
  try {
    await promise;
    return null;
  } catch (error) {
    if (error instanceof CommandFailure) return error.message;
    throw error;
  }
}
