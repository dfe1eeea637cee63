import { describe, expect, test } from "vitest";
import { told } from "./told.ts";

/** What is written, and what is told of it: `line:column severity path: message`. */
const FACTS: readonly { readonly name: string; readonly toml: string; readonly problems: readonly string[] }[] = [
  {
    name: "the id route",
    toml: `
[providers.route]
type = "openai"
`,
    problems: ["2:12 error providers.route: cannot be a provider's id: route::NAME asks for a route; use another"],
  },
  {
    name: "the id function",
    toml: `
[providers.function]
base_url = "https://a.example/v1"
`,
    problems: ["2:12 error providers.function: cannot be a provider's id: function::NAME asks for a function; use another"],
  },
  {
    name: "an unknown type",
    toml: `
[providers.x]
type = "antropic"
`,
    problems: ['3:1 error providers.x.type: there is no provider type "antropic"; did you mean "anthropic"?'],
  },
  {
    name: "an id that is no type, without an address",
    toml: `
[providers.acme]
models = ["x"]
`,
    problems: [
      '2:12 error providers.acme: has no base_url: "acme" is no known type; add base_url = "https://…/v1", or a type, such as type = "openai"',
    ],
  },
  {
    name: "an id that is nearly a type, without an address",
    toml: `
[providers.mistrall]
models = ["x"]
`,
    problems: [
      '2:12 error providers.mistrall: has no base_url: "mistrall" is no known type; did you mean type = "mistral"? If not, add base_url = "https://…/v1", or a type, such as type = "openai"',
    ],
  },
  {
    name: "an id that is what people call another type, without an address",
    toml: `
[providers.gemini-eu]
models = ["x"]
[providers.azure-openai]
models = ["y"]
[providers.claude-eu]
models = ["z"]
`,
    problems: [
      ["gemini-eu", "gemini", "2:12"],
      ["azure-openai", "azure", "4:12"],
      ["claude-eu", "anthropic", "6:12"],
    ].map(
      ([id, type, place]) =>
        `${place} error providers.${id}: has no base_url: "${id}" is no known type; did you mean type = "${type}"? If not, add base_url = "https://…/v1", or a type, such as type = "openai"`,
    ),
  },
  {
    name: "a type that is what people call another",
    toml: `
[providers.x]
type = "grok"
`,
    problems: ['3:1 error providers.x.type: there is no provider type "grok"; did you mean "xai"?'],
  },
  {
    name: "a type without a public address",
    toml: `
[providers.azure]
models = ["gpt-4o"]
`,
    problems: [
      '2:12 error providers.azure: has no base_url: every azure account has its own; add base_url = "https://RESOURCE.openai.azure.com/openai/v1"',
    ],
  },
  {
    name: "an address that is none",
    toml: `
[providers.openai]
base_url = "api.openai.com/v1"
`,
    problems: ["3:1 error providers.openai.base_url: must be a whole address, such as https://api.example.com/v1"],
  },
  {
    name: "plain http",
    toml: `
[providers.openai]
base_url = "http://api.openai.com/v1"
`,
    problems: ["3:1 error providers.openai.base_url: must begin with https://; plain http is only for this machine, while developing"],
  },
  {
    name: "plain http to this machine in a deployed gateway",
    toml: `
[providers.ollama]
base_url = "http://127.0.0.1:11434/v1"
`,
    problems: [
      "3:1 error providers.ollama.base_url: must begin with https://; http to this machine works under `to11 dev` only, a deployed gateway cannot reach it",
    ],
  },
  {
    name: "another scheme",
    toml: `
[providers.openai]
base_url = "ftp://api.openai.com/v1"
`,
    problems: ["3:1 error providers.openai.base_url: must begin with https://"],
  },
  {
    name: "user info, which is not repeated",
    toml: `
[providers.openai]
base_url = "https://me:sk-live-123@api.openai.com/v1"
`,
    problems: ['3:1 error providers.openai.base_url: must not hold user info (user:password@); keys go in credential = "env::NAME"'],
  },
  {
    name: "a query, which is not repeated",
    toml: `
[providers.openai]
base_url = "https://api.openai.com/v1?key=sk-live-123"
`,
    problems: ["3:1 error providers.openai.base_url: must not hold a query; put it in the provider's query = { … }"],
  },
  {
    name: "a fragment",
    toml: `
[providers.openai]
base_url = "https://api.openai.com/v1#x"
`,
    problems: ["3:1 error providers.openai.base_url: must not hold a fragment (#…)"],
  },
  {
    name: "a line break in the address",
    toml: `
[providers.openai]
base_url = "https://api.openai.com\\n/v1"
`,
    problems: ["3:1 error providers.openai.base_url: must not hold spaces, line breaks or control characters"],
  },
  {
    name: "an address with the called path in it",
    toml: `
[providers.openai]
base_url = "https://proxy.example/v1/chat/completions"
`,
    problems: ["3:1 error providers.openai.base_url: must end before /chat/completions: the gateway adds the path that was called"],
  },
  {
    name: "a literal credential, which is not repeated",
    toml: `
[providers.openai]
credential = "sk-live-123"
`,
    problems: [
      "3:1 error providers.openai.credential: must be env::NAME, the variable that holds the key; a literal key is refused (and not repeated here)",
    ],
  },
  {
    name: "a credential with another prefix",
    toml: `
[providers.openai]
credential = "$OPENAI_API_KEY"
`,
    problems: [
      "3:1 error providers.openai.credential: must be env::NAME, the variable that holds the key; a literal key is refused (and not repeated here)",
    ],
  },
  {
    name: "a credential without a name",
    toml: `
[providers.openai]
credential = "env::"
`,
    problems: [
      "3:1 error providers.openai.credential: must be env::NAME, the variable that holds the key; a literal key is refused (and not repeated here)",
    ],
  },
  {
    name: "a key of the gateway as a credential",
    toml: `
[providers.openai]
credential = "env::TO11_API_KEY"
`,
    problems: [
      "3:1 error providers.openai.credential: names a secret of the gateway itself (TO11_…), which is sent to no provider; use another variable",
    ],
  },
  {
    name: "an id whose conventional variable would be the gateway's",
    toml: `
[providers.to11]
type = "openai"
`,
    problems: ['2:12 error providers.to11: has no credential, and this id makes no variable name of its own; add credential = "env::NAME"'],
  },
  {
    name: "an id that makes no variable name",
    toml: `
[providers.302ai]
base_url = "https://api.302.ai/v1"
`,
    problems: [
      '2:12 error providers.302ai: has no credential, and this id makes no variable name of its own; add credential = "env::NAME"',
    ],
  },
  {
    name: "a credential for a provider that takes none",
    toml: `
[providers.openai]
auth_type = "none"
credential = "env::K"
`,
    problems: ['4:1 error providers.openai.credential: is never sent: this provider takes no key; add auth_type = "bearer" if yours does'],
  },
  {
    name: "an authentication that does not exist",
    toml: `
[providers.openai]
auth_type = "basic"
`,
    problems: [
      '3:1 error providers.openai.auth_type: "basic" is not known here; it must be one of "bearer", "api_key_header", "query_param", "none"',
    ],
  },
  {
    name: "a header name for no authentication",
    toml: `
[providers.openai]
auth_type = "none"
auth_header_name = "x-key"
`,
    problems: ['4:1 error providers.openai.auth_header_name: has no use with auth_type = "none"; remove one of the two'],
  },
  {
    name: "a header name that is none",
    toml: `
[providers.openai]
auth_header_name = "x key"
`,
    problems: ["3:1 error providers.openai.auth_header_name: is not a header name: letters, digits and - only"],
  },
  {
    name: "a header name where the type sends no key",
    toml: `
[providers.ollama]
base_url = "https://gpu.example/v1"
auth_header_name = "x-key"
`,
    problems: ['4:1 error providers.ollama.auth_header_name: needs an auth_type beside it: "bearer", "api_key_header" or "query_param"'],
  },
  {
    name: "a path the gateway does not answer",
    toml: `
[providers.openai]
speaks = ["/v1/moderations"]
`,
    problems: [
      '3:11 error providers.openai.speaks[0]: "/v1/moderations" is not known here; it must be a path the gateway knows: /v1/chat/completions, /v1/completions, /v1/responses, /v1/messages, /v1/messages/count_tokens, /v1/responses/input_tokens, /v1/embeddings, /v1/audio/speech, /v1/audio/transcriptions, /v1/audio/translations, /v1/images/generations, /v1/images/edits, /v1/images/variations, /v1/models/{model}:generateContent',
    ],
  },
  {
    name: "no path at all",
    toml: `
[providers.openai]
speaks = []
`,
    problems: ["3:1 error providers.openai.speaks: must name at least one path"],
  },
];

describe("Refused providers", () => {
  test.each(FACTS)("$name", ({ toml, problems }) => {
    expect(told(toml)).toEqual(problems);
  });
});
