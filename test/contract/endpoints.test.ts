import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AnswerFacts, Endpoint, EventReading } from "../../src/core/endpoint.ts";
import { jsonMembers } from "../../src/core/json-members.ts";
import { SseSplitter } from "../../src/core/sse.ts";
import { isContextTooLong, readErrorBody } from "../../src/core/upstream-error.ts";
import { mergeFacts, type Usage } from "../../src/core/usage.ts";
import { ENDPOINTS } from "../../src/endpoints/index.ts";

const FIXTURES = new URL("../fixtures/", import.meta.url);
const bytesOf = (file: string) => new Uint8Array(readFileSync(new URL(file, FIXTURES)));
const encode = (text: string) => new TextEncoder().encode(text);

function endpointOf(path: string): Endpoint {
  const endpoint = ENDPOINTS.get(path);
  if (endpoint === undefined) throw new Error(`no endpoint ${path}`);
  return endpoint;
}

function readingsOf(endpoint: Endpoint, chunks: readonly Uint8Array[]): EventReading[] {
  const splitter = new SseSplitter();
  const events = [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
  return events.map((event) => endpoint.readEvent(event));
}

const merged = (readings: readonly EventReading[]) =>
  readings.reduce<AnswerFacts>((facts, reading) => mergeFacts(facts, reading.facts ?? {}), {});

const usage = (input: number | null, cached: number | null, output: number | null, reasoning: number | null): Usage => ({
  input_tokens: input,
  cached_input_tokens: cached,
  output_tokens: output,
  reasoning_tokens: reasoning,
});

const CHAT = "/v1/chat/completions";
const COMPLETIONS = "/v1/completions";
const RESPONSES = "/v1/responses";
const MESSAGES = "/v1/messages";
const GPT_MINI = "gpt-4o-mini";
const GPT_41 = "gpt-4.1-2025-04-14";
const CLAUDE = "claude-sonnet-4-5-20250929";

/** One letter for each event: quiet, content, finish, usage, done, error (x). */
const LETTERS = { quiet: "q", content: "c", finish: "f", usage: "u", done: "d", error: "x" } as const;

const STREAMS: Readonly<Record<string, [path: string, kinds: string, facts: AnswerFacts]>> = {
  "openai-chat.sse": [CHAT, "qccfd", { model: GPT_MINI, text: "Hello!", finishReason: "stop" }],
  "openai-chat-usage.sse": [CHAT, "qcfud", { model: GPT_MINI, text: "Hi", finishReason: "stop", usage: usage(9, 0, 1, 0) }],
  "openai-chat-tools.sse": [CHAT, "ccccfd", { model: GPT_MINI, toolCalls: 2, finishReason: "tool_calls" }],
  "openai-completions.sse": [
    COMPLETIONS,
    "ccfud",
    { model: "gpt-3.5-turbo-instruct", text: "This is", finishReason: "stop", usage: usage(5, null, 2, null) },
  ],
  "openai-responses.sse": [
    RESPONSES,
    "qqqqccqqqf",
    { model: GPT_41, text: "Hi there!", finishReason: "completed", usage: usage(37, 0, 11, 0) },
  ],
  "openai-responses-tools.sse": [
    RESPONSES,
    "qcccqqf",
    { model: GPT_41, toolCalls: 1, finishReason: "completed", usage: usage(45, 0, 25, 0) },
  ],
  "openai-responses-error.sse": [RESPONSES, "qqxx", { model: GPT_41 }],
  "openai-responses-failed.sse": [RESPONSES, "qx", { model: GPT_41 }],
  "openai-images.sse": ["/v1/images/generations", "cf", { usage: usage(50, null, 50, null) }],
  "openai-image-edits.sse": ["/v1/images/edits", "cf", { usage: usage(50, null, 50, null) }],
  "openai-transcription.sse": ["/v1/audio/transcriptions", "ccfd", { text: "I see", usage: usage(14, null, 45, null) }],
  "openai-speech.sse": ["/v1/audio/speech", "ccf", { usage: usage(14, null, 101, null) }],
  "anthropic-messages.sse": [
    MESSAGES,
    "qqqccqfd",
    { model: CLAUDE, text: "Hello!", finishReason: "end_turn", usage: usage(132, 7, 15, null) },
  ],
  "anthropic-messages-tools.sse": [
    MESSAGES,
    "qcccqfd",
    { model: CLAUDE, toolCalls: 1, finishReason: "tool_use", usage: usage(565, 0, 48, null) },
  ],
  "anthropic-messages-thinking.sse": [
    MESSAGES,
    "qqccqqcqfd",
    { model: CLAUDE, text: "21", finishReason: "end_turn", usage: usage(43, null, 60, null) },
  ],
  "anthropic-messages-overloaded.sse": [MESSAGES, "qqx", { model: CLAUDE, usage: usage(25, null, 1, null) }],
  "anthropic-chat.sse": [
    CHAT,
    "qccfud",
    { model: "claude-sonnet-4-20250514", text: "I'm Claude, an AI assistant.", finishReason: "stop", usage: usage(10, null, 9, null) },
  ],
  "azure-chat.sse": [CHAT, "qqcfud", { model: "gpt-4o-2024-05-13", text: "Hello", finishReason: "stop", usage: usage(8, null, 1, null) }],
  "google-chat.sse": [
    CHAT,
    "cfd",
    { model: "gemini-2.5-flash", text: "Hello there", finishReason: "stop", usage: usage(4, null, 2, null) },
  ],
  "google-chat-tools.sse": [CHAT, "cfd", { model: "gemini-2.5-flash", toolCalls: 1, finishReason: "tool_calls" }],
  "openrouter-chat.sse": [CHAT, "qqcfqd", { model: "openai/gpt-4o", text: "Hello", finishReason: "stop", usage: usage(9, null, 1, null) }],
  "openrouter-chat-error.sse": [CHAT, "qx", {}],
  "groq-chat.sse": [
    CHAT,
    "qcfd",
    { model: "llama-3.3-70b-versatile", toolCalls: 1, finishReason: "tool_calls", usage: usage(210, null, 15, null) },
  ],
  "deepseek-chat.sse": [CHAT, "qqccfd", { model: "deepseek-reasoner", text: "9.8", finishReason: "stop", usage: usage(88, 64, 17, 12) }],
  "mistral-chat.sse": [
    CHAT,
    "qfd",
    { model: "mistral-small-latest", toolCalls: 1, finishReason: "tool_calls", usage: usage(124, null, 22, null) },
  ],
  "mistral-chat-thinking.sse": [
    CHAT,
    "qccfd",
    { model: "magistral-small-latest", text: "4", finishReason: "stop", usage: usage(10, null, 20, null) },
  ],
  "vllm-chat-crlf.sse": [CHAT, "qcfd", { model: "llama", text: "Grüß 😀", finishReason: "stop" }],
};

const ANSWERS: Readonly<Record<string, [path: string, facts: AnswerFacts]>> = {
  "openai-chat.json": [
    CHAT,
    { model: GPT_41, text: "Hello! How can I assist you today?", finishReason: "stop", usage: usage(19, 4, 10, 3) },
  ],
  "openai-chat-tools.json": [CHAT, { model: GPT_MINI, toolCalls: 1, finishReason: "tool_calls", usage: usage(82, null, 17, 0) }],
  "openai-completions.json": [
    COMPLETIONS,
    { model: "gpt-3.5-turbo-instruct", text: "\n\nThis is indeed a test", finishReason: "length", usage: usage(5, null, 7, null) },
  ],
  "openai-responses.json": [
    RESPONSES,
    { model: GPT_41, text: "Under the stars a unicorn dreamed.", finishReason: "completed", usage: usage(36, 16, 87, 40) },
  ],
  "openai-responses-incomplete.json": [
    RESPONSES,
    { model: GPT_41, text: "Under the", finishReason: "max_output_tokens", usage: usage(36, 16, 87, 40) },
  ],
  "openai-embeddings.json": ["/v1/embeddings", { model: "text-embedding-ada-002", usage: usage(8, null, null, null) }],
  "openai-images.json": ["/v1/images/generations", { usage: usage(50, null, 50, null) }],
  "openai-transcription.json": [
    "/v1/audio/transcriptions",
    { text: "Imagine the wildest idea that you've ever had.", usage: usage(14, null, 45, null) },
  ],
  "openai-transcription-duration.json": ["/v1/audio/transcriptions", { text: "Imagine the wildest idea." }],
  "anthropic-messages.json": [
    MESSAGES,
    { model: CLAUDE, text: "Hi! My name is Claude.", finishReason: "end_turn", usage: usage(6197, 2051, 503, null) },
  ],
  "anthropic-messages-tools.json": [
    MESSAGES,
    {
      model: CLAUDE,
      text: "I'll check the current weather in San Francisco for you.",
      toolCalls: 1,
      finishReason: "tool_use",
      usage: usage(472, null, 89, null),
    },
  ],
  "anthropic-chat.json": [
    CHAT,
    { model: "claude-sonnet-4-20250514", text: "Hello!", finishReason: "stop", usage: usage(10, null, 12, null) },
  ],
};

const ERRORS: Readonly<Record<string, [status: number, code: string | null, contextTooLong: boolean]>> = {
  "error-openai-401.json": [401, "invalid_api_key", false],
  "error-openai-429.json": [429, "rate_limit_exceeded", false],
  "error-openai-context.json": [400, "context_length_exceeded", true],
  "error-openai-500.json": [500, "server_error", false],
  "error-anthropic-401.json": [401, "authentication_error", false],
  "error-anthropic-429.json": [429, "rate_limit_error", false],
  "error-anthropic-context.json": [400, "invalid_request_error", true],
  "error-anthropic-529.json": [529, "overloaded_error", false],
  "error-azure-429.json": [429, "429", false],
  "error-azure-filter.json": [400, "content_filter", false],
  "error-google-429.json": [429, "RESOURCE_EXHAUSTED", false],
  "error-google-context.json": [400, "INVALID_ARGUMENT", true],
  "error-mistral-context.json": [400, "invalid_request_prompt", true],
  "error-vllm-context.json": [400, "BadRequestError", true],
  "error-fastapi-422.json": [422, null, false],
};

test("every recorded answer is in one of the tables", () => {
  const files = readdirSync(FIXTURES).filter((file) => /\.(sse|json)$/.test(file));
  expect(files.toSorted()).toEqual(Object.keys({ ...STREAMS, ...ANSWERS, ...ERRORS }).toSorted());
});

describe("streams", () => {
  test.each(Object.entries(STREAMS))("%s", (file, [path, kinds, facts]) => {
    const readings = readingsOf(endpointOf(path), [bytesOf(file)]);
    expect(readings.map(({ kind }) => LETTERS[kind]).join("")).toBe(kinds);
    expect(merged(readings)).toEqual(facts);
  });

  test.each(Object.entries(STREAMS))("%s reads the same cut in two anywhere and byte by byte", (file, [path]) => {
    const endpoint = endpointOf(path);
    const bytes = bytesOf(file);
    const whole = readingsOf(endpoint, [bytes]);
    expect(
      readingsOf(
        endpoint,
        Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)),
      ),
    ).toEqual(whole);
    for (let at = 1; at < bytes.length; at += 1) {
      const cut = readingsOf(endpoint, [bytes.subarray(0, at), bytes.subarray(at)]);
      expect(cut.length, `cut at ${at}`).toBe(whole.length);
      if (JSON.stringify(cut) !== JSON.stringify(whole)) expect(cut, `cut at ${at}`).toEqual(whole);
    }
  });

  test.each<[string, string, number, string | null]>([
    ["openai-responses-error.sse", RESPONSES, 429, "insufficient_quota"],
    ["openai-responses-failed.sse", RESPONSES, 500, "server_error"],
    ["anthropic-messages-overloaded.sse", MESSAGES, 529, "overloaded_error"],
    ["openrouter-chat-error.sse", CHAT, 502, "502"],
  ])("%s tells the status that its error stands for", (file, path, status, code) => {
    const failed = readingsOf(endpointOf(path), [bytesOf(file)]).find(({ kind }) => kind === "error");
    expect(failed?.error).toMatchObject({ status, code });
    expect(failed?.error?.message).not.toBe("");
  });
});

describe("whole answers", () => {
  test.each(Object.entries(ANSWERS))("%s", (file, [path, facts]) => {
    const members = jsonMembers(bytesOf(file));
    expect(members.ok && endpointOf(path).readAnswer(members.value)).toEqual(facts);
  });
});

describe("error bodies", () => {
  test.each(Object.entries(ERRORS))("%s", (file, [status, code, contextTooLong]) => {
    const error = readErrorBody(bytesOf(file), status);
    expect({ status: error.status, code: error.code }).toEqual({ status, code });
    expect(error.message).not.toBe("");
    expect(isContextTooLong(error)).toBe(contextTooLong);
  });

  test.each(Object.entries(ERRORS).filter(([file]) => !file.includes("fastapi") && !file.includes("mistral")))(
    "%s names its status itself",
    (file, [status]) => {
      expect(readErrorBody(bytesOf(file), 200).status).toBe(status);
    },
  );
});

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
    ["/v1/audio/speech", { model: "m", stream_format: "sse" }, { stream: true }],
    ["/v1/audio/speech", { model: "m", stream_format: "audio" }, { stream: false }],
    ["/v1/audio/transcriptions", { model: "m", stream: "true", user: "u" }, { stream: true, user: "u" }],
    ["/v1/images/edits", { model: "m", stream: "False" }, { stream: false }],
    ["/v1/images/generations", { model: "m", stream: true }, { stream: true }],
  ])("%s %j", (path, body, expected) => {
    expect(facts(path, body)).toEqual(expected);
  });
});

describe("chat events that no recording shows", () => {
  const kindOf = (chunk: unknown) => readingsOf(endpointOf(CHAT), [encode(`data: ${JSON.stringify(chunk)}\n\n`)])[0]?.kind;
  const delta = (value: object, more: object = {}) => ({ choices: [{ index: 0, delta: value, ...more }] });

  test.each<[string, unknown, EventReading["kind"]]>([
    ["a role without content", delta({ role: "assistant" }), "quiet"],
    ["an empty refusal and no calls", delta({ content: null, refusal: null, tool_calls: [], function_call: null, audio: null }), "quiet"],
    ["a refusal", delta({ refusal: "No" }), "content"],
    ["reasoning", delta({ reasoning: "hm" }), "content"],
    ["audio", delta({ audio: { id: "a" } }), "content"],
    ["an older function call", delta({ function_call: { name: "f", arguments: "" } }), "content"],
    ["a blank", delta({ content: " " }), "content"],
    ["text together with the finish reason", delta({ content: "x" }, { finish_reason: "stop" }), "finish"],
    [
      "a finish reason in the second choice only",
      { choices: [...delta({}).choices, { index: 1, delta: {}, finish_reason: "length" }] },
      "finish",
    ],
    ["no choices and no usage", { choices: [] }, "quiet"],
    ["no choices and no usage yet", { choices: [], usage: null }, "quiet"],
    ["a null error beside content", { error: null, ...delta({ content: "x" }) }, "content"],
    ["an error as text", { error: "overloaded" }, "error"],
    ["an older vLLM error", { object: "error", message: "m", type: "BadRequestError", code: 400 }, "error"],
    ["an array", [1], "quiet"],
  ])("%s", (_name, chunk, kind) => {
    expect(kindOf(chunk)).toBe(kind);
  });

  test("an event named error is an error whatever it carries", () => {
    const [reading] = readingsOf(endpointOf(CHAT), [encode("event: error\ndata: out of memory\n\n")]);
    expect(reading).toEqual({ kind: "error", error: { status: 500, code: null, message: "out of memory" } });
  });

  test("text is of the first choice only", () => {
    const chunk = {
      choices: [
        { index: 1, delta: { content: "b" } },
        { index: 0, delta: { content: "a" } },
      ],
    };
    const [reading] = readingsOf(endpointOf(CHAT), [encode(`data: ${JSON.stringify(chunk)}\n\n`)]);
    expect(reading?.facts?.text).toBe("a");
  });
});

describe.each([...ENDPOINTS.values()].map((endpoint) => [endpoint.path, endpoint] as const))("%s", (path, endpoint) => {
  /** Members that the readers look at, so that made-up JSON reaches their depths. */
  const words = fc.constantFrom(
    ...["type", "error", "choices", "delta", "message", "content", "text", "tool_calls", "function", "name", "usage", "index", "code"],
    ...["prompt_tokens_details", "output", "response", "content_block", "item", "finish_reason", "model", "stream", "metadata", "audio"],
  );
  const types = fc.constantFrom(
    ...["error", "message_start", "message_delta", "content_block_start", "content_block_delta", "response.completed", "response.failed"],
    ...["response.output_item.added", "response.output_text.delta", "transcript.text.done", "image_generation.completed", "text_delta"],
  );
  const json = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: "small" }, fc.jsonValue({ maxDepth: 1 }), types, fc.array(tie("value"), { maxLength: 3 }), tie("object")),
    object: fc.dictionary(fc.oneof(words, fc.string()), tie("value"), { maxKeys: 5 }),
  }));

  test("is found under its own path", () => {
    expect(path).toMatch(/^\/v1\/[a-z/]+$/);
    expect(ENDPOINTS.get(path)).toBe(endpoint);
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
        expect(typeof endpoint.readRequest(members.value).stream).toBe("boolean");
      }),
      { numRuns: 500 },
    );
  });

  test("its error event is one event, read back as one error", () => {
    const text = endpoint.errorEvent({ code: "stream_truncated", message: 'The upstream "x"\nended' });
    const splitter = new SseSplitter();
    const events = splitter.push(encode(text));
    expect([events.length, splitter.rest().length]).toEqual([1, 0]);
    expect(events.map((event) => endpoint.readEvent(event))).toEqual([
      { kind: "error", error: { status: 500, code: expect.any(String), message: 'The upstream "x"\nended' } },
    ]);
    expect(text).toContain('"code":"stream_truncated"');
  });

  test("a comment and an empty event are quiet, [DONE] is the end, broken JSON is no error", () => {
    const kinds = readingsOf(endpoint, [encode(': ping\n\n\ndata: {"a\n\ndata: [DONE]\n\n')]).map(({ kind }) => kind);
    expect(kinds).toEqual(["quiet", "quiet", "quiet", "done"]);
  });
});
