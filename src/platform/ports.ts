import { drawFrom } from "../core/draw.ts";
import type { Ports, Simulator } from "../gateway/ports.ts";
import type { KeepAlive } from "../web/api/services.ts";
import type { Secrets } from "./secrets.ts";
import type { TraceSink } from "./trace-sink.ts";

/** What the ports of a request share with those of all others in the isolate. */
export interface Shared {
  readonly secrets: Secrets;
  readonly sink: TraceSink;
  readonly simulator: Simulator | undefined;
}

/** The request path's ports on Workers. */
export function workerPorts(shared: Shared, keepAlive: KeepAlive): Ports {
  return {
    fetch: (url, init) => fetch(url, init),
    now: () => Date.now(),
    draw: (total) => drawFrom(total, nextUint32),
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    after(ms, callback) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    secret: (name, origin) => shared.secrets.secret(name, origin),
    simulator: shared.simulator,
    record: (trace) => shared.sink.record(trace, keepAlive),
  };
}

function nextUint32(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}
