import { describe, expect, test } from "vitest";
import { compiled } from "./compiled-of.ts";

describe("a provider", () => {
  test("that is a type by its id needs nothing but its models", () => {
    expect(compiled(`[providers.anthropic]\nmodels = ["claude", "claude"]`).providers).toEqual([
      {
        id: "anthropic",
        type: "anthropic",
        baseUrl: "https://api.anthropic.com/v1",
        models: ["claude"],
        credential: "ANTHROPIC_API_KEY",
        passthrough: "caller",
        streamUsage: true,
        timeoutMs: 30_000,
        idleTimeoutMs: 60_000,
        speaks: ["/v1/messages", "/v1/messages/count_tokens"],
        headers: [],
        query: [],
        hasOthers: true,
      },
    ]);
  });

  test.each([
    ["by its id", "[providers.openai]", true],
    ["at another address", '[providers.openai]\nbase_url = "https://eu.api.openai.com/v1"', true],
    ["by its type", '[providers.ours]\ntype = "openai"\nbase_url = "https://llm.acme.example"', true],
    ["by its address", '[providers.ours]\nbase_url = "https://api.openai.com/v1"', true],
    ["only as a copy", '[providers.ours]\nbase_url = "https://llm.acme.example"', undefined],
    ["that has nothing else", "[providers.deepseek]", undefined],
  ])("%s is known, or not, to have the rest of its type's API", (_how, toml, expected) => {
    expect(compiled(toml).providers[0]?.hasOthers).toBe(expected);
  });

  test("of one's own takes every key", () => {
    const [provider] = compiled(`
[defaults.provider]
timeout_ms = 1000
idle_timeout_ms = 2000
[providers.acme-eu]
base_url = "https://llm.acme.example/api/"
idle_timeout_ms = 3000
headers = { X-Team = "blue", x-key = "env::ACME_HEADER" }
query = { api-version = "2024-10-21", Region = "env::ACME_REGION" }
speaks = ["/v1/embeddings"]
passthrough = "stored"
stream_usage = false
`).providers;
    expect(provider).toMatchObject({
      type: "openai",
      baseUrl: "https://llm.acme.example/api",
      models: [],
      credential: "ACME_EU_API_KEY",
      passthrough: "stored",
      streamUsage: false,
      timeoutMs: 1000,
      idleTimeoutMs: 3000,
      speaks: ["/v1/embeddings"],
      headers: [
        ["x-team", "blue"],
        ["x-key", { secret: "ACME_HEADER" }],
      ],
      query: [
        ["api-version", "2024-10-21"],
        ["Region", { secret: "ACME_REGION" }],
      ],
    });
  });

  test("on this machine may be plain http while developing", () => {
    for (const address of ["http://127.0.0.1:11434/v1", "http://localhost:1/v1", "http://[::1]:9/v1"]) {
      const [provider] = compiled(`[providers.ollama]\nbase_url = "${address}"`, { localDevelopment: true }).providers;
      expect(provider?.baseUrl).toBe(address);
      expect(provider?.credential).toBeUndefined();
    }
  });

  test.each([
    ["openai", ``, undefined],
    ["openai", `auth_type = "bearer"`, { place: "header", name: "authorization", prefix: "Bearer " }],
    ["openai", `auth_type = "api_key_header"`, { place: "header", name: "x-api-key", prefix: "" }],
    ["openai", `auth_type = "api_key_header"\nauth_header_name = "X-Acme"`, { place: "header", name: "x-acme", prefix: "" }],
    ["openai", `auth_type = "query_param"`, { place: "query", name: "key" }],
    ["openai", `auth_type = "query_param"\nauth_header_name = "apiKey"`, { place: "query", name: "apiKey" }],
    ["openai", `auth_type = "none"`, { place: "none" }],
    ["openai", `auth_header_name = "X-Auth"`, { place: "header", name: "x-auth", prefix: "Bearer " }],
    ["azure", `auth_type = "api_key_header"`, { place: "header", name: "api-key", prefix: "" }],
    ["azure", `auth_header_name = "Ocp-Key"`, { place: "header", name: "ocp-key", prefix: "" }],
    ["vllm", `auth_type = "bearer"`, { place: "header", name: "authorization", prefix: "Bearer " }],
  ])("of type %s with %j sends its key as %j", (type, lines, auth) => {
    const [provider] = compiled(`[providers.p]\ntype = "${type}"\nbase_url = "https://p.example/v1"\n${lines}`).providers;
    expect(provider?.auth).toEqual(auth);
    expect(provider?.credential).toBe(auth?.place === "none" ? undefined : "P_API_KEY");
  });
});
