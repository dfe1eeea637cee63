import { describe, expect, it } from "vitest";
import { otlpBody, type OtlpSpan, otlpSpans, type OtlpValue } from "../../../../src/core/trace/otlp.ts";
import type { AttemptRecord, TraceRecord } from "../../../../src/core/trace/trace-record.ts";
import { USAGE_NOT_REPORTED } from "../../../../src/core/usage/usage.ts";
import { traceAt } from "../../../support/trace-at.ts";

const START = Date.parse("2026-11-20T12:00:00.123Z");

const ANSWERED: AttemptRecord = {
  target: "primary",
  provider: "azure-eu",
  model: "gpt-4o",
  step: 1,
  strategy: "weighted",
  offset_ms: 95,
  duration_ms: 700,
  status: 200,
  outcome: "answered",
  timeout: null,
  waited_ms: 20,
};
const REFUSED: AttemptRecord = {
  ...ANSWERED,
  target: "first",
  provider: "gone",
  offset_ms: 0,
  duration_ms: 75,
  status: 503,
  outcome: "refused",
};

function spansOf(changes: Partial<TraceRecord> = {}): readonly OtlpSpan[] {
  const trace = traceAt(START, 1, { duration_ms: 812, first_content_ms: 130, attempts: [REFUSED, ANSWERED], ...changes });
  return otlpSpans(trace, (id) => (id === "azure-eu" ? { name: "azure.ai.openai", host: "acme.openai.azure.com", port: 443 } : undefined));
}

/** The attributes of a span by their keys. */
function told(span: OtlpSpan | undefined): Record<string, OtlpValue> {
  return Object.fromEntries((span?.attributes ?? []).map(({ key, value }) => [key, value]));
}

const text = (stringValue: string): OtlpValue => ({ stringValue });
const count = (intValue: string): OtlpValue => ({ intValue });

describe("a request", () => {
  it("is one span, and one below it for each attempt, each with its own time and id", () => {
    const spans = spansOf({ parent_span_id: "00f067aa0ba902b7" });
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    expect(spans.map(({ attributes: _attributes, ...span }) => span)).toEqual([
      {
        traceId,
        spanId: "b7ad6b7169203331",
        parentSpanId: "00f067aa0ba902b7",
        name: "POST /v1/chat/completions",
        kind: 2,
        startTimeUnixNano: "1795176000123000000",
        endTimeUnixNano: "1795176000935000000",
      },
      {
        traceId,
        spanId: "b7ad6b7169203332",
        parentSpanId: "b7ad6b7169203331",
        name: "chat gpt-4o",
        kind: 3,
        startTimeUnixNano: "1795176000123000000",
        endTimeUnixNano: "1795176000198000000",
        status: { code: 2 },
      },
      {
        traceId,
        spanId: "b7ad6b7169203333",
        parentSpanId: "b7ad6b7169203331",
        name: "chat gpt-4o",
        kind: 3,
        startTimeUnixNano: "1795176000218000000",
        endTimeUnixNano: "1795176000918000000",
      },
    ]);
  });

  it("that began the trace has no parent", () => {
    expect(spansOf()[0]).not.toHaveProperty("parentSpanId");
  });

  it("says how it was called, by whom, and what came of it", () => {
    const [span] = spansOf({
      cost_usd: 2,
      user_id: "u",
      session_id: "s",
      conversation_id: "c",
      environment: "prod",
      metadata: { feature: "search" },
    });
    expect(told(span)).toEqual({
      "url.path": text("/v1/chat/completions"),
      "http.request.method": text("POST"),
      "http.route": text("/v1/chat/completions"),
      "http.response.status_code": count("200"),
      "http.request.body.size": count("210"),
      "http.response.body.size": count("900"),
      "user.id": text("u"),
      "session.id": text("s"),
      "gen_ai.conversation.id": text("c"),
      "deployment.environment.name": text("prod"),
      "to11.request_id": text(traceAt(START, 1).id),
      "to11.project": text("default"),
      "to11.config": text("1a2b3c4d"),
      "to11.api_key": text("TO11_API_KEY"),
      "to11.requested_model": text("gpt-4o"),
      "to11.layer": text("route"),
      "to11.route": text("main"),
      "to11.strategy": text("single"),
      "to11.target": text("primary"),
      "to11.outcome": text("complete"),
      "to11.tool_calls": count("0"),
      "to11.simulated": { boolValue: false },
      "to11.cost_usd": { doubleValue: 2 },
      "to11.metadata.feature": text("search"),
    });
  });

  it.each<[TraceRecord["outcome"], number, TraceRecord["error_code"], string | undefined]>([
    ["complete", 200, null, undefined],
    ["rescued", 200, null, undefined],
    ["client_closed", 499, null, undefined],
    ["rejected", 404, "unknown_model", undefined],
    ["rejected", 503, "overloaded", "overloaded"],
    ["failed", 502, "upstream_unreachable", "upstream_unreachable"],
    ["failed", 400, "upstream_error", "upstream_error"],
    ["truncated", 200, "stream_truncated", "stream_truncated"],
  ])("that was %s with %s and code %j has the error %j", (outcome, status, errorCode, error) => {
    const [span] = spansOf({ outcome, status, error_code: errorCode });
    expect(told(span)["error.type"]).toEqual(error === undefined ? undefined : text(error));
    expect(span?.status).toEqual(error === undefined ? undefined : { code: 2 });
  });

  it("to a path that the gateway does not answer has no route", () => {
    const [span, ...more] = spansOf({ endpoint: null, path: "/v1/nothing", attempts: [] });
    expect(more).toEqual([]);
    expect(span?.name).toBe("request");
    expect(Object.keys(told(span))).not.toContain("http.route");
  });
});

describe("an attempt", () => {
  it("says what was asked of whom, and the last one what was answered", () => {
    const usage = { ...USAGE_NOT_REPORTED, input_tokens: 9, cached_input_tokens: 4, cache_write_tokens: 3, output_tokens: 10 };
    const [, refused, answered] = spansOf({ stream: true, usage });
    expect(told(refused)).toEqual({
      "gen_ai.operation.name": text("chat"),
      "gen_ai.provider.name": text("gone"),
      "gen_ai.request.model": text("gpt-4o"),
      "gen_ai.request.stream": { boolValue: true },
      "http.response.status_code": count("503"),
      "error.type": text("503"),
      "to11.target": text("first"),
      "to11.provider": text("gone"),
      "to11.step": count("1"),
      "to11.strategy": text("weighted"),
      "to11.outcome": text("refused"),
      "to11.waited_ms": count("20"),
    });
    expect(told(answered)).toMatchObject({
      "gen_ai.provider.name": text("azure.ai.openai"),
      "server.address": text("acme.openai.azure.com"),
      "server.port": count("443"),
      "gen_ai.response.model": text("gpt-4o-2024-08-06"),
      "gen_ai.response.finish_reasons": { arrayValue: { values: [text("stop")] } },
      "gen_ai.response.time_to_first_chunk": { doubleValue: 0.035 },
      "gen_ai.usage.input_tokens": count("9"),
      "gen_ai.usage.output_tokens": count("10"),
      "gen_ai.usage.cache_read.input_tokens": count("4"),
      "gen_ai.usage.cache_creation.input_tokens": count("3"),
    });
    expect(Object.keys(told(answered))).not.toContain("gen_ai.usage.reasoning.output_tokens");
    expect(Object.keys(told(answered))).not.toContain("error.type");
  });

  it("has no time to the first chunk where there are no chunks", () => {
    expect(Object.keys(told(spansOf()[2]))).not.toContain("gen_ai.response.time_to_first_chunk");
  });

  it.each<[AttemptRecord["outcome"], number | null, string | undefined]>([
    ["answered", 200, undefined],
    ["cancelled", 200, undefined],
    ["refused", 429, "429"],
    ["timed_out", null, "timeout"],
    ["unreachable", null, "unreachable"],
    ["cut", 200, "cut"],
    ["invalid", 200, "invalid"],
    ["unsent", null, "unsent"],
  ])("that was %s with %j has the error %j", (outcome, status, error) => {
    const [, span] = spansOf({ attempts: [{ ...ANSWERED, outcome, status }] });
    expect(told(span)["error.type"]).toEqual(error === undefined ? undefined : text(error));
    expect(span?.status).toEqual(error === undefined ? undefined : { code: 2 });
  });

  it.each<[TraceRecord["endpoint"], string, string]>([
    ["chat", "/v1/responses", "chat gpt-4o"],
    ["chat", "/v1/completions", "text_completion gpt-4o"],
    ["embeddings", "/v1/embeddings", "embeddings gpt-4o"],
    ["image_generation", "/v1/images/edits", "image_generation gpt-4o"],
  ])("of %s at %s is named %s", (endpoint, path, name) => {
    expect(spansOf({ endpoint, path })[1]?.name).toBe(name);
  });

  it.each([
    ["ffffffffffffffff", ["8000000000000000", "0000000000000001"]],
    ["fffffffffffffffe", ["ffffffffffffffff", "8000000000000000"]],
    ["0000000000000001", ["0000000000000002", "0000000000000003"]],
  ])("of the span %s has an id of 16 digits that is never all zeros", (spanId, expected) => {
    const [, ...attempts] = spansOf({ span_id: spanId });
    expect(attempts.map((span) => span.spanId)).toEqual(expected);
  });
});

it("a body holds its spans under the service to11", () => {
  const spans = spansOf();
  expect(otlpBody(spans)).toEqual({
    resourceSpans: [
      {
        resource: { attributes: [{ key: "service.name", value: { stringValue: "to11" } }] },
        scopeSpans: [{ scope: { name: "to11" }, spans }],
      },
    ],
  });
});
