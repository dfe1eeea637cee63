import { type ChildProcess, fork } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Build, buildGateway } from "./build.ts";
import {
  type Case,
  caseNamed,
  type ContenderName,
  CONTENDERS,
  type GatewayName,
  isGateway,
  type OwnGatewayName,
  sentBody,
} from "./cases.ts";
import { buildBefore } from "./build-before.ts";
import { peerHeaders, startPeer } from "./peer.ts";
import { ADMIN_KEY, GATEWAY_KEY, routesToml } from "./routes.ts";
import type { ServerProcess } from "./server-process.ts";
import { benchWorker, startWorker } from "./workerd.ts";

/** Where everybody's requests end. */
export interface Upstream {
  readonly port: number;
  /** How many requests of which `length:checksum` came since it was last asked. */
  tally(): Promise<Readonly<Record<string, number>>>;
  stop(): void;
}

/** Starts `upstream.ts`. */
export async function startUpstream(): Promise<Upstream> {
  const child = fork(join(import.meta.dirname, "upstream.ts"));
  const { port } = await messageFrom<{ port: number }>(child);
  return {
    port,
    tally: async () => (await (await fetch(`http://127.0.0.1:${port}/tally`)).json()) as Record<string, number>,
    stop: () => child.disconnect(),
  };
}

/** The next message of a child. @throws Error when it ends before. */
export function messageFrom<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(new Error(`${child.spawnargs.join(" ")} ended`));
    child.once("exit", gone);
    child.once("message", (message) => {
      child.off("exit", gone);
      resolve(message as T);
    });
  });
}

/** What the contenders are made of. */
export interface Field {
  readonly upstream: Upstream;
  readonly builds: Readonly<Record<OwnGatewayName, Build> & Partial<Record<GatewayName, Build>>>;
  /** Where builds, configurations and objects go. */
  readonly directory: string;
}

const ROUTES = 10;
const MANY_ROUTES = 5000;

/** What is built, besides the gateway as it is. */
export interface Wishes {
  readonly form?: "shipped" | "readable";
  /** A commit whose gateway is measured beside this one. */
  readonly before?: string | undefined;
}

/** Builds the gateway three times: as it is, with many routes, and with a sink that drops its traces. */
export async function buildAll(
  upstreamPort: number,
  directory: string,
  { form = "shipped", before }: Wishes = {},
): Promise<Field["builds"]> {
  const [few, many] = [join(directory, "10.toml"), join(directory, "5000.toml")];
  await writeFile(few, routesToml(ROUTES, upstreamPort));
  await writeFile(many, routesToml(MANY_ROUTES, upstreamPort));
  const gateway = await buildGateway({ name: "gateway", routesPath: few, form }, directory);
  return {
    ...(before === undefined ? {} : { "gateway-before": await buildBefore(before, few, directory) }),
    gateway,
    "gateway-twin": gateway,
    "gateway-5000": await buildGateway({ name: "gateway-5000", routesPath: many, form }, directory),
    "gateway-no-traces": await buildGateway({ name: "no-traces", routesPath: few, entry: "bench/workers/traces-off.js", form }, directory),
  };
}

/** The headers that a contender's callers send besides those of the request. */
export function callerHeaders(name: ContenderName, of: Case, upstream: Upstream): Record<string, string> {
  if (isGateway(name)) return { "x-to11-authorization": `Bearer ${GATEWAY_KEY}` };
  if (name === "peer") return peerHeaders(upstream.port, of.name === "fallback" ? "fallback" : "single");
  return { authorization: "Bearer sk-bench" };
}

/** Starts a contender; `undefined` for `direct`, which is nobody. `inspectorPort`: for profiling a Worker. */
export async function startContender(name: ContenderName, field: Field, inspectorPort?: number): Promise<ServerProcess | undefined> {
  if (name === "direct") return undefined;
  const isServing = (port: number): Promise<boolean> => answersOnce(name, field.upstream, port);
  if (name === "peer") return startPeer(isServing);
  const inspector = inspectorPort === undefined ? {} : { inspectorPort };
  if (!isGateway(name)) {
    const variables = { UPSTREAM: `http://127.0.0.1:${field.upstream.port}` };
    const modules = await benchWorker(`${name}.js`);
    return startWorker({ name, modules, variables, bindings: "none", isServing, ...inspector }, field.directory);
  }
  const build = field.builds[name];
  if (build === undefined) throw new Error(`there is no build of ${name}`);
  const modules = [{ name: "worker.js", code: build.script }];
  const variables = { TO11_API_KEY: GATEWAY_KEY, TO11_ADMIN_KEY: ADMIN_KEY, BENCH_API_KEY: "sk-bench" };
  return startWorker({ name, modules, variables, bindings: "gateway", isServing, ...inspector }, field.directory);
}

/** Everybody, running. */
export async function startAll(field: Field, names: readonly ContenderName[] = CONTENDERS): Promise<Map<ContenderName, ServerProcess>> {
  const running = new Map<ContenderName, ServerProcess>();
  for (const name of names) {
    const server = await startContender(name, field);
    if (server !== undefined) running.set(name, server);
  }
  return running;
}

async function answersOnce(name: ContenderName, upstream: Upstream, port: number): Promise<boolean> {
  const plain = caseNamed("small-1");
  const response = await fetch(`http://127.0.0.1:${port}${plain.path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...callerHeaders(name, plain, upstream) },
    body: new Uint8Array(sentBody(plain, name)),
  });
  await response.arrayBuffer();
  return response.ok;
}
