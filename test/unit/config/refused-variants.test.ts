import { describe, expect, test } from "vitest";
import { told } from "./told.ts";

/** What is written, and what is told of it: `line:column severity path: message`. */
const FACTS: readonly { readonly name: string; readonly toml: string; readonly problems: readonly string[] }[] = [
  {
    name: "a variant of nothing",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[routes.r.variants.v]
temperature = 1
`,
    problems: ['4:20 error routes.r.variants.v: needs a model, such as model = "gpt-4o-mini", or a target'],
  },
  {
    name: "a variant of two things",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[routes.r.variants.v]
model = "gpt-4o"
target = "a"
[routes.s]
targets = ["b"]
`,
    problems: ["8:20 error routes.r.variants.v: has both model and target; keep one"],
  },
  {
    name: "a variant whose model nobody lists",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[routes.r.variants.v]
model = "gpt-40"
[routes.r.variants.w]
model = "gpt-4o"
`,
    problems: ['5:1 error routes.r.variants.v.model: no provider lists "gpt-40"; did you mean "gpt-4o"?'],
  },
  {
    name: "a variant whose model several list",
    toml: `
[providers.groq]
models = ["m"]
[providers.together]
models = ["m"]
[routes.r.variants.v]
model = "m"
`,
    problems: [
      '7:1 error routes.r.variants.v.model: groq and together list "m"; say which one serves it: use a target of its own: [targets.NAME] with model = "m" and provider = "groq"',
    ],
  },
  {
    name: "a variant that sets stream",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[routes.r.variants.v]
model = "gpt-4o"
stream = true
[routes.r.variants.w]
model = "gpt-4o-mini"
`,
    problems: ["6:1 error routes.r.variants.v.stream: cannot be a variant's parameter: the caller decides whether to stream"],
  },
  {
    name: "a variant that sets stream_options",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[routes.r.variants.v]
model = "gpt-4o"
stream_options = { include_usage = true }
[routes.r.variants.w]
model = "gpt-4o-mini"
`,
    problems: ["6:1 error routes.r.variants.v.stream_options: cannot be a variant's parameter: the gateway sets it to read the usage"],
  },
  {
    name: "a variant parameter that is a date",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[routes.r.variants.v]
model = "gpt-4o"
since = 2026-01-01
[routes.r.variants.w]
model = "gpt-4o-mini"
limit = inf
`,
    problems: [
      "6:1 error routes.r.variants.v.since: must be what JSON can say: text, number, true, false, array or table (no date, no inf or nan)",
      "9:1 error routes.r.variants.w.limit: must be what JSON can say: text, number, true, false, array or table (no date, no inf or nan)",
    ],
  },
  {
    name: "a model of a function that nobody lists",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[functions.f]
strategy = "fallback"
models = ["gpt-4o", "gpt-4o-minni"]
`,
    problems: ['6:21 error functions.f.models[1]: no provider lists "gpt-4o-minni"; did you mean "gpt-4o-mini"?'],
  },
  {
    name: "sticky_by without variants",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[routes.r]
strategy = "weighted"
sticky_by = "user"
targets = ["a", "b"]
`,
    problems: ["10:1 error routes.r.sticky_by: has a meaning for an experiment only: it keeps a subject on its variant"],
  },
  {
    name: "a rescue of what is no chat",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[routes.r]
endpoint = "embeddings"
rescue = "restart"
targets = ["a"]
`,
    problems: ['10:1 error routes.r.rescue: has a meaning for streams of endpoint = "chat" only'],
  },
  {
    name: "failover on a server error",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[routes.r]
failover_on = [404, 500]
targets = ["a"]
`,
    problems: ["9:21 error routes.r.failover_on[1]: must be a 4xx status (400 to 499)"],
  },
  {
    name: "failover on what always fails over",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[routes.r]
failover_on = [404, 429]
targets = ["a"]
`,
    problems: ["9:21 error routes.r.failover_on[1]: 429 always counts as a failed attempt; name only others"],
  },
  {
    name: "too many retries",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[routes.r]
retry = { max_retries = 11, backoff_base_ms = 8001 }
targets = ["a"]
`,
    problems: [
      "9:11 error routes.r.retry.max_retries: must be an integer from 0 to 10 (retries)",
      "9:29 error routes.r.retry.backoff_base_ms: must be an integer from 0 to 8000 (milliseconds)",
    ],
  },
];

describe("Refused variants and route settings", () => {
  test.each(FACTS)("$name", ({ toml, problems }) => {
    expect(told(toml)).toEqual(problems);
  });
});
