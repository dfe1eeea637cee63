import { request } from "node:http";

/** An answer as it came over the wire: nothing decoded. */
export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/** A call with exactly these headers, `Host` and those that `fetch` keeps to itself included. */
export interface RawCall {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Makes one call over a connection of its own. */
export function rawCall(url: string, call: RawCall = {}): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: call.method ?? "GET", headers: call.headers ?? {}, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }));
    });
    sent.on("error", reject);
    sent.end(call.body);
  });
}
