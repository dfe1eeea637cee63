import { describe, expect, test } from "vitest";
import { secretUses } from "../../../src/config/secret-uses.ts";
import { compiled } from "./compiled-of.ts";
import { told } from "./told.ts";

const FILE = `
[auth]
api_keys = ["env::TO11_API_KEY"]
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[providers.anthropic]
models = ["claude"]
speaks = ["/v1/messages", "/v1/chat/completions"]
headers = { x-tag = "env::TAG" }
[providers.groq]
models = ["llama"]
passthrough = "stored"
[providers.vllm]
base_url = "https://gpu.example:8443/v1"
models = ["own"]
[targets.main]
model = "gpt-4o"
[targets.second]
model = "gpt-4o"
credential = "env::SECOND"
[targets.mini]
model = "gpt-4o-mini"
credential = "env::SECOND"
[routes.r]
strategy = "weighted"
targets = ["main", "second"]
[traces]
otlp_endpoint = "https://otlp.example:4318/v1/traces"
otlp_headers = { authorization = "env::OTLP_AUTH", x-team = "blue" }
`;

const OPENAI = { origin: "https://api.openai.com", place: "header", name: "authorization" };
const ANTHROPIC = { ...OPENAI, origin: "https://api.anthropic.com" };

test("every secret is told once per place it is sent to, with who uses it and whether a call needs it", () => {
  expect(secretUses(compiled(FILE))).toEqual([
    { secret: "TO11_API_KEY", site: null, usedBy: ["auth.api_keys"], needed: true },
    { secret: "OPENAI_API_KEY", site: OPENAI, usedBy: ["providers.openai"], needed: true },
    { secret: "ANTHROPIC_API_KEY", site: { ...ANTHROPIC, name: "x-api-key" }, usedBy: ["providers.anthropic"], needed: false },
    { secret: "ANTHROPIC_API_KEY", site: ANTHROPIC, usedBy: ["providers.anthropic"], needed: false },
    { secret: "TAG", site: { ...ANTHROPIC, name: "x-tag" }, usedBy: ["providers.anthropic"], needed: true },
    { secret: "GROQ_API_KEY", site: { ...OPENAI, origin: "https://api.groq.com" }, usedBy: ["providers.groq"], needed: true },
    { secret: "SECOND", site: OPENAI, usedBy: ["targets.second", "targets.mini"], needed: true },
    { secret: "OTLP_AUTH", site: { ...OPENAI, origin: "https://otlp.example:4318" }, usedBy: ["traces.otlp_headers"], needed: true },
  ]);
});

describe("pinned to the deployed file", () => {
  const pins = secretUses(compiled(FILE));
  const publish = (toml: string) => told(toml, { localDevelopment: false, pins });

  test("the same secrets in the same places are published, whatever else changes", () => {
    expect(publish(FILE)).toEqual([]);
    expect(publish(FILE.replace(`targets = ["main", "second"]`, `targets = ["second", "mini"]`).replace("main]", "spare]"))).toEqual([]);
    expect(publish(FILE.replace(/\[traces\][^]*$/, ""))).toEqual([]);
  });

  test.each([
    {
      name: "a secret at a new address",
      from: `[providers.openai]\n`,
      to: `[providers.openai]\nbase_url = "https://evil.example/v1"\n`,
      problems: [
        "4:12 error providers.openai: would send env::OPENAI_API_KEY to https://evil.example, which the deployed routes.toml does not; a new pair of secret and address needs a deploy",
        "19:10 error targets.second: would send env::SECOND to https://evil.example, which the deployed routes.toml does not; a new pair of secret and address needs a deploy",
        "22:10 error targets.mini: would send env::SECOND to https://evil.example, which the deployed routes.toml does not; a new pair of secret and address needs a deploy",
      ],
    },
    {
      name: "another port of the same host",
      from: "https://otlp.example:4318/v1/traces",
      to: "https://otlp.example:4319/v1/traces",
      problems: [
        "29:1 error traces.otlp_headers: would send env::OTLP_AUTH to https://otlp.example:4319, which the deployed routes.toml does not; a new pair of secret and address needs a deploy",
      ],
    },
    {
      name: "a known secret at another provider's address",
      from: `credential = "env::SECOND"\n[targets.mini]`,
      to: `credential = "env::GROQ_API_KEY"\n[targets.mini]`,
      problems: [
        "18:10 error targets.second: would send env::GROQ_API_KEY to https://api.openai.com, which the deployed routes.toml does not; a new pair of secret and address needs a deploy",
      ],
    },
    {
      name: "a known secret under another header at its address",
      from: "env::TAG",
      to: "env::ANTHROPIC_API_KEY",
      problems: [
        "6:12 error providers.anthropic: would send env::ANTHROPIC_API_KEY to https://api.anthropic.com in the header x-tag; the deployed routes.toml sends it in the header x-api-key and the header authorization only, and a new place needs a deploy",
      ],
    },
    {
      name: "a known secret as a query parameter at its address",
      from: `models = ["llama"]`,
      to: `models = ["llama"]\nauth_type = "query_param"`,
      problems: [
        "10:12 error providers.groq: would send env::GROQ_API_KEY to https://api.groq.com in the query parameter key; the deployed routes.toml sends it in the header authorization only, and a new place needs a deploy",
      ],
    },
    {
      name: "a target's secret under its provider's new header",
      from: `models = ["gpt-4o", "gpt-4o-mini"]`,
      to: `models = ["gpt-4o", "gpt-4o-mini"]\nauth_header_name = "X-Echoed"`,
      problems: [
        "4:12 error providers.openai: would send env::OPENAI_API_KEY to https://api.openai.com in the header x-echoed; the deployed routes.toml sends it in the header authorization only, and a new place needs a deploy",
        "19:10 error targets.second: would send env::SECOND to https://api.openai.com in the header x-echoed; the deployed routes.toml sends it in the header authorization only, and a new place needs a deploy",
        "22:10 error targets.mini: would send env::SECOND to https://api.openai.com in the header x-echoed; the deployed routes.toml sends it in the header authorization only, and a new place needs a deploy",
      ],
    },
    {
      name: "a collector's secret under another header",
      from: `authorization = "env::OTLP_AUTH"`,
      to: `x-log-me = "env::OTLP_AUTH"`,
      problems: [
        "29:1 error traces.otlp_headers: would send env::OTLP_AUTH to https://otlp.example:4318 in the header x-log-me; the deployed routes.toml sends it in the header authorization only, and a new place needs a deploy",
      ],
    },
    {
      name: "a new secret in a header",
      from: "env::TAG",
      to: "env::SESSION_SECRET",
      problems: [
        "6:12 error providers.anthropic: would send env::SESSION_SECRET to https://api.anthropic.com, which the deployed routes.toml does not; a new pair of secret and address needs a deploy",
      ],
    },
  ])("$name is refused", ({ from, to, problems }) => {
    expect(publish(FILE.replace(from, to))).toEqual(problems);
  });

  test("another secret for callers' keys goes nowhere, so it needs no deploy", () => {
    expect(publish(FILE.replace("env::TO11_API_KEY", "env::TO11_TEAM_B"))).toEqual([]);
  });
});
