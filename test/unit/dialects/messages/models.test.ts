import { expect, test } from "vitest";
import { type ModelTraits, traitsOf } from "../../../../src/dialects/messages/models.ts";

test.each<[string, Partial<ModelTraits>]>([
  ["claude-3-opus-20240229", { maxOutputTokens: 4096, thinks: "never", structured: false, prefill: true }],
  ["claude-3-5-haiku-latest", { maxOutputTokens: 8192, thinks: "never" }],
  ["claude-3-7-sonnet-20250219", { maxOutputTokens: 64_000, thinks: "with_budget" }],
  ["claude-2.1", { maxOutputTokens: 4096, thinks: "never" }],
  ["claude-instant-1.2", { maxOutputTokens: 4096, thinks: "never" }],
  ["claude-opus-4-20250514", { maxOutputTokens: 32_000, sampling: "one", structured: false }],
  ["claude-opus-4-1", { maxOutputTokens: 32_000 }],
  ["claude-sonnet-4-5-20250929", { maxOutputTokens: 64_000, thinks: "with_budget", structured: true, prefill: true }],
  ["anthropic/claude-sonnet-4.5", { maxOutputTokens: 64_000, structured: true }],
  ["us.anthropic.claude-haiku-4-5-20251001-v1:0", { maxOutputTokens: 64_000, structured: true }],
  ["claude-opus-4-6", { thinks: "adaptively", thinksUnasked: false, sampling: "one", prefill: false }],
  ["claude-opus-4-7", { thinks: "adaptively", sampling: "none", systemInside: false }],
  ["claude-opus-4-8", { systemInside: true, forcedTools: true }],
  ["claude-opus-4-8@20260528", { systemInside: false, sampling: "none" }],
  ["anthropic.claude-opus-4-8", { systemInside: false, sampling: "none" }],
  ["claude-opus-5", { thinksUnasked: true, thinkingOff: "disabled" }],
  ["claude-opus-5-5", { thinkingOff: undefined, forcedTools: false }],
  // Newer than all that is known.
  ["claude-opus-9", { thinkingOff: undefined, forcedTools: false, maxOutputTokens: 128_000 }],
  ["claude-novella-1", { thinks: "adaptively", sampling: "none", forcedTools: true }],
  // What speaks the Messages API and is no Claude.
  ["kimi-k2", { maxOutputTokens: undefined, thinks: "with_budget", sampling: "all", forcedTools: true, prefill: true }],
  ["constructor", { maxOutputTokens: undefined, sampling: "all" }],
  ["claude-constructor-1", { thinks: "adaptively" }],
])("%s", (model, traits) => {
  expect(traitsOf(model)).toMatchObject(traits);
});
