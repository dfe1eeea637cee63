import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { cpuNs } from "../../bench/process-usage.ts";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { type DevGateway, startDevGateway } from "../support/dev-gateway.ts";
import { ADMIN_KEY, type Gateway, GATEWAY_KEY, startGateway } from "../support/gateway.ts";
import { workerdOf } from "../support/memory.ts";
import { bearer, rawCall, type RawCall, rawPost, type RawResponse } from "../support/raw-call.ts";

/** Secrets that the gateways hold, made so that every way of writing them down differs from the next. */
export const SECRETS = {
  A_API_KEY: 'stored/key+of="a"==',
  SIGNATURE: "signature-of-the-gateway/0001",
  B_API_KEY: "stored-key-of-b-00000001",
  PINNED_KEY: "stored-key-that-is-pinned-01",
} as const;

/** A caller who takes nothing is given up after so long, ms. */
export const IDLE_TIMEOUT_MS = 1_500;

/** A gateway under attack. */
export interface Place {
  /** `deployed`: the built script in workerd, closed. `npm start`: `to11 dev` without a gateway key, open to this machine. */
  readonly name: "deployed" | "npm start";
  readonly url: string;
  readonly upstream: Simulator;
  /** The headers by which a caller is let in. */
  readonly key: Readonly<Record<string, string>>;
  /** A call of somebody who may call. */
  readonly post: (path: string, json: unknown, headers?: Readonly<Record<string, string>>) => Promise<RawResponse>;
  /** A call of the operator's to the control API. */
  readonly admin: (path: string, call?: RawCall) => Promise<RawResponse>;
  /** All that it wrote to its logs or its terminal. */
  logs(): string;
  /** ms of the processor that its runtime has used. */
  processorMs(): number;
  /** Where it keeps its state; `undefined`: in memory. */
  readonly stateDirectory: string | undefined;
  /** Writes to its KV; `undefined`: nobody but it can. */
  readonly plant: ((key: string, value: string, metadata: unknown) => Promise<void>) | undefined;
  close(): Promise<void>;
}

/** Starts the script that a deploy uploads, in workerd. */
export async function deployed(): Promise<Place> {
  const upstream = await startSimulator({ tokenDelayMs: 0 });
  const gateway: Gateway = await startGateway({ toml: routesFor(upstream), bindings: SECRETS });
  const workerd = workerdOf(process.pid);
  return {
    name: "deployed",
    url: gateway.url,
    upstream,
    key: bearer(GATEWAY_KEY),
    post: (path, json, headers = {}) => rawPost(gateway.url + path, json, { ...bearer(GATEWAY_KEY), ...headers }),
    admin: (path, call = {}) =>
      rawCall(gateway.url + path, { ...call, headers: { authorization: `Bearer ${ADMIN_KEY}`, ...call.headers } }),
    logs: () => gateway.logs(),
    processorMs: () => cpuNs(workerd) / 1e6,
    stateDirectory: undefined,
    plant: async (key, value, metadata) => (await gateway.kv()).put(key, value, { metadata }),
    close: async () => {
      await gateway.close();
      await upstream.close();
    },
  };
}

/** Runs what `npm start` runs. */
export async function started(): Promise<Place> {
  const upstream = await startSimulator({ tokenDelayMs: 0 });
  const gateway: DevGateway = await startDevGateway(routesFor(upstream), SECRETS).catch(async (error: unknown) => {
    await upstream.close();
    throw error;
  });
  return {
    name: "npm start",
    url: gateway.url,
    upstream,
    key: {},
    post: (path, json, headers = {}) => rawPost(gateway.url + path, json, headers),
    admin: (path, call) => rawCall(gateway.url + path, call),
    logs: () => gateway.output(),
    processorMs: () => gateway.processes().runtimes.reduce((sum, pid) => sum + cpuNs(pid), 0) / 1e6,
    stateDirectory: `${gateway.directory}/state`,
    plant: undefined,
    close: async () => {
      await gateway.end();
      await upstream.close();
    },
  };
}

/** The file that both serve. */
function routesFor(upstream: Simulator): string {
  return `
[auth]
api_keys = ["env::TO11_API_KEY"]

[providers.a]
base_url = "${upstream.baseUrl("a")}"
models = ["model-a"]
headers = { x-signature = "env::SIGNATURE" }

[providers.b]
base_url = "${upstream.baseUrl("b")}"
models = ["model-b"]

[providers.pinned]
base_url = "https://pinned.example/v1"
models = ["model-pinned"]
credential = "env::PINNED_KEY"

[targets.first]
model = "model-a"
[targets.second]
model = "model-b"
[targets.third]
model = "model-pinned"

[routes.one]
targets = ["first"]
retry = { max_retries = 0 }
idle_timeout_ms = ${IDLE_TIMEOUT_MS}

[routes.two]
strategy = "fallback"
targets = ["first", "second"]
retry = { max_retries = 0 }
`;
}

const LOOKS = 120;
const LOOK_MS = 100;

const traceList = z.object({ traces: z.array(z.looseObject({ outcome: z.string(), user_id: z.nullable(z.string()) })) });

/** The newest trace of a session, and how it stood in the answer; `undefined`: it did not come within 12 s. */
export async function traceOf(place: Place, session: string): Promise<z.infer<typeof traceList>["traces"][number] | undefined> {
  for (let look = 0; look < LOOKS; look += 1) {
    const { body } = await place.admin(`/api/traces?session=${session}`);
    const [trace] = traceList.parse(JSON.parse(body.toString())).traces;
    if (trace !== undefined) return trace;
    await sleep(LOOK_MS);
  }
  return undefined;
}
