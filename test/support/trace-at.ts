import { makeTraceId } from "../../src/core/trace/trace-id.ts";
import type { TraceRecord } from "../../src/core/trace/trace-record.ts";

/** A trace that started then; `n` tells it from others of the same ms. */
export function traceAt(startedAtMs: number, n: number, changes: Partial<TraceRecord> & { readonly shard?: number } = {}): TraceRecord {
  const { shard = 0, project = "default", ...rest } = changes;
  const random = new Uint8Array(14);
  new DataView(random.buffer).setUint32(10, ((n >> 10) << 16) | (((n >> 5) & 31) << 8) | (n & 31));
  return {
    format: 1,
    id: makeTraceId({ project, startedAtMs, shard, random }),
    project,
    started_at: new Date(startedAtMs).toISOString(),
    duration_ms: 12,
    first_content_ms: 5,
    endpoint: "chat",
    path: "/v1/chat/completions",
    stream: false,
    requested_model: "gpt-4o",
    layer: "route",
    route: "main",
    function: null,
    strategy: "single",
    variant: null,
    variant_weight: null,
    target: "primary",
    provider: "openai",
    upstream_model: "gpt-4o",
    reported_model: "gpt-4o-2024-08-06",
    status: 200,
    outcome: "complete",
    error_code: null,
    finish_reason: "stop",
    attempts: [],
    usage: {
      input_tokens: 9,
      cached_input_tokens: 0,
      cache_write_tokens: 0,
      cache_write_1h_tokens: null,
      output_tokens: 10,
      reasoning_tokens: 0,
    },
    cost_usd: null,
    unwatched: false,
    tool_calls: 0,
    request_bytes: 210,
    response_bytes: 900,
    simulated: false,
    user_id: null,
    session_id: null,
    conversation_id: null,
    environment: null,
    client: null,
    metadata: {},
    trace_id: "0af7651916cd43dd8448eb211c80319c",
    span_id: "b7ad6b7169203331",
    parent_span_id: null,
    config: "1a2b3c4d",
    api_key: "TO11_API_KEY",
    colo: null,
    ...rest,
  };
}
