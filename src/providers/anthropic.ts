import type { ProviderType } from "../core/routing/provider-type.ts";
import { BEARER } from "./openai.ts";

/** The version of the Messages API that a call gets when the caller names none. Source: docs.anthropic.com/en/api/versioning. */
const MESSAGES_VERSION = "2023-06-01";

const CHAT = "/v1/chat/completions";
const MESSAGES = "/v1/messages";
const COUNT_TOKENS = "/v1/messages/count_tokens";

/**
 * Anthropic: its own API with `x-api-key`, and its OpenAI-compatible `/v1/chat/completions` with a bearer key.
 * Sources: docs.anthropic.com/en/api/messages, docs.anthropic.com/en/api/openai-sdk (which takes `stream_options`).
 */
export const anthropic: ProviderType = {
  id: "anthropic",
  baseUrl: "https://api.anthropic.com/v1",
  speaks: [MESSAGES, COUNT_TOKENS],
  others: ["messages/batches", "files"],
  auth: (path) => (path === CHAT ? BEARER : { place: "header", name: "x-api-key", prefix: "" }),
  headers: (path) => (path === CHAT ? {} : { "anthropic-version": MESSAGES_VERSION }),
  streamUsage: true,
};
