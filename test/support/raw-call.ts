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

/** `POST` of JSON. */
export function rawPost(url: string, json: unknown, headers: Readonly<Record<string, string>> = {}): Promise<RawResponse> {
  return rawCall(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(json) });
}

/** The code of an error in OpenAI's shape. */
export function errorCodeOf(response: RawResponse): unknown {
  return (JSON.parse(response.body.toString()) as { error: { code: unknown } }).error.code;
}

/** The header that a gateway key is sent in. */
export function bearer(key: string): { readonly "x-to11-authorization": string } {
  return { "x-to11-authorization": `Bearer ${key}` };
}

/** `GET /v1/models`: a 200 for whoever may come in. */
export function rawModels(url: string, headers: Readonly<Record<string, string>>): Promise<RawResponse> {
  return rawCall(`${url}/v1/models`, { headers });
}
