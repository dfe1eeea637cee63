import { describe, expect, test } from "vitest";
import { mergeFacts, mergeUsage, readMessagesUsage, readOpenAiUsage, type Usage } from "../../../../src/core/usage/usage.ts";

const usage = (input: number | null, cached: number | null, output: number | null, reasoning: number | null): Usage => ({
  input_tokens: input,
  cached_input_tokens: cached,
  output_tokens: output,
  reasoning_tokens: reasoning,
});

describe("OpenAI's usage", () => {
  test.each<[string, unknown, Usage | undefined]>([
    ["of chat", { prompt_tokens: 9, completion_tokens: 3 }, usage(9, null, 3, null)],
    [
      "with details",
      {
        prompt_tokens: 9,
        completion_tokens: 3,
        prompt_tokens_details: { cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 2 },
      },
      usage(9, 4, 3, 2),
    ],
    ["with details of null", { prompt_tokens: 9, completion_tokens: 3, prompt_tokens_details: null }, usage(9, null, 3, null)],
    [
      "of responses",
      { input_tokens: 9, output_tokens: 3, input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 1 } },
      usage(9, 0, 3, 1),
    ],
    [
      "of DeepSeek",
      { prompt_tokens: 9, completion_tokens: 3, prompt_cache_hit_tokens: 5, prompt_cache_miss_tokens: 4 },
      usage(9, 5, 3, null),
    ],
    ["of embeddings", { prompt_tokens: 8, total_tokens: 8 }, usage(8, null, null, null)],
    ["with numbers that are none", { prompt_tokens: "9", completion_tokens: -1, prompt_tokens_details: { cached_tokens: 1.5 } }, undefined],
    ["empty", {}, undefined],
    ["null", null, undefined],
    ["a list", [9], undefined],
  ])("%s", (_name, value, expected) => {
    expect(readOpenAiUsage(value)).toEqual(expected);
  });
});

describe("the usage of Messages", () => {
  test.each<[string, unknown, Usage | undefined]>([
    [
      "counts what came from the cache and went into it as input",
      { input_tokens: 10, cache_read_input_tokens: 20, cache_creation_input_tokens: 30, output_tokens: 5 },
      usage(60, 20, 5, null),
    ],
    ["without a cache", { input_tokens: 10, output_tokens: 5 }, usage(10, null, 5, null)],
    ["of a stream's end", { output_tokens: 5 }, usage(null, null, 5, null)],
    ["absent", undefined, undefined],
  ])("%s", (_name, value, expected) => {
    expect(readMessagesUsage(value)).toEqual(expected);
  });
});

describe("readings of one answer together", () => {
  test("the later count wins where there is one", () => {
    expect(mergeUsage(usage(25, 7, 1, null), usage(null, 0, 15, null))).toEqual(usage(25, 0, 15, null));
  });

  test("texts are joined, tool calls added, the rest is the later word", () => {
    const first = { model: "a", text: "x", toolCalls: 1, usage: usage(25, null, 1, null) };
    const second = { model: "b", text: "y", toolCalls: 2, finishReason: "stop", usage: usage(null, null, 9, null) };
    expect(mergeFacts(first, second)).toEqual({
      model: "b",
      text: "xy",
      toolCalls: 3,
      finishReason: "stop",
      usage: usage(25, null, 9, null),
    });
  });

  test("what one of them does not tell is the other's", () => {
    expect(mergeFacts({ text: "x", toolCalls: 1 }, { model: "b" })).toEqual({ text: "x", toolCalls: 1, model: "b" });
    expect(mergeFacts({}, { text: "x", toolCalls: 1 })).toEqual({ text: "x", toolCalls: 1 });
  });
});
