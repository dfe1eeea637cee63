import { describe, expect, test } from "vitest";
import { told } from "./told.ts";

/** What is written, and what is told of it: `line:column severity path: message`. */
const FACTS: readonly { readonly name: string; readonly toml: string; readonly problems: readonly string[] }[] = [
  {
    name: "a model that no provider lists, with the nearest",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4p"
`,
    problems: ['5:1 error targets.a.model: no provider lists "gpt-4p"; did you mean "gpt-4o"?'],
  },
  {
    name: "a model that no provider lists and none is near",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "grok-9"
`,
    problems: ['5:1 error targets.a.model: no provider lists "grok-9"; add it to the models of the provider that has it'],
  },
  {
    name: "a model that no provider lists, in a file with other mistakes",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
timeout_ms = 0
[targets.a]
model = "grok-9"
[traces]
shard = 1
`,
    problems: [
      "4:1 error providers.openai.timeout_ms: must be an integer from 1 to 3600000 (milliseconds)",
      '6:1 error targets.a.model: no provider lists "grok-9"; add it to the models of the provider that has it',
      '8:1 error traces.shard: unknown key; did you mean "shards"?',
    ],
  },
  {
    name: "a model that several providers list",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[providers.azure]
base_url = "https://r.openai.azure.com/openai/v1"
models = ["gpt-4o"]
[targets.a]
model = "gpt-4o"
`,
    problems: ['8:1 error targets.a.model: openai and azure list "gpt-4o"; say which one serves it: add provider = "openai"'],
  },
  {
    name: "a model that several providers list as anything",
    toml: `
[providers.groq]
models = ["*"]
[providers.together]
models = ["*"]
[targets.a]
model = "llama"
`,
    problems: ['7:1 error targets.a.model: groq and together list "llama"; say which one serves it: add provider = "groq"'],
  },
  {
    name: "a provider that does not exist",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
provider = "opena"
`,
    problems: ['6:1 error targets.a.provider: there is no provider "opena"; did you mean "openai"?'],
  },
  {
    name: "a provider that does not list the model",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[providers.anthropic]
models = ["claude"]
[targets.a]
model = "gpt-4o"
provider = "anthropic"
`,
    problems: ['7:1 error targets.a.model: the provider anthropic does not list "gpt-4o"; add it to providers.anthropic.models'],
  },
  {
    name: "a literal credential",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
credential = "sk-live-123"
`,
    problems: [
      "6:1 error targets.a.credential: must be env::NAME, the variable that holds the key; a literal key is refused (and not repeated here)",
    ],
  },
  {
    name: "a key of the gateway as a credential",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
credential = "env::TO11_TEAM"
`,
    problems: [
      "6:1 error targets.a.credential: names a secret of the gateway itself (TO11_…), which is sent to no provider; use another variable",
    ],
  },
  {
    name: "a credential for a provider that takes none",
    toml: `
[providers.vllm]
base_url = "https://gpu.example/v1"
models = ["m"]
[targets.a]
model = "m"
credential = "env::K"
`,
    problems: ["7:1 error targets.a.credential: is never sent: its provider, vllm, takes no key"],
  },
  {
    name: "everything as a model",
    toml: `
[providers.openai]
models = ["*"]
[targets.a]
model = "*"
`,
    problems: ['5:1 error targets.a.model: must be a model by its name; "*" has a meaning in a provider\'s models only'],
  },
  {
    name: "two unused targets of one model",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.c]
model = "gpt-4o"
`,
    problems: ['6:10 error targets.c: a and c are used by no route, so both would serve "gpt-4o"; put them into one route, or remove one'],
  },
];

describe("Refused targets", () => {
  test.each(FACTS)("$name", ({ toml, problems }) => {
    expect(told(toml)).toEqual(problems);
  });
});
