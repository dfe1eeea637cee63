import type { Endpoint, EventReading } from "../../src/core/endpoint.ts";
import { SseSplitter } from "../../src/core/stream/sse.ts";
import type { Usage } from "../../src/core/usage/usage.ts";
import { ENDPOINTS } from "../../src/endpoints/index.ts";

/** The endpoint of a path that must be there. */
export function endpointOf(path: string): Endpoint {
  const endpoint = ENDPOINTS.get(path);
  if (endpoint === undefined) throw new Error(`no endpoint ${path}`);
  return endpoint;
}

/** What an endpoint reads of a whole stream that comes in these chunks. */
export function readingsOf(endpoint: Endpoint, chunks: readonly Uint8Array[]): EventReading[] {
  const splitter = new SseSplitter();
  const events = [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
  return events.map((event) => endpoint.readEvent(event));
}

/** Usage as input, the cached part of it, output, the reasoning part of it. */
export function usage(input: number | null, cached: number | null, output: number | null, reasoning: number | null): Usage {
  return { input_tokens: input, cached_input_tokens: cached, output_tokens: output, reasoning_tokens: reasoning };
}
