import { createRequire } from "node:module";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "smol-toml";
import { freePort, type ServerCommand, type ServerProcess, startServer } from "./server-process.ts";

const require = createRequire(import.meta.url);

/** The runtime that all Workers run in, without anything before it: the one that wrangler and the tests use. */
export const WORKERD_BINARY = (createRequire(require.resolve("miniflare"))("workerd") as { default: string }).default;

/** Modules that several of them import. */
const SHARED_MODULES = ["upstream-url.js", "parse-forward.js"];

const WORKERS = join(import.meta.dirname, "workers");

/** A Worker to run. */
export interface WorkerOrder {
  readonly name: string;
  /** Modules by name; the first is the entry. */
  readonly modules: readonly { readonly name: string; readonly code: string }[];
  readonly variables: Readonly<Record<string, string>>;
  /** With the gateway's KV namespace and Durable Objects. */
  readonly bindings: "none" | "gateway";
  readonly isServing: ServerCommand["isServing"];
  /** The port of its inspector; left out: none. */
  readonly inspectorPort?: number;
}

/** What of wrangler.toml the runtime needs to know. */
interface Wrangler {
  readonly compatibility_date: string;
  readonly compatibility_flags: readonly string[];
  readonly durable_objects: { readonly bindings: readonly { readonly name: string; readonly class_name: string }[] };
}

/** The modules of a contender in `bench/workers`. */
export async function benchWorker(entry: string): Promise<WorkerOrder["modules"]> {
  const names = new Set([entry, ...SHARED_MODULES]);
  return Promise.all([...names].map(async (name) => ({ name, code: await readFile(join(WORKERS, name), "utf8") })));
}

/** Runs a Worker in a workerd of its own, its state below `directory`. */
export async function startWorker(order: WorkerOrder, directory: string): Promise<ServerProcess> {
  const wrangler = parse(await readFile(join(import.meta.dirname, "..", "wrangler.toml"), "utf8")) as unknown as Wrangler;
  const port = await freePort();
  const own = join(directory, `${order.name}-${port}`);
  await mkdir(join(own, "objects"), { recursive: true });
  for (const module of order.modules) await writeFile(join(own, module.name), module.code);
  const [kv] = await benchWorker("empty-kv.js");
  await writeFile(join(own, "empty-kv.js"), kv?.code ?? "");
  await writeFile(join(own, "config.capnp"), capnp(order, wrangler, port));
  const inspector = order.inspectorPort === undefined ? [] : [`--inspector-addr=127.0.0.1:${order.inspectorPort}`];
  return startServer({
    command: [WORKERD_BINARY, "serve", "config.capnp", ...inspector],
    cwd: own,
    port,
    isServing: order.isServing,
  });
}

/** https://github.com/cloudflare/workerd/blob/main/src/workerd/server/workerd.capnp */
function capnp(order: WorkerOrder, wrangler: Wrangler, port: number): string {
  const isGateway = order.bindings === "gateway";
  const objects = isGateway ? wrangler.durable_objects.bindings : [];
  const modules = order.modules.map(({ name }) => `(name = ${text(name)}, esModule = embed ${text(name)})`);
  const bindings = [
    ...Object.entries(order.variables).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`),
    ...objects.map(({ name, class_name }) => `(name = ${text(name)}, durableObjectNamespace = ${text(class_name)})`),
    ...(isGateway ? ['(name = "CONFIG", kvNamespace = "empty-kv")'] : []),
  ];
  const namespaces = objects.map(
    ({ class_name }) => `(className = ${text(class_name)}, uniqueKey = ${text(class_name)}, enableSql = true)`,
  );
  const compatibility = `compatibilityDate = ${text(wrangler.compatibility_date)}`;
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [${modules.join(", ")}],
      bindings = [${bindings.join(", ")}],
      ${compatibility}, compatibilityFlags = [${wrangler.compatibility_flags.map((flag) => text(flag)).join(", ")}],
      durableObjectNamespaces = [${namespaces.join(", ")}],
      ${objects.length === 0 ? "" : 'durableObjectStorage = (localDisk = "objects"),'}
    )),
    (name = "empty-kv", worker = (modules = [(name = "empty-kv.js", esModule = embed "empty-kv.js")], ${compatibility})),
    (name = "internet", network = (allow = ["public", "private"])),
    (name = "objects", disk = (path = "objects", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`;
}

/** A text of Cap'n Proto's: its escapes are C's, as JSON's simple ones are. */
function text(value: string): string {
  return JSON.stringify(value);
}
