import { expect, test } from "vitest";
import { PROVIDER_TYPES } from "../../../src/providers/index.ts";

const BEARER = { place: "header", name: "authorization", prefix: "Bearer " };

/** What the providers' own documents say: where a path is called, how the key is sent, which headers go along. */
const FACTS = [
  { id: "openai", path: "/v1/chat/completions", base: "https://api.openai.com/v1", auth: BEARER, headers: {} },
  {
    id: "anthropic",
    path: "/v1/messages",
    base: "https://api.anthropic.com/v1",
    auth: { place: "header", name: "x-api-key", prefix: "" },
    headers: { "anthropic-version": "2023-06-01" },
  },
  {
    id: "anthropic",
    path: "/v1/messages/count_tokens",
    base: "https://api.anthropic.com/v1",
    auth: { place: "header", name: "x-api-key", prefix: "" },
    headers: { "anthropic-version": "2023-06-01" },
  },
  { id: "azure", path: "/v1/embeddings", base: undefined, auth: { place: "header", name: "api-key", prefix: "" }, headers: {} },
  {
    id: "google",
    path: "/v1/chat/completions",
    base: "https://generativelanguage.googleapis.com/v1beta/openai",
    auth: BEARER,
    headers: {},
  },
  {
    id: "gemini",
    path: "/v1/models/{model}:generateContent",
    base: "https://generativelanguage.googleapis.com/v1beta",
    auth: { place: "header", name: "x-goog-api-key", prefix: "" },
    headers: {},
  },
  { id: "groq", path: "/v1/audio/transcriptions", base: "https://api.groq.com/openai/v1", auth: BEARER, headers: {} },
  { id: "perplexity", path: "/v1/chat/completions", base: "https://api.perplexity.ai", auth: BEARER, headers: {} },
  { id: "cohere", path: "/v1/embeddings", base: "https://api.cohere.ai/compatibility/v1", auth: BEARER, headers: {} },
  { id: "huggingface", path: "/v1/chat/completions", base: "https://router.huggingface.co/v1", auth: BEARER, headers: {} },
  { id: "ollama", path: "/v1/chat/completions", base: undefined, auth: { place: "none" }, headers: {} },
  { id: "vllm", path: "/v1/messages", base: undefined, auth: { place: "none" }, headers: {} },
];

test.each(FACTS)("$id answers $path under $base", ({ id, path, base, auth, headers }) => {
  const type = PROVIDER_TYPES.get(id);
  expect(type?.speaks).toContain(path);
  expect(type?.baseUrl).toBe(base);
  expect(type?.auth(path)).toEqual(auth);
  expect(type?.headers(path)).toEqual(headers);
});

test("usage in streams is asked for except where the provider refuses the question or answers it unasked", () => {
  const unasked = [...PROVIDER_TYPES.values()].filter((type) => !type.streamUsage).map((type) => type.id);
  expect(unasked).toEqual(["gemini", "mistral", "perplexity", "cohere"]);
});
