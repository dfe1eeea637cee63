import { readFile } from "node:fs/promises";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { parse } from "smol-toml";
import * as z from "zod";
import { bundledModule } from "../../src/cli/build/bundled-module.ts";
import { compile } from "../../src/config/compile.ts";
import { documentVersion, writeDocument } from "../../src/config/document.ts";
import type { SettledPrices } from "../../src/config/prices.ts";
import { formatProblem } from "../../src/config/file/problem.ts";
import type { TraceRecord } from "../../src/core/trace/trace-record.ts";
import { WORKER_SCRIPT } from "./build-worker.ts";

/** Keys that the tests' gateways know. */
export const GATEWAY_KEY = "to11_test-key-of-the-gateway-000000000000001";
export const ADMIN_KEY = "admin-key-of-the-tests-gateway-0000001";

/** How a gateway is started. */
export interface GatewayOptions {
  readonly toml: string;
  /** Secrets and variables, besides `TO11_API_KEY` and `TO11_ADMIN_KEY`; `undefined` takes one away. */
  readonly bindings?: Readonly<Record<string, string | undefined>>;
  /** As they were settled when the file was published; left out: none. */
  readonly prices?: SettledPrices;
  /** When the deploy was built, ms since the epoch; left out: as under `to11 dev`, which publishes by itself. */
  readonly builtAtMs?: number;
  /** Where KV and the objects are kept, for a gateway to come; left out: nowhere. */
  readonly persistTo?: string;
  /** The port of workerd's inspector; left out: none. */
  readonly inspectorPort?: number;
}

/** The whole Worker in workerd, with real KV and Durable Objects, called on its own socket without a proxy before it. */
export interface Gateway {
  readonly url: string;
  /** Calls it with the gateway key. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** `POST` of JSON with the gateway key. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Calls the control API with the admin key. */
  api(path: string, init?: RequestInit): Promise<Response>;
  /** The trace of an answer, as soon as it is stored. @throws Error after two seconds. */
  traceOf(response: Response): Promise<TraceRecord>;
  /** The newest trace of a session, as soon as it is stored. @throws Error after two seconds. */
  traceOfSession(session: string): Promise<TraceRecord>;
  /** The newest traces, once there are at least `count`. @throws Error after two seconds. */
  traces(count: number): Promise<readonly TraceRecord[]>;
  /** All that workerd and the Worker wrote to their logs so far. */
  logs(): string;
  /** The namespace `CONFIG`. */
  kv(): Promise<{
    get(key: string): Promise<string | null>;
    put(key: string, value: string, options?: { readonly metadata: unknown }): Promise<void>;
    list(): Promise<{ keys: { name: string }[] }>;
  }>;
  close(): Promise<void>;
}

/** Starts a gateway with this routes.toml as the file of its deploy. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  let logged = "";
  const runtime = new Miniflare(convertV4MiniflareOptions(await miniflareOptions(options, (text) => (logged += text))));
  await runtime.ready;
  const url = (await runtime.unsafeGetDirectURL()).origin;
  const api = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(url + path, withHeader(init, "authorization", `Bearer ${ADMIN_KEY}`));
  const call = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(url + path, withHeader(init, "x-to11-authorization", `Bearer ${GATEWAY_KEY}`));
  return {
    url,
    fetch: call,
    post: (path, body, headers = {}) =>
      call(path, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) }),
    api,
    traceOf: (response) => poll(async () => readTrace(await api(`/api/traces/${response.headers.get("x-to11-request-id")}`))),
    traceOfSession: (session) =>
      poll(async () => {
        const { traces } = (await (await api(`/api/traces?session=${session}`)).json()) as { traces: TraceRecord[] };
        return traces[0];
      }),
    traces: (count) =>
      poll(async () => {
        const { traces } = (await (await api("/api/traces?limit=200")).json()) as { traces: TraceRecord[] };
        return traces.length >= count ? traces : undefined;
      }),
    logs: () => logged,
    kv: () => runtime.getKVNamespace("CONFIG"),
    close: () => runtime.dispose(),
  };
}

/** What of wrangler.toml the runtime needs to know. */
const wranglerSchema = z.object({
  compatibility_date: z.string(),
  compatibility_flags: z.array(z.string()),
  durable_objects: z.object({ bindings: z.array(z.object({ name: z.string(), class_name: z.string() })) }),
});

async function miniflareOptions(
  options: GatewayOptions,
  log: (text: string) => void,
): Promise<Parameters<typeof convertV4MiniflareOptions>[0]> {
  const wrangler = wranglerSchema.parse(parse(await readFile("wrangler.toml", "utf8")));
  return {
    log: new Log(LogLevel.NONE),
    ...(options.inspectorPort === undefined ? {} : { inspectorPort: options.inspectorPort }),
    ...(options.persistTo === undefined ? {} : { resourcePersistencePath: options.persistTo }),
    handleStructuredLogs: ({ message }) => log(`${message}\n`),
    workers: [
      {
        name: "to11",
        compatibilityDate: wrangler.compatibility_date,
        compatibilityFlags: wrangler.compatibility_flags,
        modules: [
          { type: "ESModule", path: "worker.js", contents: await readFile(WORKER_SCRIPT, "utf8") },
          { type: "ESModule", path: "bundled-config.js", contents: await bundledConfig(options) },
        ],
        bindings: definedOnly({ TO11_API_KEY: GATEWAY_KEY, TO11_ADMIN_KEY: ADMIN_KEY, ...options.bindings }),
        kvNamespaces: ["CONFIG"],
        durableObjects: Object.fromEntries(
          wrangler.durable_objects.bindings.map(({ name, class_name: className }) => [name, { className, useSQLite: true }]),
        ),
        unsafeDirectSockets: [{}],
      },
    ],
  };
}

async function bundledConfig({ toml, prices, builtAtMs }: GatewayOptions): Promise<string> {
  const compiled = compile(toml, { localDevelopment: true });
  if (!compiled.ok) throw new Error(compiled.error.map((problem) => formatProblem(problem, "routes.toml")).join("\n"));
  const document = writeDocument(toml, compiled.value.compiled, prices);
  return bundledModule({ document, version: await documentVersion(document), builtAtMs: builtAtMs ?? null });
}

function definedOnly(bindings: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(bindings).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function withHeader(init: RequestInit, name: string, value: string): RequestInit {
  const headers = new Headers(init.headers);
  if (!headers.has(name)) headers.set(name, value);
  return { ...init, headers };
}

async function readTrace(response: Response): Promise<TraceRecord | undefined> {
  if (response.status === 404) {
    await response.arrayBuffer();
    return undefined;
  }
  return (await response.json()) as TraceRecord;
}

const POLL_MS = 25;
const POLL_ATTEMPTS = 80;

/** Traces are stored after the answer, in batches: asks until one is there. */
async function poll<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < POLL_ATTEMPTS; attempt += 1) {
    const found = await ask();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error("what was waited for did not come within two seconds");
}
