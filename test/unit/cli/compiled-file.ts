import type { CompiledConfig } from "../../../src/config/compiled.ts";
import { compile } from "../../../src/config/compile.ts";

/** A configuration as `to11 dev` compiles it. */
export function compiled(toml: string): CompiledConfig {
  const result = compile(toml, { localDevelopment: true });
  if (!result.ok) throw new Error(result.error.map(({ message }) => message).join("\n"));
  return result.value.compiled;
}

/** Two providers, one of them with a second credential, one route over three targets. */
export const TWO_PROVIDERS = `
[auth]
api_keys = ["env::TO11_API_KEY"]

[providers.openai]
base_url = "https://api.openai.com/v1"
models = ["gpt-4o", "gpt-4o-mini"]

[providers.anthropic]
base_url = "https://api.anthropic.com/v1"
models = ["claude-sonnet-4-6"]

[targets.openai-primary]
model = "gpt-4o"
weight = 70

[targets.openai-second]
model = "gpt-4o"
credential = "env::OPENAI_SECOND_KEY"
weight = 30

[targets.claude]
model = "claude-sonnet-4-6"

[routes.balanced]
models = ["gpt-4o"]
[[routes.balanced.steps]]
strategy = "weighted"
targets = ["openai-primary", "openai-second"]
[[routes.balanced.steps]]
targets = ["claude"]
`;
