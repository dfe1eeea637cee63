import type { ProviderType } from "../core/routing/provider-type.ts";
import { BEARER } from "./openai.ts";

/** Gemini through Google's OpenAI-compatible endpoint, which has embeddings and images too. Source: ai.google.dev/gemini-api/docs/openai. */
export const google: ProviderType = {
  id: "google",
  baseUrl: "https://generativelanguage.googleapis.com/v1beta/openai",
  speaks: ["/v1/chat/completions", "/v1/embeddings", "/v1/images/generations"],
  auth: () => BEARER,
  headers: () => ({}),
  otelName: "gcp.gemini",
  streamUsage: true,
};
