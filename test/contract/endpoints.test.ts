import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EventReading } from "../../src/core/endpoint.ts";
import { readErrorBody } from "../../src/core/attempt/upstream-error.ts";
import { jsonMembers } from "../../src/core/json/json-members.ts";
import { SseSplitter } from "../../src/core/stream/sse.ts";
import { openAiUsage } from "../../src/dialects/openai/usage.ts";
import { ENDPOINTS, UPSTREAM_ENDPOINTS } from "../../src/endpoints/index.ts";
import { endpointOf, readingsOf } from "../support/endpoint-readings.ts";

const encode = (text: string) => new TextEncoder().encode(text);

const CHAT = "/v1/chat/completions";
const COMPLETIONS = "/v1/completions";
const RESPONSES = "/v1/responses";
const MESSAGES = "/v1/messages";
const GEMINI = "/v1/models/{model}:generateContent";

describe("what a request says of itself", () => {
  const facts = (path: string, body: object) => {
    const members = jsonMembers(encode(JSON.stringify(body)));
    return members.ok ? endpointOf(path).readRequest(members.value) : undefined;
  };

  test.each<[string, object, object]>([
    [CHAT, { model: "m", stream: true, user: "u" }, { stream: true, user: "u" }],
    [CHAT, { model: "m", stream: "true", safety_identifier: "s" }, { stream: false, user: "s" }],
    [CHAT, { model: "m", stream: null, user: 7 }, { stream: false }],
    [RESPONSES, { model: "m", stream: true, user: "" }, { stream: true }],
    [MESSAGES, { model: "m", stream: true, metadata: { user_id: "u" }, user: "no" }, { stream: true, user: "u" }],
    [MESSAGES, { model: "m", metadata: "x" }, { stream: false }],
    [MESSAGES, { model: "m", metadata: { user_id: "user_1_session_2" } }, { stream: false, user: "user_1", session: "2" }],
    [RESPONSES, { model: "m", prompt_cache_key: "k", conversation: "c" }, { stream: false, session: "k", conversation: "c" }],
    [RESPONSES, { model: "m", prompt_cache_key: 7, conversation: { id: "c" } }, { stream: false, session: "c", conversation: "c" }],
    [CHAT, { model: "m", prompt_cache_key: "k", metadata: { user_id: "user_1_session_2" } }, { stream: false, session: "2" }],
    [CHAT, { model: "m", conversation: [1], metadata: null }, { stream: false }],
    ["/v1/audio/speech", { model: "m", stream_format: "sse" }, { stream: true }],
    ["/v1/audio/speech", { model: "m", stream_format: "audio" }, { stream: false }],
    ["/v1/audio/transcriptions", { model: "m", stream: "true", user: "u" }, { stream: true, user: "u" }],
    ["/v1/images/edits", { model: "m", stream: "False" }, { stream: false }],
    ["/v1/images/generations", { model: "m", stream: true }, { stream: true }],
  ])("%s %j", (path, body, expected) => {
    expect(facts(path, body)).toEqual(expected);
  });
});

describe("events that no recording shows", () => {
  const delta = (value: object, more: object = {}) => ({ choices: [{ index: 0, delta: value, ...more }] });
  const continuation = (text: string, index: number) => ({ choices: [{ index, text, finish_reason: null }] });
  const emptyDelta = { content: null, refusal: null, tool_calls: [], function_call: null, audio: null };
  const calls = [{ type: "custom", custom: { name: "f" } }, { function: { name: "" } }];
  const counted = { prompt_tokens: 1, completion_tokens: 2 };
  const told = { counters: { input: 1, output: 2 }, reader: openAiUsage };
  const incomplete = { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } };
  const segment = { type: "transcript.text.segment", text: "a", start: 0, end: 1 };

  test.each<[string, string, unknown, EventReading]>([
    ["a role without content", CHAT, delta({ role: "assistant" }), { kind: "quiet", facts: {} }],
    ["nothing but absent content", CHAT, delta(emptyDelta), { kind: "quiet", facts: {} }],
    ["a refusal", CHAT, delta({ refusal: "No" }), { kind: "content", facts: {} }],
    ["reasoning", CHAT, delta({ reasoning: "hm" }), { kind: "content", facts: {} }],
    ["reasoning in details", CHAT, delta({ reasoning_details: [{ text: "hm" }] }), { kind: "content", facts: {} }],
    ["an image", CHAT, delta({ images: [{ image_url: {} }] }), { kind: "content", facts: {} }],
    ["audio", CHAT, delta({ audio: { id: "a" } }), { kind: "content", facts: {} }],
    ["a function call of old", CHAT, delta({ function_call: { name: "f" } }), { kind: "content", facts: { toolCalls: 1 } }],
    ["a call of a custom tool, and more of another", CHAT, delta({ tool_calls: calls }), { kind: "content", facts: { toolCalls: 1 } }],
    ["a blank", CHAT, delta({ content: " " }), { kind: "content", facts: { text: " " } }],
    [
      "text together with the finish reason",
      CHAT,
      delta({ content: "x" }, { finish_reason: "stop" }),
      { kind: "finish", facts: { text: "x", finishReason: "stop" } },
    ],
    [
      "a finish reason in the second choice only",
      CHAT,
      { choices: [...delta({}).choices, { index: 1, delta: {}, finish_reason: "length" }] },
      { kind: "finish", facts: { finishReason: "length" } },
    ],
    [
      "text of the second choice before the first's",
      CHAT,
      { choices: [{ index: 1, delta: { content: "b" } }, ...delta({ content: "a" }).choices] },
      { kind: "content", facts: { text: "a" } },
    ],
    ["no choices and no usage", CHAT, { choices: [], usage: null }, { kind: "quiet", facts: {} }],
    ["usage beside a choice", CHAT, { ...delta({}), usage: counted }, { kind: "quiet", facts: { usage: told } }],
    ["a null error beside content", CHAT, { error: null, ...delta({ content: "x" }) }, { kind: "content", facts: { text: "x" } }],
    ["an error as text", CHAT, { error: "overloaded" }, { kind: "error", error: { status: 500, code: null, message: "overloaded" } }],
    [
      "an older vLLM error",
      CHAT,
      { object: "error", message: "m", type: "BadRequestError", code: 400 },
      { kind: "error", error: { status: 400, code: "BadRequestError", message: "m" } },
    ],
    ["an array", CHAT, [1], { kind: "quiet" }],
    [
      "an error in a list",
      CHAT,
      [{ error: { code: 503, message: "m", status: "UNAVAILABLE" } }],
      { kind: "error", error: { status: 503, code: "UNAVAILABLE", message: "m" } },
    ],
    [
      "an error in a list",
      GEMINI,
      [{ error: { code: 503, message: "m", status: "UNAVAILABLE" } }],
      { kind: "error", error: { status: 503, code: "UNAVAILABLE", message: "m" } },
    ],
    ["nothing but usage", GEMINI, { usageMetadata: {} }, { kind: "quiet", facts: {} }],
    ["an empty text", GEMINI, { candidates: [{ content: { parts: [{ text: "" }] } }] }, { kind: "quiet", facts: {} }],
    ["a thought", GEMINI, { candidates: [{ content: { parts: [{ text: "hm", thought: true }] } }] }, { kind: "content", facts: {} }],
    ["an image", GEMINI, { candidates: [{ content: { parts: [{ inlineData: { data: "" } }] } }] }, { kind: "content", facts: {} }],
    [
      "two calls and a word",
      GEMINI,
      { candidates: [{ content: { parts: [{ text: "a" }, { functionCall: { name: "f" } }, { functionCall: { name: "g" } }] } }] },
      { kind: "content", facts: { toolCalls: 2, text: "a" } },
    ],
    [
      "a finish that says nothing",
      GEMINI,
      { candidates: [{ content: { parts: [{ text: "a" }] }, finishReason: "FINISH_REASON_UNSPECIFIED" }] },
      { kind: "content", facts: { text: "a" } },
    ],
    [
      "a finish that is new",
      GEMINI,
      { candidates: [{ finishReason: "SOMETHING_NEW" }] },
      { kind: "finish", facts: { finishReason: "SOMETHING_NEW" } },
    ],
    [
      "nothing that can be used, without a word on it",
      GEMINI,
      { candidates: [{ finishReason: "OTHER" }] },
      { kind: "error", error: { status: 500, code: "OTHER", message: "the model's answer could not be used (OTHER)" } },
    ],
    ["text of the first choice", COMPLETIONS, continuation("a", 0), { kind: "content", facts: { text: "a" } }],
    ["text of another choice", COMPLETIONS, continuation("b", 1), { kind: "content", facts: {} }],
    ["usage beside a choice", COMPLETIONS, { ...continuation("", 0), usage: counted }, { kind: "quiet", facts: { usage: told } }],
    [
      "an answer cut at its limit",
      RESPONSES,
      { type: "response.incomplete", response: incomplete },
      { kind: "finish", facts: { finishReason: "max_output_tokens" } },
    ],
    ["an image as it becomes", RESPONSES, { type: "response.image_generation_call.partial_image" }, { kind: "content" }],
    ["an empty delta", RESPONSES, { type: "response.refusal.delta", delta: "" }, { kind: "quiet" }],
    ["a refusal", RESPONSES, { type: "response.refusal.delta", delta: "No" }, { kind: "content" }],
    ["a numbered event", RESPONSES, { type: "response.in_progress", sequence_number: 1 }, { kind: "quiet", sequence: 1 }],
    ["an event with a text for a number", RESPONSES, { type: "response.in_progress", sequence_number: "1" }, { kind: "quiet" }],
    [
      "a tool that the provider runs",
      MESSAGES,
      { type: "content_block_start", content_block: { type: "server_tool_use", name: "web_search" } },
      { kind: "content", facts: { toolCalls: 1 } },
    ],
    ["its result", MESSAGES, { type: "content_block_start", content_block: { type: "web_search_tool_result" } }, { kind: "content" }],
    ["an empty text delta", MESSAGES, { type: "content_block_delta", delta: { type: "text_delta", text: "" } }, { kind: "quiet" }],
    ["a speaker's segment", "/v1/audio/transcriptions", segment, { kind: "content", facts: {} }],
  ])("%s (%s)", (_name, path, value, expected) => {
    expect(readingsOf(endpointOf(path), [encode(`data: ${JSON.stringify(value)}\n\n`)])).toEqual([expected]);
  });

  test("an event named error is an error whatever it carries", () => {
    const [reading] = readingsOf(endpointOf(CHAT), [encode("event: error\ndata: out of memory\n\n")]);
    expect(reading).toEqual({ kind: "error", error: { status: 500, code: null, message: "out of memory" } });
  });
});

describe.each([...UPSTREAM_ENDPOINTS.values()].map((endpoint) => [endpoint.path, endpoint] as const))("%s", (path, endpoint) => {
  /** Members that the readers look at, so that made-up JSON reaches their depths. */
  const words = fc.constantFrom(
    ..."type error choices delta message content text tool_calls function name usage index code output response item".split(" "),
    ..."prompt_tokens_details content_block finish_reason model stream metadata audio status incomplete_details".split(" "),
    ..."candidates parts functionCall thought finishReason finishMessage promptFeedback blockReason usageMetadata".split(" "),
  );
  const types = fc.constantFrom(
    ..."error message_start message_delta content_block_start content_block_delta text_delta response.completed".split(" "),
    ..."response.failed response.output_item.added response.output_text.delta transcript.text.done".split(" "),
    "image_generation.completed",
  );
  const json = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: "small" }, fc.jsonValue({ maxDepth: 1 }), types, fc.array(tie("value"), { maxLength: 3 }), tie("object")),
    object: fc.dictionary(fc.oneof(words, fc.string()), tie("value"), { maxKeys: 5 }),
  }));

  test("is found under its own path, which callers call unless it names a model", () => {
    expect(path).toMatch(/^\/v1\/[a-z_/]+(?:\{model\}:[A-Za-z]+)?$/);
    expect(UPSTREAM_ENDPOINTS.get(path)).toBe(endpoint);
    expect(ENDPOINTS.has(path)).toBe(!path.includes("{model}"));
  });

  test("no reader throws, whatever it is given", () => {
    const data = fc.oneof(
      fc.string(),
      json.value.map((value) => JSON.stringify(value)),
      types.map((type) => JSON.stringify({ type })),
    );
    fc.assert(
      fc.property(fc.oneof(fc.constant(""), types), data, (name, text) => {
        for (const reading of readingsOf(endpoint, [encode(`event: ${name}\ndata: ${text}\n\n`)])) {
          expect(reading.error === undefined).toBe(reading.kind !== "error");
        }
        const members = jsonMembers(encode(text));
        if (!members.ok) return;
        endpoint.readAnswer(members.value);
        endpoint.failureIn?.(members.value);
        expect(typeof endpoint.readRequest(members.value).stream).toBe("boolean");
      }),
      { numRuns: 500 },
    );
  });

  const message = 'The upstream "x"\nended';

  test("its error events are whole events, each read back as that error", () => {
    const text = endpoint.errorEvents({ code: "stream_truncated", message }, { facts: {}, sequence: undefined });
    const splitter = new SseSplitter();
    const events = splitter.push(encode(text));
    expect([events.length > 0, splitter.rest().length]).toEqual([true, 0]);
    for (const event of events) {
      expect(endpoint.readEvent(event)).toMatchObject({ kind: "error", error: { status: 500, code: expect.any(String), message } });
      expect(event.data).toContain('"code":"stream_truncated"');
    }
  });

  test("its error body is read back as that error, with the status it was made for", () => {
    const told = { status: 404, type: "not_found_error", code: "unknown_model", message, param: "model", requestId: "r1" };
    const body = encode(JSON.stringify(endpoint.errorBody(told)));
    expect(readErrorBody(body, 200)).toMatchObject({ status: 404, message });
  });

  test("a comment and an empty event are quiet, [DONE] is the end, broken JSON is no error", () => {
    const kinds = readingsOf(endpoint, [encode(': ping\n\n\ndata: {"a\n\ndata: [DONE]\n\n')]).map(({ kind }) => kind);
    expect(kinds).toEqual(["quiet", "quiet", "quiet", "done"]);
  });
});
