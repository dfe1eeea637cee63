import { describe, expect, test } from "vitest";
import type { Thinking } from "../../../../src/dialects/conversation.ts";
import { geminiModel } from "../../../../src/dialects/gemini/model.ts";
import { writtenForGemini } from "../../../support/gemini-asks.ts";

const off: Thinking = { kind: "off" };
const effort = (word: string | undefined, shown = false): Thinking => ({ kind: "on", effort: word, budgetTokens: undefined, shown });
const budget = (budgetTokens: number): Thinking => ({ kind: "on", effort: undefined, budgetTokens, shown: true });

/** What a model is told of how hard it thinks, and what its caller is told. */
function told(thinking: Thinking, model: string, maxOutputTokens?: number): readonly unknown[] {
  const asked = [{ feature: "thinking", param: "reasoning_effort" }] as const;
  const { body, adapted } = writtenForGemini({ thinking, maxOutputTokens, asked }, model);
  return [Object(body["generationConfig"])["thinkingConfig"], ...adapted];
}

describe("what is known of a model by its name", () => {
  test.each([
    ["gemini-3-pro-preview", 3, "pro"],
    ["models/gemini-2.5-flash-lite", 2.5, "flash-lite"],
    ["Gemini-3.1-Flash", 3.1, "flash"],
    ["gemini-2.0-flash-001", 2, "flash"],
    ["gemini-flash-latest", Infinity, "flash"],
    ["gemini-3-pro-image-preview", 3, "other"],
    ["gemini-2.5-flash-preview-tts", 2.5, "other"],
    ["gemma-3-27b-it", 0, "other"],
    ["", 0, "other"],
  ])("%s", (name, generation, family) => {
    expect(geminiModel(name)).toEqual({ generation, family });
  });
});

// https://docs.cloud.google.com/vertex-ai/generative-ai/docs/thinking: which model has which level, which budget.
describe("how hard models think that have levels", () => {
  test.each<[string, Thinking, string, ...unknown[]]>([
    ["an effort that it has", effort("low"), "gemini-3-pro", { thinkingLevel: "LOW" }],
    ["one that it has not is the next above", effort("minimal"), "gemini-3-pro", { thinkingLevel: "LOW" }, "reasoning_effort=low"],
    ["one between", effort("medium"), "gemini-3-pro", { thinkingLevel: "HIGH" }, "reasoning_effort=high"],
    ["the same of a model that has it", effort("medium"), "gemini-3.1-pro", { thinkingLevel: "MEDIUM" }],
    ["one of a lighter model", effort("minimal"), "gemini-3-flash", { thinkingLevel: "MINIMAL" }],
    ["one above all", effort("xhigh"), "gemini-3-flash", { thinkingLevel: "HIGH" }, "reasoning_effort=high"],
    ["not at all", off, "gemini-3-flash", { thinkingLevel: "MINIMAL" }, "reasoning_effort=minimal"],
    ["not at all, of one that has to", off, "gemini-3.7-flash", { thinkingLevel: "LOW" }, "reasoning_effort=low"],
    ["tokens", budget(4_000), "gemini-3-flash", { includeThoughts: true, thinkingLevel: "MEDIUM" }, "reasoning_effort=medium"],
    ["as it thinks fit, and shown", effort(undefined, true), "gemini-3-flash", { includeThoughts: true }],
    ["as it thinks fit", effort(undefined), "gemini-3-flash", undefined],
    ["an effort that is not known", effort("huge"), "gemini-3-flash", undefined, "reasoning_effort"],
  ])("%s", (_name, thinking, model, ...expected) => {
    expect(told(thinking, model)).toEqual(expected);
  });
});

describe("how hard models think that have a number of tokens", () => {
  test.each<[string, Thinking, string | readonly [string, number], ...unknown[]]>([
    ["tokens", budget(4_000), "gemini-2.5-flash", { includeThoughts: true, thinkingBudget: 4_000 }],
    ["more than it takes", budget(30_000), "gemini-2.5-flash", { includeThoughts: true, thinkingBudget: 24_576 }, "reasoning_effort=24576"],
    ["less than it takes", budget(100), "gemini-2.5-flash-lite", { includeThoughts: true, thinkingBudget: 512 }, "reasoning_effort=512"],
    ["an effort, as Google counts it", effort("medium"), "gemini-2.5-pro", { thinkingBudget: 8_192 }, "reasoning_effort=8192"],
    ["an effort, of the answer's tokens", effort("high"), ["gemini-2.5-pro", 10_000], { thinkingBudget: 6_000 }, "reasoning_effort=6000"],
    [
      "an effort of a short answer leaves half of it",
      effort("low"),
      ["gemini-2.5-flash", 1_000],
      { thinkingBudget: 500 },
      "reasoning_effort=500",
    ],
    ["not at all", off, "gemini-2.5-flash", { thinkingBudget: 0 }],
    ["not at all, of one that has to", off, "gemini-2.5-pro", { thinkingBudget: 128 }, "reasoning_effort=128"],
  ])("%s", (_name, thinking, model, ...expected) => {
    const [name, maxOutputTokens] = typeof model === "string" ? [model] : model;
    expect(told(thinking, name, maxOutputTokens)).toEqual(expected);
  });
});

test.each<[string, Thinking, ...unknown[]]>([
  ["gemini-2.0-flash", off, undefined],
  ["gemini-2.0-flash", effort("low"), undefined, "reasoning_effort"],
  ["gemma-3-27b-it", off, undefined, "reasoning_effort"],
  ["gemini-3-pro-image-preview", effort("low"), undefined, "reasoning_effort"],
])("%s is told nothing: it does not think, or nobody knows how", (model, thinking, ...expected) => {
  expect(told(thinking, model)).toEqual(expected);
});
