import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { AnswerFacts, EventReading } from "../../src/core/endpoint.ts";
import { jsonMembers } from "../../src/core/json/json-members.ts";
import { isContextTooLong, isCredentialRefused, readErrorBody } from "../../src/core/attempt/upstream-error.ts";
import { mergeFacts } from "../../src/core/usage/usage.ts";
import { endpointOf, meant, type MeantFacts, readingsOf, usage } from "../support/endpoint-readings.ts";

const FIXTURES = new URL("../fixtures/", import.meta.url);
const bytesOf = (file: string) => new Uint8Array(readFileSync(new URL(file, FIXTURES)));

const merged = (readings: readonly EventReading[]) =>
  readings.reduce<AnswerFacts>((facts, reading) => mergeFacts(facts, reading.facts ?? {}), {});

const CHAT = "/v1/chat/completions";
const COMPLETIONS = "/v1/completions";
const RESPONSES = "/v1/responses";
const MESSAGES = "/v1/messages";
const GEMINI = "/v1/models/{model}:generateContent";
const GPT_MINI = "gpt-4o-mini";
const GPT_41 = "gpt-4.1-2025-04-14";
const CLAUDE = "claude-sonnet-4-5-20250929";

/** One letter for each event: quiet, content, finish, usage, done, error (x). */
const LETTERS = { quiet: "q", content: "c", finish: "f", usage: "u", done: "d", error: "x" } as const;

const STREAMS: Readonly<Record<string, [path: string, kinds: string, facts: MeantFacts]>> = {
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
    {
      id: "resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b",
      model: GPT_41,
      text: "Hi there!",
      finishReason: "completed",
      usage: usage(37, 0, 11, 0),
    },
  ],
  "openai-responses-tools.sse": [
    RESPONSES,
    "qcccqqf",
    {
      id: "resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b",
      model: GPT_41,
      toolCalls: 1,
      finishReason: "completed",
      usage: usage(45, 0, 25, 0),
    },
  ],
  "openai-responses-reasoning.sse": [
    RESPONSES,
    "qqqqccqqqcqqqcccqqf",
    { id: "resp_01830d662ab38565", model: "gpt-5.1-codex-max", toolCalls: 1, finishReason: "completed", usage: usage(124, 64, 70, 44) },
  ],
  "openai-responses-custom.sse": [
    RESPONSES,
    "qqqccqqqcqqcccqqqqcqqqf",
    {
      id: "resp_0bbd8ccbe12a7c9b",
      model: "gpt-5.3-codex",
      text: "I look.So be it.",
      toolCalls: 2,
      finishReason: "completed",
      usage: usage(93, 0, 51, 0),
    },
  ],
  "openai-responses-error.sse": [RESPONSES, "qqxx", { id: "resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b", model: GPT_41 }],
  "openai-responses-failed.sse": [RESPONSES, "qx", { id: "resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b", model: GPT_41 }],
  "openai-images.sse": ["/v1/images/generations", "cf", { usage: usage(50, null, 50, null) }],
  "openai-image-edits.sse": ["/v1/images/edits", "cf", { usage: usage(50, null, 50, null) }],
  "openai-transcription.sse": ["/v1/audio/transcriptions", "ccfd", { text: "I see", usage: usage(14, null, 45, null) }],
  "openai-speech.sse": ["/v1/audio/speech", "ccf", { usage: usage(14, null, 101, null) }],
  "anthropic-messages.sse": [
    MESSAGES,
    "qqqccqfd",
    { model: CLAUDE, text: "Hello!", finishReason: "end_turn", usage: { ...usage(132, 7, 15, null), cache_write_tokens: 100 } },
  ],
  "anthropic-messages-tools.sse": [
    MESSAGES,
    "qcccqfd",
    { model: CLAUDE, toolCalls: 1, finishReason: "tool_use", usage: { ...usage(565, 0, 48, null), cache_write_tokens: 0 } },
  ],
  "anthropic-messages-thinking.sse": [
    MESSAGES,
    "qqccqqcqfd",
    { model: CLAUDE, text: "21", finishReason: "end_turn", usage: usage(43, null, 60, null) },
  ],
  "anthropic-messages-overloaded.sse": [MESSAGES, "qqx", { model: CLAUDE, usage: usage(25, null, 1, null) }],
  "anthropic-messages-continuation.sse": [
    MESSAGES,
    "fd",
    { model: CLAUDE, toolCalls: 1, finishReason: "tool_use", usage: usage(0, null, 0, null) },
  ],
  "anthropic-messages-compaction.sse": [
    MESSAGES,
    "qccqqcqfd",
    {
      model: "claude-opus-4-6",
      text: "Quick sort.",
      finishReason: "end_turn",
      usage: { ...usage(58_890, 7_900, 610, null), cache_write_tokens: 900, cache_write_1h_tokens: 700 },
    },
  ],
  "anthropic-messages-fallback.sse": [
    MESSAGES,
    "qcqqcqfd",
    { model: "claude-fable-5", text: "Yes.", finishReason: "end_turn", usage: { ...usage(412, 0, 264, null), cache_write_tokens: 0 } },
  ],
  "anthropic-messages-cache.sse": [
    MESSAGES,
    "qqccqqcqfd",
    {
      model: "claude-opus-5",
      text: "42",
      finishReason: "end_turn",
      usage: { ...usage(4000, 900, 40, 25), cache_write_tokens: 3000, cache_write_1h_tokens: 2000 },
    },
  ],
  "anthropic-messages-refusal.sse": [
    MESSAGES,
    "qqfd",
    { model: "claude-fable-5", finishReason: "refusal", usage: { ...usage(18, 0, 5, null), cache_write_tokens: 0 } },
  ],
  "anthropic-messages-parallel.sse": [
    MESSAGES,
    "qqcqcqqcqccqccccqfd",
    {
      model: "claude-opus-4-8",
      text: "I look at both. 👋",
      toolCalls: 2,
      finishReason: "tool_use",
      usage: { ...usage(640, 0, 91, 40), cache_write_tokens: 0 },
    },
  ],
  "anthropic-messages-search.sse": [
    MESSAGES,
    "qqcqcccqcqqcqqccqqcqfd",
    {
      model: CLAUDE,
      text: "I search. It rains.",
      toolCalls: 1,
      finishReason: "end_turn",
      usage: { ...usage(1210, 300, 60, null), cache_write_tokens: 0 },
    },
  ],
  "anthropic-chat.sse": [
    CHAT,
    "qccfud",
    { model: "claude-sonnet-4-20250514", text: "I'm Claude, an AI assistant.", finishReason: "stop", usage: usage(10, null, 9, null) },
  ],
  "azure-chat.sse": [CHAT, "qqcfud", { model: "gpt-4o-2024-05-13", text: "Hello", finishReason: "stop", usage: usage(8, null, 1, null) }],
  "google-chat.sse": [
    CHAT,
    "cfd",
    { model: "gemini-2.5-flash", text: "1, 2, 3, 4, 5", finishReason: "stop", usage: usage(8, null, 13, null) },
  ],
  "google-chat-tools.sse": [
    CHAT,
    "fd",
    { model: "gemini-2.5-flash", toolCalls: 1, finishReason: "tool_calls", usage: usage(72, null, 21, null) },
  ],
  "gemini-thinking.sse": [
    GEMINI,
    "ccccf",
    { model: "gemini-3-flash-preview", text: "It is 4 😀\u2028", finishReason: "STOP", usage: usage(2063, 2048, 57, 52) },
  ],
  "gemini-tools.sse": [
    GEMINI,
    "ccf",
    { model: "gemini-3-pro-preview", text: "I look.", toolCalls: 3, finishReason: "STOP", usage: usage(86, null, 110, 70) },
  ],
  "gemini-grounded.sse": [
    GEMINI,
    "ccf",
    { model: "gemini-2.5-flash", text: "It is August.", finishReason: "STOP", usage: usage(325, null, 370, 333) },
  ],
  "gemini-blocked.sse": [GEMINI, "f", { model: "gemini-3.7-flash", finishReason: "PROHIBITED_CONTENT", usage: usage(9, null, null, null) }],
  "gemini-malformed.sse": [GEMINI, "x", {}],
  "openrouter-chat.sse": [CHAT, "qqcfqd", { model: "openai/gpt-4o", text: "Hello", finishReason: "stop", usage: usage(9, null, 1, null) }],
  "openrouter-chat-error.sse": [CHAT, "qx", {}],
  "openrouter-chat-reasoning.sse": [
    CHAT,
    "qccccccfqd",
    {
      model: "anthropic/claude-sonnet-4.5",
      text: "Let me look.",
      toolCalls: 1,
      finishReason: "tool_calls",
      usage: usage(400, 0, 80, 12),
    },
  ],
  "alibaba-chat-tools.sse": [
    CHAT,
    "cccccfud",
    { model: "qwen3-max", toolCalls: 2, finishReason: "tool_calls", usage: usage(295, 0, 22, null) },
  ],
  "groq-chat.sse": [
    CHAT,
    "qcfd",
    { model: "llama-3.3-70b-versatile", toolCalls: 1, finishReason: "tool_calls", usage: usage(210, null, 15, null) },
  ],
  "xai-chat.sse": [CHAT, "ccfud", { model: "grok-3-mini", text: "Hello", finishReason: "stop", usage: usage(12, 11, 291, 290) }],
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

const ANSWERS: Readonly<Record<string, [path: string, facts: MeantFacts]>> = {
  "openai-chat.json": [
    CHAT,
    { model: GPT_41, text: "Hello! How can I assist you today?", finishReason: "stop", usage: usage(19, 4, 10, 3) },
  ],
  "openai-chat-tools.json": [CHAT, { model: GPT_MINI, toolCalls: 1, finishReason: "tool_calls", usage: usage(82, null, 17, 0) }],
  "openai-chat-cache-write.json": [
    CHAT,
    { model: "gpt-5.6-sol", text: "Hello", finishReason: "stop", usage: { ...usage(2000, 1152, 20, 0), cache_write_tokens: 256 } },
  ],
  "xai-chat.json": [CHAT, { model: "grok-3-mini", text: "Hello", finishReason: "stop", usage: usage(291, 244, 215, 189) }],
  "lmstudio-responses.json": [
    RESPONSES,
    { model: "mistralai/ministral-3-14b-reasoning", text: "Hello", finishReason: "completed", usage: usage(136, 0, 3677, 2456) },
  ],
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
    {
      model: CLAUDE,
      text: "Hi! My name is Claude.",
      finishReason: "end_turn",
      usage: { ...usage(6197, 2051, 503, null), cache_write_tokens: 2051, cache_write_1h_tokens: 2051 },
    },
  ],
  "anthropic-messages-compaction.json": [
    MESSAGES,
    {
      model: "claude-opus-4-6",
      text: "Quick sort.",
      finishReason: "end_turn",
      usage: { ...usage(50_060, 0, 570, null), cache_write_tokens: 0, cache_write_1h_tokens: 0 },
    },
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
  "gemini-text.json": [
    GEMINI,
    { model: "gemini-2.5-flash", text: "Hello there.", finishReason: "MAX_TOKENS", usage: usage(12, null, 2, null) },
  ],
  "gemini-tools.json": [
    GEMINI,
    { model: "gemini-3-pro-preview", text: "I look.", toolCalls: 1, finishReason: "STOP", usage: usage(49, null, 95, 77) },
  ],
  "anthropic-chat.json": [
    CHAT,
    { model: "claude-sonnet-4-20250514", text: "Hello!", finishReason: "stop", usage: usage(10, null, 12, null) },
  ],
};

/** `about`: what a 4xx is about that is not the caller's fault. */
const ERRORS: Readonly<Record<string, [status: number, code: string | null, about: "context" | "credential" | null]>> = {
  "error-openai-401.json": [401, "invalid_api_key", "credential"],
  "error-openai-429.json": [429, "rate_limit_exceeded", null],
  "error-openai-context.json": [400, "context_length_exceeded", "context"],
  "error-openai-500.json": [500, "server_error", null],
  "error-anthropic-401.json": [401, "authentication_error", "credential"],
  "error-anthropic-429.json": [429, "rate_limit_error", null],
  "error-anthropic-context.json": [400, "invalid_request_error", "context"],
  "error-anthropic-credit.json": [400, "invalid_request_error", "credential"],
  "error-anthropic-529.json": [529, "overloaded_error", null],
  "error-azure-429.json": [429, "429", null],
  "error-azure-filter.json": [400, "content_filter", null],
  "error-gemini-429.json": [429, "RESOURCE_EXHAUSTED", null],
  "error-google-429.json": [429, "RESOURCE_EXHAUSTED", null],
  "error-google-context.json": [400, "INVALID_ARGUMENT", "context"],
  "error-google-key.json": [400, "INVALID_ARGUMENT", "credential"],
  "error-mistral-context.json": [400, "invalid_request_error", "context"],
  "error-vllm-context.json": [400, "BadRequestError", "context"],
  "error-xai-key.json": [400, null, "credential"],
  "error-fastapi-422.json": [422, null, null],
};

test("every recorded answer is in one of the tables", () => {
  const files = readdirSync(FIXTURES).filter((file) => /\.(sse|json)$/.test(file));
  expect(files.toSorted()).toEqual(Object.keys({ ...STREAMS, ...ANSWERS, ...ERRORS }).toSorted());
});

describe("streams", () => {
  test.each(Object.entries(STREAMS))("%s", (file, [path, kinds, facts]) => {
    const readings = readingsOf(endpointOf(path), [bytesOf(file)]);
    expect(readings.map(({ kind }) => LETTERS[kind]).join("")).toBe(kinds);
    expect(meant(merged(readings))).toEqual(facts);
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
    ["openrouter-chat-error.sse", CHAT, 500, "server_error"],
    ["gemini-malformed.sse", GEMINI, 500, "MALFORMED_FUNCTION_CALL"],
  ])("%s tells the status that its error stands for", (file, path, status, code) => {
    const failed = readingsOf(endpointOf(path), [bytesOf(file)]).find(({ kind }) => kind === "error");
    expect(failed?.error).toMatchObject({ status, code });
    expect(failed?.error?.message).not.toBe("");
  });
});

describe("whole answers", () => {
  test.each(Object.entries(ANSWERS))("%s", (file, [path, facts]) => {
    const members = jsonMembers(bytesOf(file));
    expect(members.ok && meant(endpointOf(path).readAnswer(members.value))).toEqual(facts);
  });
});

test("an answer that holds nothing that can be used is an error, whole as in a stream", () => {
  const failing = { candidates: [{ content: {}, finishReason: "MALFORMED_FUNCTION_CALL", finishMessage: "Malformed." }] };
  const read = (answer: object) => {
    const members = jsonMembers(new TextEncoder().encode(JSON.stringify(answer)));
    return members.ok ? endpointOf(GEMINI).failureIn?.(members.value) : undefined;
  };
  expect(read(failing)).toEqual({ status: 500, code: "MALFORMED_FUNCTION_CALL", message: "Malformed." });
  expect(read({ candidates: [{ finishReason: "STOP" }] })).toBeUndefined();
});

test("an error of Google's says how long it asks to be left alone", () => {
  expect(readErrorBody(bytesOf("error-gemini-429.json"), 429).retryAfterMs).toBe(34_000);
  expect(readErrorBody(bytesOf("error-google-429.json"), 429).retryAfterMs).toBeUndefined();
});

describe("error bodies", () => {
  test.each(Object.entries(ERRORS))("%s", (file, [status, code, about]) => {
    const error = readErrorBody(bytesOf(file), status);
    expect({ status: error.status, code: error.code }).toEqual({ status, code });
    expect(error.message).not.toBe("");
    expect(isContextTooLong(error)).toBe(about === "context");
    expect(isCredentialRefused(error)).toBe(about === "credential");
  });

  test.each(Object.entries(ERRORS).filter(([file]) => !/fastapi|xai/.test(file)))("%s names its status itself", (file, [status]) => {
    expect(readErrorBody(bytesOf(file), 200).status).toBe(status);
  });
});
