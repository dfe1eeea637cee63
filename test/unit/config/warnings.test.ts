import { expect, test } from "vitest";
import { told } from "./told.ts";

const START = `[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
`;
const END = '[auth]\napi_keys = ["env::TO11_API_KEY"]\n';

test.each([
  {
    name: "a route named like a model that another route covers",
    toml: `[routes.gpt-4o-mini]\ntargets = ["a"]\n[routes.r]\nmodels = ["gpt-4o-mini"]\ntargets = ["b"]\n`,
    warnings: [
      `7:9 warning routes.gpt-4o-mini: is named like a model that the route r covers: calls for "gpt-4o-mini" come here, not there`,
    ],
  },
  {
    name: "a function named like a model that a route covers",
    toml: `[routes.r]\nmodels = ["summary"]\nstrategy = "fallback"\ntargets = ["a", "b"]\n[functions.summary]\nmodels = ["gpt-4o"]\n`,
    warnings: [`11:12 warning functions.summary: is named like a model that the route r covers: calls for "summary" come here, not there`],
  },
  {
    name: "all the weight on one target",
    toml: `[targets.c]\nmodel = "gpt-4o"\nweight = 0\n[routes.r]\nstrategy = "weighted"\ntargets = ["a", "c"]\n`,
    warnings: [`12:1 warning routes.r.targets: all the weight is on a: every draw is the same`],
  },
  {
    name: "an experiment of one variant",
    toml: `[routes.r.variants.only]\nmodel = "gpt-4o"\n`,
    warnings: [`7:11 warning routes.r.variants: all the weight is on only: every draw is the same`],
  },
  {
    name: "a forgotten target whose model a route covers",
    toml: `[targets.c]\nmodel = "gpt-4o"\n[routes.r]\nmodels = ["gpt-4o"]\ntargets = ["a"]\n`,
    warnings: [
      `7:10 warning targets.c: no route uses c, and a route covers "gpt-4o" already: name it in that route's targets, or remove it`,
    ],
  },
  {
    name: "a target that the route's kind never reaches",
    toml: `[providers.anthropic]\nmodels = ["claude"]\n[targets.c]\nmodel = "claude"\n[routes.r]\nendpoint = "embeddings"\ntargets = ["c"]\n`,
    warnings: [
      `11:9 warning routes.r: its targets on anthropic are never called: that provider speaks no path of endpoint = "embeddings" (see its speaks)`,
    ],
  },
  {
    name: "nothing of a target that is reached in other words",
    toml: `[providers.gemini]\nmodels = ["gemini-3-flash"]\n[targets.c]\nmodel = "gemini-3-flash"\n[routes.r]\ntargets = ["c"]\n`,
    warnings: [],
  },
  {
    name: "a target that could be reached in other words only, which the route does not let be asked so",
    toml: `[providers.gemini]\nmodels = ["gemini-3-flash"]\n[targets.c]\nmodel = "gemini-3-flash"\n[routes.r]\ntranslate = false\ntargets = ["c"]\n`,
    warnings: [
      `11:9 warning routes.r: its targets on gemini are never called: that provider speaks no path of endpoint = "chat" (see its speaks)`,
    ],
  },
  {
    name: "settings of a model that nobody lists",
    toml: `[models."gpt-4o-mni"]\ntimeout_ms = 1\n`,
    warnings: [`7:9 warning models."gpt-4o-mni": no provider lists "gpt-4o-mni", so this is never used; did you mean "gpt-4o-mini"?`],
  },
  {
    name: "an address that stops before the API",
    toml: `[providers.groq]\nbase_url = "https://api.groq.com"\n`,
    warnings: [
      `8:1 warning providers.groq.base_url: stops before /openai/v1, where groq has its API; did you mean https://api.groq.com/openai/v1?`,
    ],
  },
])("$name is a warning, and the file is served", ({ toml, warnings }) => {
  expect(told(START + toml + END)).toEqual(warnings);
});

const CLOSED = `nobody could call this gateway: name a key, [auth] api_keys = ["env::TO11_API_KEY"], accept those of \`to11 key create\`, issued = true, or, where something else protects it, open = true`;

test.each([
  {
    auth: `[auth]\nopen = true\napi_keys = ["env::TO11_API_KEY"]\n`,
    warnings: [`8:1 warning auth.open: anyone may call, so api_keys keep nobody out; remove one of the two`],
  },
  { auth: "", warnings: [`1:1 warning auth: ${CLOSED}`] },
  { auth: "[auth]\napi_keys = []\n", warnings: [`7:2 warning auth: ${CLOSED}`] },
  { auth: "[auth]\nopen = true\n", warnings: [] },
])("of who may call: $auth", ({ auth, warnings }) => {
  expect(told(START + auth)).toEqual(warnings);
});

test("`to11 dev` opens a gateway without keys itself", () => {
  expect(told(START, { localDevelopment: true })).toEqual([]);
});

test.each([
  { name: "a route named like a model it covers itself", toml: `[routes.gpt-4o]\nmodels = ["gpt-4o"]\ntargets = ["a"]\n` },
  {
    name: "one model covered for two kinds",
    toml: `[routes.r]\nmodels = ["m"]\ntargets = ["a"]\n[routes.s]\nendpoint = "embeddings"\nmodels = ["m"]\ntargets = ["b"]\n`,
  },
  { name: "one model twice in one route", toml: `[routes.r]\nmodels = ["m", "m"]\ntargets = ["a"]\n` },
  {
    name: "one target in two steps",
    toml: `[[routes.r.steps]]\nstrategy = "weighted"\ntargets = ["a", "b"]\n[[routes.r.steps]]\ntargets = ["b"]\n`,
  },
  {
    name: "a route named like a thing every object has",
    toml: `[routes.constructor]\ntargets = ["a"]\n[functions.valueof]\nmodels = ["gpt-4o"]\n`,
  },
  {
    name: "a function that never draws a variant of weight 0",
    toml: `[functions.f.variants.x]\nmodel = "gpt-4o"\n[functions.f.variants.y]\nmodel = "gpt-4o-mini"\n[functions.f.variants.z]\ntarget = "a"\nweight = 0\n`,
  },
])("$name needs no remark", ({ toml }) => {
  expect(told(START + toml + END)).toEqual([]);
});

test("errors and warnings of one file are all told, in the order of the file", () => {
  const toml = `
[auth]
api_keys = ["sk-live-123"]
colour = "blue"

[providers.openai]
models = ["gpt-4o", 4]
timeout_ms = "1s"
headers = { authorization = "Bearer sk-live-123" }

[providers.acme]
models = ["acme-large"]

[targets.a]
model = "gpt-4o"
provider = "opnai"

[targets.b]
weight = 1

[targets.c]
model = "acme-large"

[routes.r]
stratgy = "weighted"
targets = ["a", "b", "d"]

[routes.s]
endpoint = "speech"
strategy = "fallback"
targets = [
  "c",
  "cc",
]

[models."acme-lage"]
timeout_ms = 0
`;
  expect(told(toml)).toEqual([
    `3:13 error auth.api_keys[0]: must be env::NAME, the variable that holds the key; a literal key is refused (and not repeated here)`,
    `4:1 error auth.colour: unknown key; known here: api_keys, open, issued, plan, cors_origins`,
    `7:21 error providers.openai.models[1]: must be a model's name: 1 to 256 characters, without line breaks`,
    `8:1 error providers.openai.timeout_ms: must be an integer from 1 to 3600000 (milliseconds)`,
    `9:13 error providers.openai.headers.authorization: holds a literal key; write env::NAME and set that variable (the value is not repeated here)`,
    `11:12 error providers.acme: has no base_url: "acme" is no known type; add base_url = "https://…/v1", or a type, such as type = "openai"`,
    `16:1 error targets.a.provider: there is no provider "opnai"; did you mean "openai"?`,
    `18:10 error targets.b.model: is missing; it must be a model's name: 1 to 256 characters, without line breaks`,
    `25:1 error routes.r.stratgy: unknown key; did you mean "strategy"?`,
    `26:22 error routes.r.targets[2]: there is no target "d"; add [targets.d] with its model`,
    `29:1 error routes.s.endpoint: "speech" is not known here; did you mean "audio_speech"?`,
    `33:3 error routes.s.targets[1]: there is no target "cc"; did you mean "c"?`,
    `37:1 error models."acme-lage".timeout_ms: must be an integer from 1 to 3600000 (milliseconds)`,
  ]);
});
