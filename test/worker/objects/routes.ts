/** The file that the Worker under test was deployed with. */
export const BUNDLED_TOML = `
[auth]
api_keys = ["env::TO11_API_KEY"]

[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]

[routes.main]
models = ["gpt-4o"]
strategy = "single"
targets = ["primary"]

[targets.primary]
model = "gpt-4o"
`;

/** The bundled file with another weight of words in it, so another version. */
export function edited(edition: string, { project = "default" }: { readonly project?: string } = {}): string {
  return `# edition ${edition}\n[project]\nid = "${project}"\n${BUNDLED_TOML}`;
}
