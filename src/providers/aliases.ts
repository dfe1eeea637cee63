/** What people call a provider by, and the type that is meant: products, companies, other tools' names. */
export const ALIASES: ReadonlyMap<string, string> = new Map([
  ["google-ai", "google"],
  ["google-ai-studio", "google"],
  ["googleai", "google"],
  ["claude", "anthropic"],
  ["azure-openai", "azure"],
  ["azure_openai", "azure"],
  ["azureopenai", "azure"],
  ["chatgpt", "openai"],
  ["gpt", "openai"],
  ["grok", "xai"],
  ["x-ai", "xai"],
  ["kimi", "moonshot"],
  ["moonshotai", "moonshot"],
  ["hf", "huggingface"],
  ["hugging-face", "huggingface"],
  ["together-ai", "together"],
  ["together_ai", "together"],
  ["togetherai", "together"],
  ["fireworks-ai", "fireworks"],
  ["fireworks_ai", "fireworks"],
  ["mistralai", "mistral"],
  ["nim", "nvidia"],
  ["lm-studio", "lmstudio"],
  ["local-ai", "localai"],
]);

/** The type that an id or type probably means that is none, by what it or its first word is called: `claude` and `claude-eu` are `anthropic`. */
export function aliasedType(name: string): string | undefined {
  const lower = name.toLowerCase();
  return ALIASES.get(lower) ?? ALIASES.get(/^[a-z]+/.exec(lower)?.[0] ?? "");
}
