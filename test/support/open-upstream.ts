import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An upstream that sees each request as it comes, before its body is in. */
export interface OpenUpstream {
  /** `http://127.0.0.1:PORT/v1`. */
  readonly baseUrl: string;
  /** What the next calls get. */
  serve: (request: IncomingMessage, response: ServerResponse) => void;
  close(): Promise<void>;
}

/** Starts one on loopback. */
export async function startOpenUpstream(): Promise<OpenUpstream> {
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, noDelay: true }, (request, response) => {
    // Of a call that was given up.
    request.on("error", () => undefined);
    upstream.serve(request, response);
  });
  const upstream: OpenUpstream = {
    baseUrl: "",
    serve: (_request, response) => void response.end(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return Object.assign(upstream, { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` });
}
