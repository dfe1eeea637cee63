import { describe, expect, test } from "vitest";
import { classifyError, isContextTooLong, isCredentialRefused, readErrorBody } from "../../../../src/core/attempt/upstream-error.ts";

const encode = (text: string) => new TextEncoder().encode(text);

describe("an error names the status it stands for", () => {
  test.each<[unknown, number, string | null, string]>([
    [{ error: { message: "m", type: "server_error", param: null, code: null } }, 500, "server_error", "m"],
    [{ error: { message: "m", type: "requests", code: "rate_limit_exceeded" } }, 429, "rate_limit_exceeded", "m"],
    [{ error: { message: "m", code: 502 } }, 502, "502", "m"],
    [{ error: { message: "m", code: "503" } }, 503, "503", "m"],
    [{ error: { message: "m", code: "weird", status: 451 } }, 451, "weird", "m"],
    [{ error: { message: "m", code: "weird", type: "weirder" } }, 500, "weird", "m"],
    [{ error: { message: "m", code: 200 } }, 500, "200", "m"],
    [{ error: { message: "m", code: "invalid_base64_image" } }, 400, "invalid_base64_image", "m"],
    [{ type: "error", error: { type: "overloaded_error", message: "m" } }, 529, "overloaded_error", "m"],
    [{ type: "error", error: { type: "rate_limit_error", message: "m" } }, 429, "rate_limit_error", "m"],
    [{ type: "error", error: { type: "permission_error", message: "m" } }, 403, "permission_error", "m"],
    [{ type: "error", error: { type: "not_found_error", message: "m" } }, 404, "not_found_error", "m"],
    [{ type: "error", error: { type: "request_too_large", message: "m" } }, 413, "request_too_large", "m"],
    [{ type: "error", error: { type: "timeout_error", message: "m" } }, 504, "timeout_error", "m"],
    [{ type: "error", code: "server_error", message: "m", param: null, sequence_number: 3 }, 500, "server_error", "m"],
    [{ type: "response.failed", response: { error: { code: "rate_limit_exceeded", message: "m" } } }, 429, "rate_limit_exceeded", "m"],
    [{ error: { code: 429, message: "m", status: "RESOURCE_EXHAUSTED" } }, 429, "RESOURCE_EXHAUSTED", "m"],
    [[{ error: { code: 503, message: "m", status: "UNAVAILABLE" } }], 503, "UNAVAILABLE", "m"],
    [{ error: { status: "UNAVAILABLE", message: "m" } }, 503, "UNAVAILABLE", "m"],
    [{ message: "m", type: "invalid_request_error" }, 400, "invalid_request_error", "m"],
    [{ type: "error", message: "m" }, 500, null, "m"],
    [{ detail: "m" }, 500, null, "m"],
    [{ detail: [{ msg: "m" }] }, 500, null, '[{"msg":"m"}]'],
    [{ error: "m" }, 500, null, "m"],
    ["m", 500, null, "m"],
    [{ error: { message: { text: "m" } } }, 500, null, '{"text":"m"}'],
    [{ error: {} }, 500, null, ""],
    [{}, 500, null, ""],
    [null, 500, null, ""],
    [[], 500, null, ""],
    [7, 500, null, ""],
  ])("%j", (value, status, code, message) => {
    expect(classifyError(value)).toEqual({ status, code, message });
  });
});

describe("an error body", () => {
  test("of a failed answer has the answer's status, whatever it says itself", () => {
    expect(readErrorBody(encode('{"error":{"code":429,"message":"m"}}'), 503)).toEqual({ status: 503, code: "429", message: "m" });
  });

  test("of a 200 has its own", () => {
    expect(readErrorBody(encode('{"error":{"code":429,"message":"m"}}'), 200).status).toBe(429);
    expect(readErrorBody(encode("oops"), 200).status).toBe(500);
  });

  test("that is no JSON is its own message, cut at 2,000 characters, before the word that stands there", () => {
    expect(readErrorBody(encode(" upstream connect error\n"), 503)).toEqual({ status: 503, code: null, message: "upstream connect error" });
    expect(readErrorBody(encode("x".repeat(2000)), 502).message).toHaveLength(2000);
    expect(readErrorBody(encode(`${"word ".repeat(399)}sk-planted`), 502).message).toBe("word ".repeat(399));
    expect(readErrorBody(encode("漢".repeat(3000)), 502).message).toBe("漢".repeat(2000));
    expect(readErrorBody(encode(""), 502)).toEqual({ status: 502, code: null, message: "" });
  });
});

describe("a context that is too long", () => {
  test.each([
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 8545 tokens.",
    "prompt is too long: 200082 tokens > 199999 maximum",
    "input length and `max_tokens` exceed context limit: 198000 + 8000 > 200000, decrease input length or `max_tokens` and try again",
    "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
    "Your input exceeds the context window of this model. Please adjust your input and try again.",
    "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
    "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000 `inputs` tokens and 512 `max_new_tokens`",
    "Input is too long for requested model.",
    "the request exceeds the available context size (8192 tokens), try increasing it",
    "Please reduce the length of the messages or completion.",
    "too many tokens: total number of tokens in the prompt cannot exceed 4081",
    "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
    "Your request exceeded model token limit: 262144 (requested: 300000)",
    "invalid params, context window exceeds limit",
    "Range of input length should be [1, 129024]",
    "PROMPT IS TOO LONG",
  ])("is known by its wording: %s", (message) => {
    expect(isContextTooLong({ status: 400, code: null, message })).toBe(true);
  });

  test("is known by its code alone", () => {
    expect(isContextTooLong({ status: 400, code: "context_length_exceeded", message: "" })).toBe(true);
  });

  test.each([
    [400, "invalid_request_error", "max_tokens is too large: 100000. This model supports at most 16384 completion tokens."],
    [400, null, "Invalid type for 'messages': expected a list."],
    [400, "content_filter", "The response was filtered."],
    [429, "rate_limit_exceeded", "Request too large: please reduce the length of the messages."],
    [500, "context_length_exceeded", "prompt is too long"],
  ])("is not %i %s %s", (status, code, message) => {
    expect(isContextTooLong({ status, code, message })).toBe(false);
  });
});

describe("a refusal of the key that was sent", () => {
  test.each([401, 402, 403])("is known by its status %i", (status) => {
    expect(isCredentialRefused({ status, code: null, message: "" })).toBe(true);
  });

  test.each([
    "Incorrect API key provided: sk***YA. You can obtain an API key from https://console.x.ai.",
    "API key not valid. Please pass a valid API key.",
    "API Key not found. Please pass a valid API key.",
    "API key expired. Please renew the API key.",
    '{"error": {"details": [{"reason": "API_KEY_INVALID"}]}}',
    "Invalid Authorization header.",
    "Missing Authorization header.",
    "Authorization header is correct, but the token seems invalid",
    "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.",
  ])("is known by its wording in a 400: %s", (message) => {
    expect(isCredentialRefused({ status: 400, code: null, message })).toBe(true);
  });

  test.each(["invalid_api_key", "API_KEY_INVALID"])("is known by its code in a 400: %s", (code) => {
    expect(isCredentialRefused({ status: 400, code, message: "" })).toBe(true);
  });

  test.each([
    [400, "INVALID_ARGUMENT", "Request contains an invalid argument."],
    [400, "Client specified an invalid argument", "The model expects a single `text` element per message."],
    [404, "invalid_api_key", "Incorrect API key provided"],
    [429, null, "Your credit balance is too low"],
    [500, null, "API key not valid"],
  ])("is not %i %s %s", (status, code, message) => {
    expect(isCredentialRefused({ status, code, message })).toBe(false);
  });
});
