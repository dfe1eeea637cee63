import { describe, expect, test } from "vitest";
import { mergeFacts, toldUsage, USAGE_NOT_REPORTED, type UsageReader, usageOf } from "../../../../src/core/usage/usage.ts";

/** Of a dialect whose cached part is no part of its input. */
const reader: UsageReader = {
  pick: (usage) => ({ input: usage["in"], cached: usage["cached"], output: usage["out"] }),
  usageOf: ({ input = 0, cached = 0, output = 0 }) => ({ ...USAGE_NOT_REPORTED, input_tokens: input + cached, output_tokens: output }),
};

describe("what an upstream told", () => {
  test("is kept as it was told, but for what is no count", () => {
    expect(toldUsage(reader, { in: 9, cached: "4", out: 0, more: 7 })).toEqual({ counters: { input: 9, output: 0 }, reader });
  });

  test.each([[{ in: -1, out: 1.5, cached: null }], [{}], [null], [[9]], ["9"]])("is nothing where it is %j", (value) => {
    expect(toldUsage(reader, value)).toBeUndefined();
  });

  test("means something when all of it is there: a later event without a counter does not take that counter's meaning away", () => {
    const told = [
      { in: 100, cached: 900, out: 1 },
      { in: 100, out: 40 },
    ].map((usage) => toldUsage(reader, usage));
    const facts = told.map((usage) => (usage === undefined ? {} : { usage })).reduce(mergeFacts, {});
    expect(usageOf(facts.usage)).toEqual({ ...USAGE_NOT_REPORTED, input_tokens: 1000, output_tokens: 40 });
  });

  test("is not reported where nothing was told", () => {
    expect(usageOf(undefined)).toEqual(USAGE_NOT_REPORTED);
  });
});

describe("readings of one answer together", () => {
  test("texts are joined, tool calls added, of the rest and of each counter it is the later word", () => {
    const first = { model: "a", text: "x", toolCalls: 1, usage: { counters: { input: 25, output: 1 }, reader } };
    const second = { model: "b", text: "y", toolCalls: 2, finishReason: "stop", usage: { counters: { output: 9 }, reader } };
    expect(mergeFacts(first, second)).toEqual({
      model: "b",
      text: "xy",
      toolCalls: 3,
      finishReason: "stop",
      usage: { counters: { input: 25, output: 9 }, reader },
    });
  });

  test("what one of them does not tell is the other's", () => {
    expect(mergeFacts({ text: "x", toolCalls: 1 }, { model: "b" })).toEqual({ text: "x", toolCalls: 1, model: "b" });
    expect(mergeFacts({}, { text: "x", toolCalls: 1 })).toEqual({ text: "x", toolCalls: 1 });
  });
});
