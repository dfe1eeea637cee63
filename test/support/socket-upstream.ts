import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";

/** An upstream that speaks over WebSockets: it says what it was called with, then whatever it is told; `close 4001 why` closes it, `bytes` gets three bytes. */
const SCRIPT = `
export default {
  fetch(request) {
    if (request.headers.get("upgrade") !== "websocket") return new Response("plain HTTP", { status: 400 });
    const { 0: theirs, 1: own } = new WebSocketPair();
    own.binaryType = "arraybuffer";
    own.accept();
    const headers = Object.fromEntries(request.headers);
    own.send(JSON.stringify({ url: new URL(request.url).pathname + new URL(request.url).search, headers }));
    own.addEventListener("message", ({ data }) => {
      if (typeof data === "string" && data.startsWith("close ")) {
        const [, code, reason] = data.split(" ");
        own.close(Number(code), reason);
      } else if (data === "bytes") own.send(new Uint8Array([1, 2, 3]));
      else own.send(typeof data === "string" ? "echo " + data : data);
    });
    const protocol = headers["sec-websocket-protocol"];
    return new Response(null, { status: 101, webSocket: theirs, headers: protocol ? { "sec-websocket-protocol": protocol.split(",")[0] } : {} });
  },
};
`;

/** A running one. */
export interface SocketUpstream {
  /** `http://127.0.0.1:PORT/v1`. */
  readonly baseUrl: string;
  close(): Promise<void>;
}

/** Starts one on loopback. */
export async function startSocketUpstream(): Promise<SocketUpstream> {
  const runtime = new Miniflare(
    convertV4MiniflareOptions({
      log: new Log(LogLevel.NONE),
      workers: [
        {
          name: "upstream",
          compatibilityDate: "2026-10-23",
          modules: [{ type: "ESModule", path: "upstream.js", contents: SCRIPT }],
          unsafeDirectSockets: [{}],
        },
      ],
    }),
  );
  await runtime.ready;
  return { baseUrl: `${(await runtime.unsafeGetDirectURL()).origin}/v1`, close: () => runtime.dispose() };
}
