import { createServer } from "node:net";
import type { AddressInfo } from "node:net";

/** An upstream that answers every call with the bytes it was given last, as HTTP or not, and closes. */
export interface RawUpstream {
  /** `http://127.0.0.1:PORT/v1`. */
  readonly baseUrl: string;
  answers: Buffer;
  close(): Promise<void>;
}

/** Starts one on loopback. */
export async function startRawUpstream(): Promise<RawUpstream> {
  const upstream = { baseUrl: "", answers: Buffer.alloc(0), close: () => closed() };
  const server = createServer((socket) => {
    // A gateway that has seen enough may be gone before the end.
    socket.on("error", () => socket.destroy());
    socket.once("data", () => socket.end(upstream.answers));
  });
  const closed = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  upstream.baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return upstream;
}

/** A whole answer in JSON with this header line besides, byte by byte. */
export function answerWith(header: Buffer, body: string, status = 200): Buffer {
  const head = `HTTP/1.1 ${status} -\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
  return Buffer.concat([Buffer.from(head), header, Buffer.from(`\r\n\r\n${body}`)]);
}
