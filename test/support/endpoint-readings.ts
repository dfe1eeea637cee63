import type { AnswerFacts, Endpoint, EventReading } from "../../src/core/endpoint.ts";
import { SseSplitter } from "../../src/core/stream/sse.ts";
import { USAGE_NOT_REPORTED, type Usage, usageOf } from "../../src/core/usage/usage.ts";
import { UPSTREAM_ENDPOINTS } from "../../src/endpoints/index.ts";

/** The endpoint of a path that must be there. */
export function endpointOf(path: string): Endpoint {
  const endpoint = UPSTREAM_ENDPOINTS.get(path);
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
  return {
    ...USAGE_NOT_REPORTED,
    input_tokens: input,
    cached_input_tokens: cached,
    output_tokens: output,
    reasoning_tokens: reasoning,
  };
}

/** Facts of a whole answer with what its usage means. */
export type MeantFacts = Omit<AnswerFacts, "usage"> & { readonly usage?: Usage };

/** What was told, usage by its meaning. */
export function meant({ usage: told, ...facts }: AnswerFacts): MeantFacts {
  return told === undefined ? facts : { ...facts, usage: usageOf(told) };
}
