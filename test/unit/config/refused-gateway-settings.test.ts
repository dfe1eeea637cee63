import { describe, expect, test } from "vitest";
import { told } from "./told.ts";

/** What is written, and what is told of it: `line:column severity path: message`. */
const FACTS: readonly { readonly name: string; readonly toml: string; readonly problems: readonly string[] }[] = [
  {
    name: "a literal gateway key",
    toml: `
[auth]
api_keys = ["to11_abcdefghijklmnopqrstuvwxyz0123"]
`,
    problems: [
      "3:13 error auth.api_keys[0]: must be env::NAME, the variable that holds the key; a literal key is refused (and not repeated here)",
    ],
  },
  {
    name: "one secret twice",
    toml: `
[auth]
api_keys = ["env::TO11_API_KEY", "env::TO11_API_KEY"]
`,
    problems: ["3:34 error auth.api_keys[1]: env::TO11_API_KEY stands here twice"],
  },
  {
    name: "the admin key as a callers' key",
    toml: `
[auth]
api_keys = ["env::TO11_ADMIN_KEY"]
`,
    problems: [
      "3:13 error auth.api_keys[0]: TO11_ADMIN_KEY has another use; make a key for callers with `to11 key new`, such as env::TO11_API_KEY",
    ],
  },
  {
    name: "a callers' key that is also a provider's",
    toml: `
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[targets.a]
model = "gpt-4o"
[targets.b]
model = "gpt-4o-mini"
[auth]
api_keys = ["env::OPENAI_API_KEY"]
`,
    problems: [
      "9:13 error auth.api_keys[0]: env::OPENAI_API_KEY is also sent to a provider by providers.openai; callers' keys and providers' keys must differ",
    ],
  },
  {
    name: "an origin with a path",
    toml: `
[auth]
cors_origins = ["https://app.example.com/x"]
`,
    problems: [
      "3:17 error auth.cors_origins[0]: must be an origin as browsers send it: scheme, host and port only, such as https://app.example.com",
    ],
  },
  {
    name: "an origin with a slash at its end",
    toml: `
[auth]
cors_origins = ["https://app.example.com/"]
`,
    problems: [
      "3:17 error auth.cors_origins[0]: must be an origin as browsers send it: scheme, host and port only, such as https://app.example.com",
    ],
  },
  {
    name: "every origin",
    toml: `
[auth]
cors_origins = ["https://a.example", "*"]
`,
    problems: [
      "3:38 error auth.cors_origins[1]: must be an origin as browsers send it: scheme, host and port only, such as https://app.example.com",
    ],
  },
  {
    name: "a body limit above what an isolate holds",
    toml: `
[limits]
max_body_bytes = 67108865
`,
    problems: ["3:1 error limits.max_body_bytes: must be an integer from 1 to 67108864 (bytes)"],
  },
  {
    name: "traces kept for ever",
    toml: `
[traces]
retention_days = 0
`,
    problems: ["3:1 error traces.retention_days: must be an integer from 1 to 365 (days)"],
  },
  {
    name: "a jurisdiction that does not exist",
    toml: `
[traces]
jurisdiction = "mars"
`,
    problems: ['3:1 error traces.jurisdiction: "mars" is not known here; it must be one of "eu", "us"'],
  },
  {
    name: "traces sent in the clear",
    toml: `
[traces]
otlp_endpoint = "http://collector.example/v1/traces"
`,
    problems: ["3:1 error traces.otlp_endpoint: must begin with https://; plain http is only for this machine, while developing"],
  },
  {
    name: "a literal key for the traces",
    toml: `
[traces]
otlp_endpoint = "https://collector.example/v1/traces"
otlp_headers = { Authorization = "Bearer abc" }
`,
    problems: [
      "4:18 error traces.otlp_headers.Authorization: holds a literal key; write env::NAME and set that variable (the value is not repeated here)",
    ],
  },
  {
    name: "a key of the gateway sent with the traces",
    toml: `
[traces]
otlp_endpoint = "https://collector.example/v1/traces"
otlp_headers = { authorization = "env::TO11_API_KEY" }
`,
    problems: [
      "4:18 error traces.otlp_headers.authorization: names a secret of the gateway itself (TO11_…), which is sent to nobody; use another variable",
    ],
  },
  {
    name: "headers for traces that go nowhere",
    toml: `
[traces]
otlp_headers = { x-team = "blue" }
`,
    problems: ["2:2 error traces: has otlp_headers but no otlp_endpoint for them to go to; add it, or remove the headers"],
  },
];

describe("Refused settings of the gateway as a whole", () => {
  test.each(FACTS)("$name", ({ toml, problems }) => {
    expect(told(toml)).toEqual(problems);
  });
});
