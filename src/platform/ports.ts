import { keptContent } from "../core/trace/trace-content.ts";
import { drawFrom } from "../core/routing/draw.ts";
import type { Ports } from "../gateway/ports.ts";
import type { KeepAlive } from "../web/api/services.ts";
import type { Isolate } from "./isolate.ts";

/** The request path's ports on Workers, for one request. */
export function workerPorts({ control, secrets, traces }: Isolate, keepAlive: KeepAlive): Ports {
  return {
    fetch: (url, init) => fetch(url, init),
    pipe: (bytes) => (bytes === undefined ? new IdentityTransformStream() : new FixedLengthStream(bytes)),
    socketPair() {
      const { 0: callers, 1: own } = new WebSocketPair();
      return { callers, own };
    },
    now: () => Date.now(),
    draw: (total) => drawFrom(total, nextUint32),
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    after(ms, callback) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    secret: (name, site) => secrets.secret(name, site),
    redact: (text) => secrets.redact(text),
    redactBytes: (bytes) => secrets.redactBytes(bytes),
    holdsSecret: (value) => secrets.areIn(value),
    simulator: control.simulator,
    record: (trace, content) => traces.record(trace, keepAlive, content && keptContent(content, (text) => secrets.redact(text))),
  };
}

function nextUint32(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}
