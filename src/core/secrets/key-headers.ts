/** Headers that clients put a key into: OpenAI's and most others', Anthropic's, Azure's, Google's. */
export const KEY_HEADERS: readonly string[] = ["authorization", "x-api-key", "api-key", "x-goog-api-key"];
