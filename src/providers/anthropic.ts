import type { ProviderType } from "../core/routing/provider-type.ts";
import { BEARER } from "./openai.ts";

/** The version of the Messages API that a call gets when the caller names none. Source: docs.anthropic.com/en/api/versioning. */
const MESSAGES_VERSION = "2023-06-01";

const MESSAGES = "/v1/messages";

/**
 * Anthropic: its own `/v1/messages` with `x-api-key`, and its OpenAI-compatible `/v1/chat/completions` with a bearer key.
 * Sources: docs.anthropic.com/en/api/messages, docs.anthropic.com/en/api/openai-sdk (which takes `stream_options`).
 */
export const anthropic: ProviderType = {
  id: "anthropic",
  baseUrl: "https://api.anthropic.com/v1",
  speaks: [MESSAGES, "/v1/chat/completions"],
  auth: (path) => (path === MESSAGES ? { place: "header", name: "x-api-key", prefix: "" } : BEARER),
  headers: (path) => (path === MESSAGES ? { "anthropic-version": MESSAGES_VERSION } : {}),
  streamUsage: true,
};
