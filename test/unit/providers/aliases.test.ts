import { expect, test } from "vitest";
import { ALIASES, aliasedType } from "../../../src/providers/aliases.ts";
import { PROVIDER_TYPES } from "../../../src/providers/index.ts";

test("every alias means a type, and is none", () => {
  for (const [alias, type] of ALIASES) {
    expect(PROVIDER_TYPES.has(type), alias).toBe(true);
    expect(PROVIDER_TYPES.has(alias), alias).toBe(false);
  }
});

test.each([
  ["claude", "anthropic"],
  ["Claude", "anthropic"],
  ["claude-eu", "anthropic"],
  ["claude_team", "anthropic"],
  ["google-ai-studio", "google"],
  ["azure-openai", "azure"],
  ["grok", "xai"],
  ["acme", undefined],
  ["claudes", undefined],
  ["", undefined],
])("%j means %j", (name, type) => {
  expect(aliasedType(name)).toBe(type);
});
