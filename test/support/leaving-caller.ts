import { connect } from "node:net";
import { once } from "node:events";

/** A request written to a socket of its own, so that its caller can leave at any moment and in either way. */
export interface LeavingCaller {
  /** Resolves when this text is among what came of the answer. @throws when it does not within a second. */
  untilSeen(text: string): Promise<void>;
  /** Reads nothing more, and stays. */
  pause(): void;
  /** An ordinary close (FIN). */
  close(): void;
  /** A reset (RST). */
  reset(): void;
}

/** What is sent; `announced` is the content length, where more is promised than sent. */
export interface LeavingCall {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly announced?: number;
}

const SEEN_MS = 1_000;

/** Sends a `POST` and resolves when its bytes are handed to the system. */
export async function callAndStay(url: string, call: LeavingCall): Promise<LeavingCaller> {
  const { hostname, port, pathname, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  let seen = "";
  socket.on("data", (chunk: Buffer) => {
    seen += chunk.toString("latin1");
    socket.emit("seen");
  });
  // A reset of our own shows as an error here.
  socket.on("error", () => undefined);
  const headers = { host, "content-length": String(call.announced ?? Buffer.byteLength(call.body)), ...call.headers };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  await new Promise<void>((resolve) => socket.write(`POST ${pathname} HTTP/1.1\r\n${head.join("")}\r\n${call.body}`, () => resolve()));
  return {
    async untilSeen(text) {
      const signal = AbortSignal.timeout(SEEN_MS);
      const isSeen = (): boolean => seen.includes(text);
      while (!isSeen()) await once(socket, "seen", { signal });
    },
    pause: () => void socket.pause(),
    close: () => void socket.destroy(),
    reset: () => void socket.resetAndDestroy(),
  };
}
