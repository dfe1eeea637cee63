import { concatBytes } from "../core/bytes.ts";
import { GatewayError } from "../core/gateway-error.ts";
import { holdBody } from "../gateway/body-budget.ts";
import { CallerGone } from "../gateway/exhaustion.ts";

/** Seconds after which a refused caller may expect room. */
const OVERLOADED_RETRY_AFTER_S = 1;

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
export async function readBody(request: Request, maxBytes: number): Promise<HeldBody> {
  const encoding = request.headers.get("content-encoding");
  if (encoding !== null && encoding.trim().toLowerCase() !== "identity") {
    throw new GatewayError(
      "invalid_request",
      `A request body in content-encoding ${JSON.stringify(encoding)} cannot be read; send it uncompressed.`,
    );
  }
  const announced = Number(request.headers.get("content-length") ?? Number.NaN);
  if (announced > maxBytes) throw tooLarge(announced, maxBytes);
  if (request.body === null) return { bytes: new Uint8Array(0), release: () => undefined };
  return readCounted(request.body.getReader(), maxBytes);
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
      if (chunk !== "broken") await reader.cancel();
      throw refusal;
    }
  }

  function keep(chunk: Uint8Array): GatewayError | undefined {
    size += chunk.length;
    if (size > maxBytes) return tooLarge(size, maxBytes);
    const free = holdBody(chunk.length);
    if (free === undefined) {
      return new GatewayError("overloaded", "The gateway holds as many request bodies as it can; try again in a moment.", {
        headers: { "retry-after": String(OVERLOADED_RETRY_AFTER_S) },
      });
    }
    releases.push(free);
    chunks.push(chunk);
    return undefined;
  }
}

async function readChunk(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array | "end" | "broken"> {
  try {
    const { done, value } = await reader.read();
    return done ? "end" : value;
  } catch {
    // The only way in which reading a caller's body fails is the caller's going.
    return "broken";
  }
}

function tooLarge(bytes: number, maxBytes: number): GatewayError {
  return new GatewayError(
    "payload_too_large",
    `The request body has ${bytes} bytes or more; at most ${maxBytes} are allowed ([limits].max_body_bytes in routes.toml).`,
  );
}
