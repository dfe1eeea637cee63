import { describe, expect, test } from "vitest";
import type { AnswerEvent } from "../../../../src/dialects/answer-event.ts";
import { chat } from "../../../../src/dialects/chat/index.ts";
import { wholeAnswer } from "../../../../src/dialects/order.ts";
import { openAiUsage } from "../../../../src/dialects/openai/usage.ts";
import { chunksOf, deltasOf, GIVEN, writtenStream } from "../../../support/chat.ts";

const begin: AnswerEvent = { kind: "begin", id: "a1", model: "served" };
const text = (words: string): AnswerEvent => ({ kind: "text", part: "t", text: words });
const thought = (words: string): AnswerEvent => ({ kind: "thought", part: "r", text: words });
const call = (part: string, name: string): AnswerEvent => ({ kind: "call", part, id: part, name, seal: undefined });
const args = (part: string, words: string): AnswerEvent => ({ kind: "arguments", part, text: words });
const stop: AnswerEvent = { kind: "finish", reason: "stop", word: "stop" };
const usage: AnswerEvent = {
  kind: "usage",
  usage: { reader: openAiUsage, counters: { input: 20, cached: 4, output: 10, reasoning: 3, total: 30 } },
};
const sealed = (dialect: string, kind: "proof" | "cipher", of: "thought" | "text" = "thought"): AnswerEvent => ({
  kind: "seal",
  part: of === "text" ? "t" : "r",
  of,
  seal: { dialect, kind, value: "Eq==" },
});

const whole = (...events: readonly AnswerEvent[]) =>
  JSON.parse(JSON.stringify(chat.writeWhole(wholeAnswer(events), GIVEN))) as {
    choices: [{ message: Record<string, unknown>; finish_reason: string }];
  };

describe("a stream", () => {
  test("is, byte for byte, what clients read", () => {
    const head = '"id":"a1","object":"chat.completion.chunk","created":1700000000,"model":"served","choices":[';
    const chunk = (delta: string, finish = "null") => `data: {${head}{"index":0,"delta":${delta},"finish_reason":${finish}}]}\n\n`;
    expect(writtenStream([begin, thought("so"), text('"Hi"\n'), call("x", "f"), args("x", '{"a":1}'), stop, usage])).toBe(
      chunk('{"role":"assistant","content":""}') +
        chunk('{"reasoning_content":"so"}') +
        chunk('{"content":"\\"Hi\\"\\n"}') +
        chunk('{"tool_calls":[{"index":0,"id":"x","type":"function","function":{"name":"f","arguments":""}}]}') +
        chunk('{"tool_calls":[{"index":0,"function":{"arguments":"{\\"a\\":1}"}}]}') +
        chunk("{}", '"tool_calls"') +
        `data: {${head}],"usage":{"prompt_tokens":20,"completion_tokens":10,"total_tokens":30,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":3}}}\n\n` +
        "data: [DONE]\n\n",
    );
  });

  test("names itself where its upstream does not", () => {
    expect(chunksOf(writtenStream([text("a"), stop]))[0]).toMatchObject({ id: "default_01", model: "asked-model", created: 1_700_000_000 });
  });

  test.each([
    ["hidden", [usage], 0],
    ["shown", [], 0],
    ["shown", [usage], 1],
  ] as const)("with usage %s has a chunk of it only where there is one", (shown, told, count) => {
    const chunks = chunksOf(writtenStream([begin, text("a"), stop, ...told], { ...GIVEN, usage: shown }));
    expect(chunks.filter((chunk) => chunk["usage"] !== undefined).length).toBe(count);
  });

  test("tells life as a comment", () => {
    expect(writtenStream([begin, { kind: "alive" }, text("a"), stop])).toContain("\n\n: ping\n\n");
  });

  test("that breaks ends with an error and no [DONE]", () => {
    expect(chat.writer(GIVEN).fail({ code: "stream_truncated", message: "It broke." })).toBe(
      'data: {"error":{"message":"It broke.","type":"upstream_error","param":null,"code":"stream_truncated"}}\n\n',
    );
  });

  test("of a custom tool's call has its text as the input", () => {
    expect(
      deltasOf(
        writtenStream([begin, { kind: "call", part: "x", id: "x", name: "sh", seal: undefined, takes: "freeform" }, args("x", "ls"), stop]),
      ).slice(1, 3),
    ).toEqual([
      { tool_calls: [{ index: 0, id: "x", type: "custom", custom: { name: "sh", input: "" } }] },
      { tool_calls: [{ index: 0, custom: { input: "ls" } }] },
    ]);
  });
});

describe("finish reasons", () => {
  test.each([
    ["stop", "stop"],
    ["length", "length"],
    ["filtered", "content_filter"],
    ["failed", "stop"],
  ] as const)("%s is %s", (reason, word) => {
    expect(whole(begin, text("a"), { kind: "finish", reason, word: "x" }).choices[0].finish_reason).toBe(word);
  });
});

describe("seals", () => {
  const details = (...entries: readonly object[]) => ({ reasoning_details: entries });

  test.each<[string, readonly AnswerEvent[], object]>([
    [
      "Anthropic's signature, with its whole thought",
      [thought("a"), thought("b"), sealed("messages", "proof")],
      details({ type: "reasoning.text", text: "ab", signature: "to11.messages.proof.Eq==", format: "unknown", index: 0 }),
    ],
    [
      "Anthropic's redacted thinking",
      [sealed("messages", "cipher")],
      details({ type: "reasoning.encrypted", data: "to11.messages.cipher.Eq==", format: "unknown", index: 0 }),
    ],
    [
      "OpenAI's encrypted reasoning, with its summary",
      [thought("sum"), sealed("responses", "cipher")],
      details(
        { type: "reasoning.summary", summary: "sum", format: "unknown", index: 0 },
        { type: "reasoning.encrypted", data: "to11.responses.cipher.Eq==", format: "unknown", index: 0 },
      ),
    ],
    [
      "Gemini's signature on words",
      [text("a"), sealed("gemini", "proof", "text")],
      details({ type: "reasoning.text", text: "", signature: "to11.gemini.proof.Eq==", format: "unknown", index: 0 }),
    ],
  ])("%s", (_name, events, expected) => {
    expect(deltasOf(writtenStream([begin, ...events, stop])).at(-2)).toEqual(expected);
    expect(whole(begin, ...events, stop).choices[0].message).toMatchObject(expected);
  });

  test("a thought without one has none", () => {
    expect(writtenStream([begin, thought("r"), text("a"), stop])).not.toContain("reasoning_details");
  });

  test("Gemini's signature on a call stands where Google's own layer has it, another's there with its tag", () => {
    const signed = (dialect: string): AnswerEvent => ({
      kind: "call",
      part: "x",
      id: "x",
      name: "f",
      seal: { dialect, kind: "proof", value: "Cp==" },
    });
    const place = (value: string) => ({ extra_content: { google: { thought_signature: value } } });
    expect(deltasOf(writtenStream([begin, signed("gemini"), stop]))[1]).toMatchObject({ tool_calls: [place("Cp==")] });
    expect(whole(begin, signed("responses"), stop).choices[0].message).toMatchObject({ tool_calls: [place("to11.responses.proof.Cp==")] });
  });

  test("those of several thoughts are told apart by their index", () => {
    const message = whole(begin, thought("a"), sealed("messages", "proof"), text("b"), thought("c"), sealed("messages", "proof"), stop)
      .choices[0].message;
    expect(message).toMatchObject({
      content: "b",
      reasoning_content: "ac",
      reasoning_details: [
        { text: "a", index: 0 },
        { text: "c", index: 1 },
      ],
    });
  });
});

describe("a whole answer", () => {
  test("is a completion", () => {
    expect(whole(begin, thought("so"), text("Hi"), call("x", "f"), args("x", "{}"), stop, usage)).toEqual({
      id: "a1",
      object: "chat.completion",
      created: 1_700_000_000,
      model: "served",
      choices: [
        {
          index: 0,
          message: {
            role: "assistant",
            content: "Hi",
            refusal: null,
            reasoning_content: "so",
            tool_calls: [{ id: "x", type: "function", function: { name: "f", arguments: "{}" } }],
          },
          logprobs: null,
          finish_reason: "tool_calls",
        },
      ],
      usage: {
        prompt_tokens: 20,
        completion_tokens: 10,
        total_tokens: 30,
        prompt_tokens_details: { cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 3 },
      },
    });
  });

  test("without usage has none", () => {
    expect(whole(begin, text("a"), stop)).not.toHaveProperty("usage");
  });

  test("that refuses has its words as the refusal", () => {
    expect(whole(begin, { kind: "refusal", part: "t", text: "No." }, stop).choices[0].message).toEqual({
      role: "assistant",
      content: null,
      refusal: "No.",
    });
  });
});
