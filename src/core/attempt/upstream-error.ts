import type { UpstreamError } from "../endpoint.ts";
import { regionRefusal } from "./region-refusal.ts";
import { isObject, objectOf, parseForeign, textOf } from "../json/foreign-json.ts";
import { readRetryInfoMs } from "./retry-after.ts";

/** An upstream's message is kept for people, up to here. */
const MESSAGE_CHARACTERS = 2000;

/** An error that names no status, or one that is none: the upstream's own fault. */
const DEFAULT_STATUS = 500;

/**
 * The HTTP status of error types and codes, for errors that come without one (inside a stream).
 * Anthropic: https://docs.claude.com/en/api/errors. OpenAI: https://platform.openai.com/docs/guides/error-codes and the `code` of a failed response.
 * Google: the gRPC codes of https://cloud.google.com/apis/design/errors.
 */
const STATUS_BY_WORD: ReadonlyMap<string, number> = new Map([
  ["invalid_request_error", 400],
  ["invalid_request", 400],
  ["invalid_prompt", 400],
  ["context_length_exceeded", 400],
  ["content_filter", 400],
  ["content_policy_violation", 400],
  ["badrequesterror", 400],
  ["bad_request", 400],
  ["invalid_argument", 400],
  ["failed_precondition", 400],
  ["authentication_error", 401],
  ["invalid_api_key", 401],
  ["unauthorized", 401],
  ["unauthenticated", 401],
  ["billing_error", 402],
  ["permission_error", 403],
  ["permission_denied", 403],
  ["not_found_error", 404],
  ["model_not_found", 404],
  ["not_found", 404],
  ["request_too_large", 413],
  ["rate_limit_error", 429],
  ["rate_limit_exceeded", 429],
  ["rate_limited", 429],
  ["insufficient_quota", 429],
  ["too_many_requests", 429],
  ["tokens", 429],
  ["requests", 429],
  ["resource_exhausted", 429],
  ["api_error", 500],
  ["server_error", 500],
  ["internal_server_error", 500],
  ["internal", 500],
  ["bad_gateway", 502],
  ["service_unavailable", 503],
  ["service_unavailable_error", 503],
  ["server_is_overloaded", 503],
  ["overloaded", 503],
  ["unavailable", 503],
  ["timeout_error", 504],
  ["deadline_exceeded", 504],
  ["overloaded_error", 529],
]);

/** How upstreams say that the request is longer than the model's context: as a code, or in a message; both compared in lower case. */
const CONTEXT_CODES: ReadonlySet<string> = new Set(["context_length_exceeded", "context_window_exceeded", "model_context_window_exceeded"]);
const CONTEXT_WORDINGS: readonly string[] = [
  "context_length_exceeded",
  // OpenAI, Azure, vLLM, OpenRouter, DeepSeek, and Mistral in a sentence of its own: "This model's maximum context length is 8192 tokens. However, …"
  "maximum context length",
  // Anthropic: "prompt is too long: 200082 tokens > 199999 maximum"
  "prompt is too long",
  // Anthropic: "input length and `max_tokens` exceed context limit: 198000 + 8000 > 200000"
  "exceed context limit",
  // Google: "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."
  "exceeds the maximum number of tokens",
  // OpenAI's Responses: "Your input exceeds the context window of this model."
  "exceeds the context window",
  // xAI: "This model's maximum prompt length is 131072 but the request contains …"
  "maximum prompt length",
  // Together and text-generation-inference: "`inputs` tokens + `max_new_tokens` must be <= 8193"
  "tokens + `max_new_tokens` must be <=",
  // Amazon Bedrock: "Input is too long for requested model."
  "input is too long for requested model",
  // llama.cpp: "the request exceeds the available context size"
  "exceeds the available context size",
  // Groq: "Please reduce the length of the messages or completion."
  "reduce the length of the messages",
  // Moonshot: "Your request exceeded model token limit: 262144 (requested: 300000)"
  "exceeded model token limit",
  // MiniMax: "invalid params, context window exceeds limit"
  "context window exceeds limit",
  // DashScope (Qwen): "Range of input length should be [1, 129024]"
  "range of input length should be",
  // Cohere: "too many tokens: total number of tokens in the prompt cannot exceed 4081"
  "too many tokens: total number of tokens",
];

/** How upstreams refuse the key with a 400, as a code or in a message; both compared in lower case. */
const KEY_CODES: ReadonlySet<string> = new Set(["invalid_api_key", "api_key_invalid"]);
const KEY_WORDINGS: readonly string[] = [
  // xAI: "Incorrect API key provided: sk***YA. You can obtain an API key from https://console.x.ai." (docs.x.ai/docs/key-information/debugging)
  "incorrect api key provided",
  // Google, each with the reason API_KEY_INVALID: "API key not valid. Please pass a valid API key.", "API Key not found. …", "API key expired. …"
  "api key not valid",
  "api key not found",
  "api key expired",
  // The same inside the message of who passes it on.
  "api_key_invalid",
  // Google's OpenAI-compatible paths, of a key that is no key: "Invalid Authorization header.", "Missing Authorization header."
  "invalid authorization header",
  "missing authorization header",
  // Hugging Face: "Authorization header is correct, but the token seems invalid"
  "the token seems invalid",
  // Anthropic, of the account behind the key: "Your credit balance is too low to access the Anthropic API. …"
  "your credit balance is too low",
];

const decoder = new TextDecoder("utf-8");

/** The error that an upstream's answer of that HTTP status holds, JSON or not. A status below 400 gives way to what the body says. */
export function readErrorBody(bytes: Uint8Array, status: number): UpstreamError {
  const text = decoder.decode(bytes);
  const value = parseForeign(text);
  const error = value === undefined ? { status: DEFAULT_STATUS, code: null, message: shorten(text.trim()) } : classifyError(value);
  return status >= 400 ? { ...error, status } : error;
}

/**
 * What an error in JSON says: the whole body or event (`{"error":…}`, `[{"error":…}]`, `{"type":"error",…}`, `{"detail":…}`, `{"object":"error",…}`) or the
 * value of its `error` alone.
 */
export function classifyError(value: unknown): UpstreamError {
  const outer = Array.isArray(value) ? value[0] : value;
  const inner: unknown = innermost(outer);
  if (!isObject(inner)) {
    return { status: DEFAULT_STATUS, code: null, message: shorten(textOf(inner) ?? textOf(objectOf(outer)["message"]) ?? "") };
  }
  const retryAfterMs = readRetryInfoMs(inner["details"]);
  const words = [inner["code"], inner["status"], inner["type"]].map(wordOf).filter((word) => word !== undefined);
  return {
    status: words.map(statusOf).find((status) => status !== undefined) ?? DEFAULT_STATUS,
    code: words.find((word) => !/^\d+$/.test(word)) ?? words[0] ?? null,
    message: shorten(messageOf(inner)),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** Whether an `error` member tells of an error: some send an empty one with every answer. */
export function saysError(error: unknown): boolean {
  if (typeof error === "object" && error !== null) return Object.keys(error).length > 0;
  return error === true || (typeof error === "number" && error !== 0) || textOf(error) !== undefined;
}

/** Whether this refusal says that the request is too long for the model: only a 400 can. */
export function isContextTooLong(error: UpstreamError): boolean {
  if (error.status !== 400) return false;
  if (error.code !== null && CONTEXT_CODES.has(error.code.toLowerCase())) return true;
  const message = error.message.toLowerCase();
  return CONTEXT_WORDINGS.some((wording) => message.includes(wording));
}

/** Whether this refusal is about the key that was sent, or the account behind it. */
export function isCredentialRefused(error: UpstreamError): boolean {
  const { status, code, message } = error;
  if (regionRefusal(error) !== undefined) return false;
  if (status === 401 || status === 402 || status === 403) return true;
  if (status !== 400) return false;
  if (code !== null && KEY_CODES.has(code.toLowerCase())) return true;
  const words = message.toLowerCase();
  return KEY_WORDINGS.some((wording) => words.includes(wording));
}

/** `error` of an envelope, of the `response` of a failed Responses stream too; what is no envelope is the error itself. */
function innermost(value: unknown): unknown {
  if (!isObject(value)) return value;
  return value["error"] ?? objectOf(value["response"])["error"] ?? value;
}

function messageOf(error: Readonly<Record<string, unknown>>): string {
  const message = error["message"] ?? error["detail"] ?? error["msg"];
  if (typeof message === "string") return message;
  return message === undefined || message === null ? "" : JSON.stringify(message);
}

/** A code or type as text; an HTTP status as a number counts as a word too. `"error"` says nothing: it is the envelope's type. */
function wordOf(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return value === "error" ? undefined : textOf(value);
}

function statusOf(word: string): number | undefined {
  if (/^[45]\d\d$/.test(word)) return Number(word);
  const known = STATUS_BY_WORD.get(word.toLowerCase());
  // OpenAI's codes for refused images and prompts: invalid_image, invalid_base64_image, …
  return known === undefined && word.startsWith("invalid_") ? 400 : known;
}

/** A message that is too long loses the word it is cut in: half a key would not be known for one. */
function shorten(message: string): string {
  return message.length <= MESSAGE_CHARACTERS ? message : message.slice(0, MESSAGE_CHARACTERS).replace(/[\x21-\x7e\x80-\xff]+$/, "");
}
