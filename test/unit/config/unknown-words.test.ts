import { expect, test } from "vitest";
import { told } from "./told.ts";

const BASE = '[providers.openai]\nmodels = ["gpt-4o"]\n[targets.a]\nmodel = "gpt-4o"\n[routes.r]\ntargets = ["a"]\n';

test.each([
  ['strategy = "wieghted"', 'routes.r.strategy: "wieghted" is not known here; did you mean "weighted"?'],
  ['strategy = "Fallback"', 'routes.r.strategy: "Fallback" is not known here; did you mean "fallback"?'],
  ['strategy = "SINGLE"', 'routes.r.strategy: "SINGLE" is not known here; did you mean "single"?'],
  ['strategy = "experimnet"', 'routes.r.strategy: "experimnet" is not known here; did you mean "experiment"?'],
  ['endpoint = "embedding"', 'routes.r.endpoint: "embedding" is not known here; did you mean "embeddings"?'],
  ['endpoint = "transcription"', 'routes.r.endpoint: "transcription" is not known here; did you mean "audio_transcription"?'],
  ['rescue = "refill"', 'routes.r.rescue: "refill" is not known here; did you mean "prefill"?'],
  ['rescue = "x"', 'routes.r.rescue: "x" is not known here; it must be one of "prefill", "restart"'],
  ["rescue = true", 'routes.r.rescue: must be one of "prefill", "restart"'],
  ['sticky_by = "users"', 'routes.r.sticky_by: "users" is not known here; did you mean "user"?'],
  ['tagets = ["a"]', 'routes.r.tagets: unknown key; did you mean "targets"?'],
  ['Models = ["gpt-4o"]', 'routes.r.Models: unknown key; did you mean "models"?'],
  ['[providers.x]\ntype = "opanai"', 'providers.x.type: there is no provider type "opanai"; did you mean "openai"?'],
  ['[providers.google]\nauth_type = "api_key"', 'providers.google.auth_type: "api_key" is not known here; did you mean "api_key_header"?'],
  ['[providers.google]\npassthrough = "store"', 'providers.google.passthrough: "store" is not known here; did you mean "stored"?'],
  ['[providers.google]\nspeaks = ["/v1/chat/completion"]', 'providers.google.speaks[0]: "/v1/chat/completion" is not known here; did you mean "/v1/chat/completions"?'], // prettier-ignore
  ['[providers.google]\nspeaks = ["chat/completions"]', 'providers.google.speaks[0]: "chat/completions" is not known here; did you mean "/v1/chat/completions"?'], // prettier-ignore
  ['[traces]\njurisdiction = "EU"', 'traces.jurisdiction: "EU" is not known here; did you mean "eu"?'],
  ['[targets.b]\nmodel = "gpt-4o"\nprovider = "opneai"', 'targets.b.provider: there is no provider "opneai"; did you mean "openai"?'],
  ["[trace]", 'trace: unknown key; did you mean "traces"?'],
])("%j is told with what was found and what was meant", (text, expected) => {
  expect(told(BASE + text, { localDevelopment: false }).map((line) => line.replace(/^\d+:\d+ error /, ""))).toContain(expected);
});

test("a variant's key that would be sent as a parameter is a warning", () => {
  const variants = '[routes.t.variants.x]\nmodel = "gpt-4o"\nwieght = 2\nmodels = []\n[routes.t.variants.y]\nmodel = "gpt-4o"\n';
  expect(told(`${BASE}${variants}`, { localDevelopment: true })).toEqual([
    '9:1 warning routes.t.variants.x.wieght: is sent as a request parameter; did you mean "weight"?',
  ]);
});

test("a long word that is near none is not repeated: it may be a key", () => {
  const key = "k0123456789abcdefghijk0123456789";
  expect(told(`${BASE}strategy = "${key}"\n`)).toEqual([
    '7:1 error routes.r.strategy: must be one of "single", "weighted", "fallback", "experiment"',
  ]);
});
