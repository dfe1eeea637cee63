import { concatBytes } from "../core/bytes.ts";
import { GatewayError } from "../core/gateway-error.ts";
import type { HeaderMap } from "../core/header-map.ts";
import { holdBody } from "../gateway/request/body-budget.ts";
import { CallerGone } from "../gateway/exhaustion.ts";

/** Seconds after which a refused caller may expect room. */
const OVERLOADED_RETRY_AFTER_S = 1;

/** Bytes of a refused body that are read and thrown away at most: 100 MB is what Cloudflare's Free and Pro plans let in (Workers limits). */
const DISCARDED_BYTES = 100_000_000;

/** A request's body in memory, counted against the isolate's budget until `release` is called. */
export interface HeldBody {
  readonly bytes: Uint8Array;
  release(): void;
}

/**
 * Reads a request's body whole.
 * @throws GatewayError `payload_too_large` over `maxBytes`, `overloaded` where the isolate has no room, `invalid_request` for a compressed body.
 * @throws CallerGone when the caller breaks off in the middle of it.
 */
export async function readBody(request: Request, headers: HeaderMap, maxBytes: number): Promise<HeldBody> {
  const announced = Number(headers.get("content-length") ?? Number.NaN);
  const refusal = encodingFault(headers) ?? (announced > maxBytes ? tooLarge(announced, maxBytes) : undefined);
  if (refusal !== undefined) {
    if (request.body !== null) await discard(request.body.getReader());
    throw refusal;
  }
  // First: to look at `request.body` makes a stream.
  if (Number.isSafeInteger(announced)) return readAnnounced(request, announced);
  return request.body === null ? { bytes: new Uint8Array(0), release: () => undefined } : readCounted(request.body.getReader(), maxBytes);
}

/** A body whose length is known beforehand: the runtime gathers it for a fraction of what its chunks would cost. */
async function readAnnounced(request: Request, bytes: number): Promise<HeldBody> {
  const release = holdBody(bytes);
  if (release === undefined) {
    if (request.body !== null) await discard(request.body.getReader());
    throw overloaded();
  }
  try {
    return { bytes: new Uint8Array(await request.arrayBuffer()), release };
  } catch {
    // The only way in which reading a caller's body fails is the caller's going.
    release();
    throw new CallerGone();
  }
}

function encodingFault(headers: HeaderMap): GatewayError | undefined {
  const encoding = headers.get("content-encoding");
  if (encoding === undefined || encoding.trim().toLowerCase() === "identity") return undefined;
  return new GatewayError(
    "invalid_request",
    `A request body in content-encoding ${JSON.stringify(encoding)} cannot be read; send it uncompressed.`,
  );
}

async function readCounted(reader: ReadableStreamDefaultReader<Uint8Array>, maxBytes: number): Promise<HeldBody> {
  const chunks: Uint8Array[] = [];
  const releases: (() => void)[] = [];
  const release = (): void => {
    for (const each of releases.splice(0)) each();
  };
  let size = 0;
  for (;;) {
    const chunk = await readChunk(reader);
    if (chunk === "end") return { bytes: concatBytes(chunks), release };
    const refusal = chunk === "broken" ? new CallerGone() : keep(chunk);
    if (refusal !== undefined) {
      release();
      if (chunk !== "broken") await discard(reader);
      throw refusal;
    }
  }

  function keep(chunk: Uint8Array): GatewayError | undefined {
    size += chunk.length;
    if (size > maxBytes) return tooLarge(size, maxBytes);
    const free = holdBody(chunk.length);
    if (free === undefined) return overloaded();
    releases.push(free);
    chunks.push(chunk);
    return undefined;
  }
}

/** Reads a refused body to its end: who is still sending would see a broken connection in place of the refusal. */
export function discardBody(body: ReadableStream<Uint8Array>): Promise<void> {
  return discard(body.getReader());
}

async function discard(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  let size = 0;
  while (size <= DISCARDED_BYTES) {
    const chunk = await readChunk(reader);
    if (chunk === "end" || chunk === "broken") return;
    size += chunk.length;
  }
  await reader.cancel();
}

async function readChunk(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array | "end" | "broken"> {
  try {
    const { done, value } = await reader.read();
    return done ? "end" : value;
  } catch {
    // As in `readAnnounced`.
    return "broken";
  }
}

function overloaded(): GatewayError {
  return new GatewayError("overloaded", "The gateway holds as many request bodies as it can; try again in a moment.", {
    headers: { "retry-after": String(OVERLOADED_RETRY_AFTER_S) },
  });
}

function tooLarge(bytes: number, maxBytes: number): GatewayError {
  return new GatewayError(
    "payload_too_large",
    `The request body has ${bytes} bytes or more; at most ${maxBytes} are allowed ([limits].max_body_bytes in routes.toml).`,
  );
}
