import { once } from "node:events";
import { connect } from "node:net";

/** A request written byte by byte to a socket of its own. */
export interface RawSocket {
  /** Resolves when the bytes are handed to the system. */
  send(bytes: string | Uint8Array): Promise<void>;
  /** The answer as far as it came, once its announced length is there or its connection is closed. @throws Error where nothing came. */
  answer(): Promise<Response>;
  destroy(): void;
}

/** Opens a socket and writes the head of a request; nothing of its body is sent. */
export async function openRequest(
  url: string,
  { method = "POST", ...headers }: { readonly method?: string } & Readonly<Record<string, string>>,
): Promise<RawSocket> {
  const { hostname, port, pathname, search, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  let seen = "";
  let isOver = false;
  socket.setEncoding("latin1").on("data", (text: string) => {
    seen += text;
    isOver ||= isWhole(seen);
    if (isOver) socket.emit("whole");
  });
  // Bytes sent behind an answer that closes the connection.
  socket.on("error", () => undefined);
  socket.on("close", () => {
    isOver = true;
    socket.emit("whole");
  });
  const send = (bytes: string | Uint8Array): Promise<void> => new Promise((resolve) => socket.write(bytes, () => resolve()));
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  await once(socket, "connect");
  await send(`${method} ${pathname}${search} HTTP/1.1\r\n${lines.join("")}\r\n`);
  return {
    send,
    async answer() {
      if (!isOver) await once(socket, "whole");
      return responseOf(seen);
    },
    destroy: () => void socket.destroy(),
  };
}

function isWhole(seen: string): boolean {
  const end = seen.indexOf("\r\n\r\n");
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(seen.slice(0, end + 2))?.[1];
  return end >= 0 && length !== undefined && seen.length >= end + 4 + Number(length);
}

function responseOf(seen: string): Response {
  const [statusLine = "", ...lines] = seen.slice(0, Math.max(0, seen.indexOf("\r\n\r\n"))).split("\r\n");
  const status = Number(statusLine.split(" ", 2)[1]);
  const headers = lines.map((line): [string, string] => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]);
  const body = seen.slice(seen.indexOf("\r\n\r\n") + 4);
  return new Response(body === "" ? null : body, { status, headers });
}
