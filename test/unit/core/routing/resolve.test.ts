import { describe, expect, it } from "vitest";
import type { Endpoint } from "../../../../src/core/endpoint.ts";
import { resolve } from "../../../../src/core/routing/resolve.ts";
import { ENDPOINTS } from "../../../../src/endpoints/index.ts";
import { tableOf } from "../../../support/table.ts";

const TABLE = tableOf(`
[auth]
open = true
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini", "text-embedding-3-small", "both", "shared"]
[providers.anthropic]
models = ["claude", "shared", "summarize"]
[providers.openrouter]
models = ["*"]
[providers.groq]
models = ["llama", "late"]

[targets.bare]
model = "gpt-4o-mini"
provider = "openai"
[targets.four]
model = "gpt-4o"
provider = "openai"
[targets.embed]
model = "text-embedding-3-small"
provider = "openai"

[routes.direct]
models = ["gpt-4o", "both"]
targets = ["four"]
[routes.vectors]
endpoint = "embeddings"
models = ["text-embedding-3-small", "both"]
targets = ["embed"]
[routes.summarize]
targets = ["four"]
[routes.both-names]
targets = ["four"]
[functions.extract]
targets = ["four"]
`);

function endpoint(path: string): Endpoint {
  const found = ENDPOINTS.get(path);
  if (found === undefined) throw new Error(path);
  return found;
}
const CHAT = endpoint("/v1/chat/completions");
const EMBEDDINGS = endpoint("/v1/embeddings");
const SPEECH = endpoint("/v1/audio/speech");

function where(name: string, at: Endpoint): string {
  const resolution = resolve(TABLE, name, at);
  if (!resolution.ok) return resolution.error.kind;
  const { value } = resolution;
  return value.layer === "passthrough" ? `${value.provider.id} ${value.model}` : `${value.layer} ${value.route.name}`;
}

describe("resolution", () => {
  it.each([
    ["a function's name", "extract", CHAT, "function extract"],
    ["a function's name with its prefix", "function::extract", CHAT, "function extract"],
    ["a function asked for as a route", "route::extract", CHAT, "unknown_route"],
    ["a route's name", "vectors", EMBEDDINGS, "route vectors"],
    ["a route's name with its prefix", "route::vectors", EMBEDDINGS, "route vectors"],
    ["a route's name where a provider lists a model of that name", "summarize", CHAT, "route summarize"],
    ["a covered model", "gpt-4o", CHAT, "route direct"],
    ["a model covered for two kinds, as chat", "both", CHAT, "route direct"],
    ["a model covered for two kinds, as embeddings", "both", EMBEDDINGS, "route vectors"],
    ["a covered model through another kind of endpoint: the provider below", "gpt-4o", EMBEDDINGS, "openai gpt-4o"],
    ["a bare target's model, at every kind", "gpt-4o-mini", SPEECH, "route bare"],
    ["a model that a provider lists", "claude", CHAT, "anthropic claude"],
    ["a model that two providers list: the first in file order", "shared", CHAT, "openai shared"],
    ["a model that only the provider of all can know", "mystery/model", CHAT, "openrouter mystery/model"],
    ["a model listed by name behind the provider of all", "late", CHAT, "groq late"],
    ["a model forced to a provider, covered or not", "openai::gpt-4o", CHAT, "openai gpt-4o"],
    ["a model forced to a provider that does not list it", "groq::whatever", CHAT, "groq whatever"],
    ["a model with a prefix of its own inside", "openai::ft::x", CHAT, "openai ft::x"],
    [
      "a fine-tuned model, whose :: is no prefix",
      "ft:gpt-4o-mini-2024-07-18:acme::AbC123",
      CHAT,
      "openrouter ft:gpt-4o-mini-2024-07-18:acme::AbC123",
    ],
    ["a route by name from the wrong kind", "vectors", CHAT, "wrong_kind"],
    ["a route by prefix from the wrong kind", "route::vectors", CHAT, "wrong_kind"],
    ["a function from the wrong kind", "extract", EMBEDDINGS, "wrong_kind"],
    ["an unknown route", "route::nope", CHAT, "unknown_route"],
    ["a prefix without a name", "route::", CHAT, "unknown_route"],
    ["a function prefix without a name", "function::", CHAT, "unknown_function"],
    ["a provider without a model", "openai::", CHAT, "empty_model"],
    ["nothing on either side of ::", "::", CHAT, "unknown_prefix"],
    ["a model without a prefix before ::", "::gpt-4o", CHAT, "unknown_prefix"],
    ["an unknown prefix", "nobody::gpt-4o", CHAT, "unknown_prefix"],
    ["a name out of Object's prototype", "constructor", CHAT, "openrouter constructor"],
  ])("%s", (_name, model, at, expected) => {
    expect(where(model, at)).toBe(expected);
  });

  it("says unknown where no provider lists all", () => {
    const table = tableOf('[auth]\nopen = true\n[providers.openai]\nmodels = ["gpt-4o"]');
    for (const name of ["nope", "constructor", "__proto__", "", "模型", "x".repeat(100_000)]) {
      expect(resolve(table, name, CHAT)).toEqual({ ok: false, error: { kind: "unknown_name", name } });
    }
  });
});
