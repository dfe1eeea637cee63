import type { Ports } from "../ports.ts";

/** How a joined pair of WebSockets ended. */
export interface SocketsEnd {
  readonly outcome: "complete" | "truncated" | "client_closed";
  /** Bytes of the messages each way. */
  readonly fromCaller: number;
  readonly fromUpstream: number;
}

/** What a socket that broke off reports in the place of a code, and what no side may send: https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
const UNSENDABLE: ReadonlySet<number> = new Set([1005, 1006, 1015]);
const BROKEN_OFF = 1006;
const GOING_AWAY = 1001;

/** Bytes that a reason may have: https://www.rfc-editor.org/rfc/rfc6455#section-5.5 */
const REASON_BYTES = 123;

const encoder = new TextEncoder();

/** Joins the caller's WebSocket and an upstream's: each message goes on as it came. `ended` is called exactly once. */
export function joinSockets(own: WebSocket, upstream: WebSocket, ports: Pick<Ports, "redact">, ended: (end: SocketsEnd) => void): void {
  let isOver = false;
  const counts = { fromCaller: 0, fromUpstream: 0 };
  const end = (outcome: SocketsEnd["outcome"]): void => {
    if (isOver) return;
    isOver = true;
    ended({ outcome, ...counts });
  };
  const lead = (from: WebSocket, to: WebSocket, side: keyof typeof counts): void => {
    from.binaryType = "arraybuffer";
    from.addEventListener("message", ({ data }) => {
      if (isOver) return;
      counts[side] += typeof data === "string" ? encoder.encode(data).length : data.byteLength;
      to.send(data);
    });
    const broken = side === "fromCaller" ? "client_closed" : "truncated";
    from.addEventListener("close", ({ code, reason }) => {
      shut(to, code, ports.redact(reason));
      end(code === BROKEN_OFF ? broken : "complete");
    });
    from.addEventListener("error", () => {
      shut(to, GOING_AWAY, "");
      end(broken);
    });
  };
  lead(own, upstream, "fromCaller");
  lead(upstream, own, "fromUpstream");
  upstream.accept();
  own.accept();
}

function shut(socket: WebSocket, code: number, reason: string): void {
  try {
    if (UNSENDABLE.has(code)) socket.close(code === BROKEN_OFF ? GOING_AWAY : undefined);
    else socket.close(code, encoder.encode(reason).length > REASON_BYTES ? "" : reason);
  } catch {
    return; // It is closed already.
  }
}
