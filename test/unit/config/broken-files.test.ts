import { describe, expect, test } from "vitest";
import { told } from "./told.ts";

/** What is written, and what is told of it: `line:column severity path: message`. */
const FACTS: readonly { readonly name: string; readonly toml: string; readonly problems: readonly string[] }[] = [
  {
    name: "a value that is missing",
    toml: `
a = 1
b = = 2
`,
    problems: ["3:5 error is not valid TOML: invalid value"],
  },
  {
    name: "a syntax error next to a key pasted by mistake, which is not repeated",
    toml: `
[auth]
api_keys = [sk-live-123]
`,
    problems: ["3:13 error is not valid TOML: invalid value"],
  },
  {
    name: "a key that is set twice",
    toml: `
[auth]
open = true
open = false
`,
    problems: ["4:1 error is not valid TOML: trying to redefine an already defined table or value"],
  },
  {
    name: "tables nested beyond reason",
    toml: `
[traces]
x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x = 1
`,
    problems: ["1:1 error holds tables or arrays more than 32 deep"],
  },
  {
    name: "an unknown table, with the nearest right name",
    toml: `
[provider.openai]
models = []
`,
    problems: ['2:2 error provider: unknown key; did you mean "providers"?'],
  },
  {
    name: "an unknown key that is near nothing, with all that is known",
    toml: `
[project]
name = "x"
`,
    problems: ["3:1 error project.name: unknown key; known here: id"],
  },
  {
    name: "an unknown key in a provider",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[providers.acme]
base_ulr = "https://a.example/v1"
`,
    problems: ['5:1 error providers.acme.base_ulr: unknown key; did you mean "base_url"?'],
  },
  {
    name: "an unknown key in an inline table",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[routes.r]
targets = ["a"]
retry = { max_retry = 1 }
`,
    problems: ['10:11 error routes.r.retry.max_retry: unknown key; did you mean "max_retries"?'],
  },
  {
    name: "an unknown key in a step",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[[routes.r.steps]]
targets = ["a"]
[[routes.r.steps]]
targets = ["b"]
weight = 1
`,
    problems: ["12:1 error routes.r.steps[1].weight: unknown key; known here: strategy, targets"],
  },
  {
    name: "several unknown keys, each at its place",
    toml: `
[limits]
max_body = 1
[traces]
shard = 1
`,
    problems: [
      '3:1 error limits.max_body: unknown key; did you mean "max_body_bytes"?',
      '5:1 error traces.shard: unknown key; did you mean "shards"?',
    ],
  },
  {
    name: "a text where a table belongs",
    toml: `
providers = "openai"
`,
    problems: ["2:1 error providers: must be a table of tables, each under its own name"],
  },
  {
    name: "a number where a text belongs",
    toml: `
[providers.openai]
models = [1]
`,
    problems: ["3:11 error providers.openai.models[0]: must be a model's name: 1 to 256 characters, without line breaks"],
  },
  {
    name: "a timeout that is no whole number",
    toml: `
[defaults.provider]
timeout_ms = 1.5
`,
    problems: ["3:1 error defaults.provider.timeout_ms: must be an integer from 1 to 3600000 (milliseconds)"],
  },
  {
    name: "a timeout as text",
    toml: `
[defaults.provider]
timeout_ms = "30s"
`,
    problems: ["3:1 error defaults.provider.timeout_ms: must be an integer from 1 to 3600000 (milliseconds)"],
  },
  {
    name: "a timeout of 0",
    toml: `
[defaults.provider]
idle_timeout_ms = 0
`,
    problems: ["3:1 error defaults.provider.idle_timeout_ms: must be an integer from 1 to 3600000 (milliseconds)"],
  },
  {
    name: "a timeout above an hour",
    toml: `
[defaults.provider]
timeout_ms = 3600001
`,
    problems: ["3:1 error defaults.provider.timeout_ms: must be an integer from 1 to 3600000 (milliseconds)"],
  },
  {
    name: "an integer beyond 2^53",
    toml: `
[limits]
max_body_bytes = 9223372036854775807
`,
    problems: ["3:1 error limits.max_body_bytes: must be an integer from 1 to 67108864 (bytes)"],
  },
  {
    name: "a fractional weight",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
weight = 0.7
`,
    problems: ["6:1 error targets.a.weight: must be an integer from 0 to 1000000 (a share relative to the others)"],
  },
  {
    name: "a negative weight",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
weight = -1
`,
    problems: ["6:1 error targets.a.weight: must be an integer from 0 to 1000000 (a share relative to the others)"],
  },
  {
    name: "a target without a model",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
weight = 1
`,
    problems: ["4:10 error targets.a.model: is missing; it must be a model's name: 1 to 256 characters, without line breaks"],
  },
  {
    name: "a strategy that does not exist",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[routes.r]
strategy = "random"
targets = ["a", "b"]
`,
    problems: ['9:1 error routes.r.strategy: "random" is not known here; it must be one of "single", "weighted", "fallback", "experiment"'],
  },
  {
    name: "an endpoint kind that does not exist",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[routes.r]
endpoint = "images"
targets = ["a"]
`,
    problems: [
      '9:1 error routes.r.endpoint: "images" is not known here; it must be one of "chat", "embeddings", "audio_speech", "audio_transcription", "image_generation"',
    ],
  },
  {
    name: "a price without its other half",
    toml: `
[providers.openai]
models = ["o3"]
[models."o3"]
price = { input = 2.0 }
`,
    problems: ['5:1 error models."o3".price.output: is missing; it must be a number, USD per million tokens'],
  },
  {
    name: "a negative price",
    toml: `
[providers.openai]
models = ["o3"]
[models."o3"]
price = { input = -1, output = 0 }
`,
    problems: ['5:11 error models."o3".price.input: must not be negative (USD per million tokens)'],
  },
  {
    name: "an id with upper case",
    toml: `
[providers.OpenAI]
models = ["x"]
`,
    problems: ["2:12 error providers.OpenAI: the name must be 1 to 64 of a-z, 0-9, . _ - and start with a letter or digit"],
  },
  {
    name: "an id that is too long",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]
model = "gpt-4o"
`,
    problems: [
      "4:10 error targets.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: the name must be 1 to 64 of a-z, 0-9, . _ - and start with a letter or digit",
    ],
  },
  {
    name: "a quoted id with a colon",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets."a::b"]
model = "gpt-4o"
`,
    problems: ['4:10 error targets."a::b": the name must be 1 to 64 of a-z, 0-9, . _ - and start with a letter or digit'],
  },
  {
    name: "a project id with a space",
    toml: `
[project]
id = "my project"
`,
    problems: ["3:1 error project.id: must be 1 to 64 of a-z, 0-9, . _ - and start with a letter or digit"],
  },
];

describe("A file that is not TOML, or whose keys have the wrong name or shape", () => {
  test.each(FACTS)("$name", ({ toml, problems }) => {
    expect(told(toml)).toEqual(problems);
  });
});
