import { describe, expect, test } from "vitest";
import { told } from "./told.ts";

/** What is written, and what is told of it: `line:column severity path: message`. */
const FACTS: readonly { readonly name: string; readonly toml: string; readonly problems: readonly string[] }[] = [
  {
    name: "a route that calls nothing",
    toml: `
[routes.r]
models = ["gpt-4o"]
`,
    problems: ["2:9 error routes.r: calls nothing: add one of targets, steps or variants"],
  },
  {
    name: "a route that covers everything",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[routes.r]
models = ["*"]
targets = ["a"]
`,
    problems: ['9:11 error routes.r.models[0]: must be a model by its name; "*" has a meaning in a provider\'s models only'],
  },
  {
    name: "a function that calls nothing",
    toml: `
[functions.f]
`,
    problems: ["2:12 error functions.f: calls nothing: add one of models, targets, steps or variants"],
  },
  {
    name: "targets and steps",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[routes.r]
targets = ["a"]
[[routes.r.steps]]
targets = ["b"]
`,
    problems: ["8:9 error routes.r: has targets and steps; exactly one of targets, steps or variants says what is called"],
  },
  {
    name: "targets and variants",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[routes.r]
targets = ["a"]
[routes.r.variants.v]
target = "b"
`,
    problems: ["8:9 error routes.r: has targets and variants; exactly one of targets, steps or variants says what is called"],
  },
  {
    name: "targets and variants, and what they name",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[routes.r]
targets = ["a", "x"]
[routes.r.variants.v]
target = "y"
[routes.s]
targets = ["b"]
`,
    problems: [
      "8:9 error routes.r: has targets and variants; exactly one of targets, steps or variants says what is called",
      '9:17 error routes.r.targets[1]: there is no target "x"; add [targets.x] with its model',
      '11:1 error routes.r.variants.v.target: there is no target "y"; add [targets.y] with its model',
    ],
  },
  {
    name: "models and targets of a function",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[functions.f]
models = ["gpt-4o"]
targets = ["a", "b"]
`,
    problems: ["8:12 error functions.f: has models and targets; exactly one of models, targets, steps or variants says what is called"],
  },
  {
    name: "an empty list of targets",
    toml: `
[routes.r]
targets = []
`,
    problems: ["3:1 error routes.r.targets: is empty: name at least one"],
  },
  {
    name: "no step",
    toml: `
[routes.r]
steps = []
`,
    problems: ["3:1 error routes.r.steps: needs at least one step"],
  },
  {
    name: "a step without targets",
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
strategy = "fallback"
`,
    problems: ["10:12 error routes.r.steps[1]: calls nothing: add targets"],
  },
  {
    name: "no variant",
    toml: `
[routes.r]
variants = {}
`,
    problems: ["3:1 error routes.r.variants: needs at least one variant"],
  },
  {
    name: "a target that does not exist, with the nearest",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[targets.primary]
model = "gpt-4o"
[routes.r]
strategy = "fallback"
targets = [
  "a", "b",
  "pirmary",
]
[routes.s]
targets = ["primary"]
`,
    problems: ['14:3 error routes.r.targets[2]: there is no target "pirmary"; did you mean "primary"?'],
  },
  {
    name: "a target that does not exist but is a model",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[routes.r]
targets = ["gpt-4o"]
`,
    problems: [
      '5:12 error routes.r.targets[0]: there is no target "gpt-4o"; to call the model of that name, add [targets.NAME] with model = "gpt-4o" and name it here',
    ],
  },
  {
    name: "a target that does not exist, in a step",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[[routes.r.steps]]
strategy = "weighted"
targets = ["a", "b"]
[[routes.r.steps]]
targets = ["elsewhere"]
`,
    problems: ['12:12 error routes.r.steps[1].targets[0]: there is no target "elsewhere"; add [targets.elsewhere] with its model'],
  },
  {
    name: "a target named twice in one list",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[routes.r]
strategy = "fallback"
targets = ["a", "b", "a"]
`,
    problems: ['10:22 error routes.r.targets[2]: "a" stands in this list already'],
  },
];

describe("Refused routes and functions", () => {
  test.each(FACTS)("$name", ({ toml, problems }) => {
    expect(told(toml)).toEqual(problems);
  });
});
