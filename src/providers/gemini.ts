import type { ProviderType } from "../core/routing/provider-type.ts";

/**
 * Gemini in Google's own API, which is asked in the words of any dialect that callers speak. Unlike its OpenAI-compatible endpoint (`google`) it keeps what a model
 * thought from one turn to the next. Source: ai.google.dev/api.
 */
export const gemini: ProviderType = {
  id: "gemini",
  baseUrl: "https://generativelanguage.googleapis.com/v1beta",
  speaks: ["/v1/models/{model}:generateContent"],
  auth: () => ({ place: "header", name: "x-goog-api-key", prefix: "" }),
  headers: () => ({}),
  otelName: "gcp.gemini",
  streamUsage: false,
};
