import { describe, expect, test } from "vitest";
import { told } from "./told.ts";

/** What is written, and what is told of it: `line:column severity path: message`. */
const FACTS: readonly { readonly name: string; readonly toml: string; readonly problems: readonly string[] }[] = [
  {
    name: "several targets without a strategy",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[routes.r]
targets = ["a", "b"]
`,
    problems: ['8:9 error routes.r: has several targets, so it needs a strategy: "weighted" or "fallback"'],
  },
  {
    name: "several models of a function without a strategy",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[functions.f]
models = ["gpt-4o", "gpt-4o-mini"]
`,
    problems: ['4:12 error functions.f: has several models, so it needs a strategy: "weighted" or "fallback"'],
  },
  {
    name: "single with several targets",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[routes.r]
strategy = "single"
targets = ["a", "b"]
`,
    problems: ['9:1 error routes.r.strategy: "single" takes one of the targets, here are 2; use "weighted" or "fallback", or keep one'],
  },
  {
    name: "experiment with targets",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[routes.r]
strategy = "experiment"
targets = ["a", "b"]
`,
    problems: ['9:1 error routes.r.strategy: "experiment" takes variants, not targets; for a split without them use "weighted"'],
  },
  {
    name: "experiment as a step",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[[routes.r.steps]]
strategy = "experiment"
targets = ["a", "b"]
`,
    problems: ['9:1 error routes.r.steps[0].strategy: "experiment" takes variants, not targets; for a split without them use "weighted"'],
  },
  {
    name: "weighted with variants",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[routes.r]
strategy = "weighted"
[routes.r.variants.v]
model = "gpt-4o"
[routes.r.variants.w]
model = "gpt-4o-mini"
`,
    problems: ['5:1 error routes.r.strategy: "weighted" takes targets, not variants; variants go with strategy = "experiment"'],
  },
  {
    name: "steps under another strategy",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[routes.r]
strategy = "weighted"
[[routes.r.steps]]
targets = ["a"]
[[routes.r.steps]]
targets = ["b"]
`,
    problems: [
      '9:1 error routes.r.strategy: steps are tried in order: leave strategy out, or write "fallback"; each step has a strategy of its own',
    ],
  },
  {
    name: "weights that are all 0",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
weight = 0
[targets.b]
model = "gpt-4o-mini"
weight = 0
[routes.r]
strategy = "weighted"
targets = ["a", "b"]
`,
    problems: ["12:1 error routes.r.targets: all weigh 0, so nothing could be drawn; give at least one a weight above 0"],
  },
  {
    name: "variants that all weigh 0",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[routes.r.variants.v]
model = "gpt-4o"
weight = 0
`,
    problems: ["4:11 error routes.r.variants: all weigh 0, so nothing could be drawn; give at least one a weight above 0"],
  },
  {
    name: "one model covered twice for one kind",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[routes.r]
models = ["gpt-4o"]
targets = ["a"]
[routes.s]
models = ["other", "gpt-4o"]
targets = ["b"]
`,
    problems: ['12:20 error routes.s.models[1]: "gpt-4o" is already covered by routes.r for endpoint = "chat"; keep it in one of r and s'],
  },
  {
    name: "a function and a route of one name",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[routes.same]
targets = ["a"]
[functions.same]
targets = ["b"]
`,
    problems: ["10:12 error functions.same: has the name of routes.same; a name asks for one thing: rename one of them"],
  },
];

describe("Refused strategies, weights and claims", () => {
  test.each(FACTS)("$name", ({ toml, problems }) => {
    expect(told(toml)).toEqual(problems);
  });
});
