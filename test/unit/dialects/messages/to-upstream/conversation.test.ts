import { describe, expect, test } from "vitest";
import type { AskedFeature, Part, Turn } from "../../../../../src/dialects/conversation.ts";
import { ADAPTIVE, assistant, call, PLAIN, refusal, result, said, sent, text, thought, user } from "../../../../support/messages-asks.ts";

describe("a conversation for Anthropic", () => {
  test("a plain request", () => {
    expect(sent({ system: [{ text: "Be kind.", afterTurns: 0 }], stream: true })).toEqual({
      body: {
        model: PLAIN,
        max_tokens: 10_000,
        system: "Be kind.",
        messages: [{ role: "user", content: [{ type: "text", text: "Hello." }] }],
        stream: true,
      },
      adapted: [],
      changed: undefined,
    });
  });

  test("case 2, 37: all results of a turn stand in one message of the user's, in the order of the calls, before the words", () => {
    const turns = [user(text("a")), assistant(call("1"), call("2")), user(result("1", "one"), result("2", "two"), text("go on"))];
    expect(said(turns)).toEqual([
      { role: "user", content: [{ type: "text", text: "a" }] },
      {
        role: "assistant",
        content: [
          { type: "tool_use", id: "1", name: "f", input: {} },
          { type: "tool_use", id: "2", name: "f", input: {} },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "1", content: [{ type: "text", text: "one" }] },
          { type: "tool_result", tool_use_id: "2", content: [{ type: "text", text: "two" }] },
          { type: "text", text: "go on" },
        ],
      },
    ]);
  });

  test("a result that failed says so, and one without content has none", () => {
    const failed: Part = { kind: "result", callId: "1", parts: [], failed: true };
    expect(said([user(text("a")), assistant(call("1")), user(failed)])).toMatchObject([
      {},
      {},
      { content: [{ type: "tool_result", tool_use_id: "1", is_error: true }] },
    ]);
  });

  test("case 17: texts of white space alone are left out, and a turn that nothing is left of with them", () => {
    expect(said([user(text("a")), assistant(text(" \n")), user(text("b"), text(""))])).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
    ]);
  });

  test.each<[string, readonly Turn[], string]>([
    ["a conversation of white space", [user(text(" "))], "messages: the conversation says nothing that Anthropic takes"],
    [
      "one whose first message is gone",
      [user(text(" ")), assistant(text("a")), user(text("b"))],
      "assistant_first: a conversation begins with",
    ],
    [
      "one whose last message is gone, so that the answer would be gone on with",
      [user(text("a")), assistant(text("b")), user(text(" "))],
      "messages: the last message says nothing",
    ],
  ])("%s is refused", (_name, turns, words) => {
    expect(refusal({ turns })).toContain(words);
  });

  test("case 18: arguments that are no object are carried in one", () => {
    expect(
      said([user(text("a")), assistant(call("1", "f", '{"a'), call("2", "f", "[1]"), call("3", "f", "")), user(result("1"))]),
    ).toMatchObject([{}, { content: [{ input: { _invalid: '{"a' } }, { input: { _invalid: "[1]" } }, { input: {} }] }, {}]);
  });

  test("case 19: ids with other characters are spelt lawfully, in call and result alike, and none twice", () => {
    const turns = [
      user(text("a")),
      assistant(call("call:1"), call("call.1"), call("toolu_01")),
      user(result("call:1"), result("call.1"), result("toolu_01")),
      // Upstreams without ids of their own give the same ones in each answer.
      assistant(call("toolu_01")),
      user(result("toolu_01")),
    ];
    expect(JSON.stringify(said(turns)).match(/"(id|tool_use_id)":"[^"]+"/g)).toEqual([
      '"id":"call_1"',
      '"id":"call_1_2"',
      '"id":"toolu_01"',
      '"tool_use_id":"call_1"',
      '"tool_use_id":"call_1_2"',
      '"tool_use_id":"toolu_01"',
      '"id":"toolu_01_2"',
      '"tool_use_id":"toolu_01_2"',
    ]);
  });

  test("a message that calls ends with its calls: what stands behind one is taken for a prefill", () => {
    expect(said([user(text("a")), assistant(call("1"), text("I look.")), user(result("1"))])).toMatchObject([
      {},
      { content: [{ type: "text", text: "I look." }, { type: "tool_use" }] },
      {},
    ]);
  });

  test("case 4, 59: own thoughts go back where they stood, with their signatures; an empty one with its signature, too", () => {
    const turns = [user(text("a")), assistant(thought("hm", "messages"), text("b"), thought("", "messages"), call("1")), user(result("1"))];
    expect(said(turns)).toMatchObject([
      {},
      {
        content: [
          { type: "thinking", thinking: "hm", signature: "EqQB" },
          { type: "text", text: "b" },
          { type: "thinking", thinking: "", signature: "EqQB" },
          { type: "tool_use" },
        ],
      },
      {},
    ]);
  });

  test("case 6, 40: thoughts of others are not sent, nor their words", () => {
    const turns = [user(text("a")), assistant(thought("hm", "responses", "cipher"), thought("hm", undefined), text("b")), user(text("c"))];
    expect(said(turns)).toMatchObject([{}, { content: [{ type: "text", text: "b" }] }, {}]);
  });

  test("case 41: redacted thinking goes back as it was", () => {
    expect(said([user(text("a")), assistant(thought("", "messages", "cipher"), text("b")), user(text("c"))])).toMatchObject([
      {},
      { content: [{ type: "redacted_thinking", data: "EqQB" }, { type: "text" }] },
      {},
    ]);
  });

  test("a message does not end with a thought, which is refused", () => {
    expect(said([user(text("a")), assistant(text("b"), thought("hm", "messages")), user(text("c"))])).toMatchObject([
      {},
      { content: [{ type: "text", text: "b" }] },
      {},
    ]);
  });

  test("case 47: a prefill goes without the white space at its end", () => {
    expect(said([user(text("a")), assistant(text('{"b": \n'))])).toEqual([
      { role: "user", content: [{ type: "text", text: "a" }] },
      { role: "assistant", content: [{ type: "text", text: '{"b":' }] },
    ]);
  });

  test("case 47: a model that takes no prefill is not asked", () => {
    expect(refusal({ turns: [user(text("a")), assistant(text("b"))] }, ADAPTIVE)).toBe(
      "prefill: claude-opus-4-8 does not go on with an answer that is begun; end with a message of the user's",
    );
  });
});

describe("system texts inside a conversation", () => {
  const system = [
    { text: "Be kind.", afterTurns: 0 },
    { text: "Be brief.", afterTurns: 1 },
    { text: "Be loud.", afterTurns: 2 },
  ];
  const turns = [user(text("a")), assistant(text("b")), user(text("c"))];
  const asked: readonly AskedFeature[] = [
    { feature: "system_inside", param: "messages.2" },
    { feature: "system_inside", param: "messages.4" },
  ];

  test("are hoisted and told", () => {
    const { body, adapted } = sent({ system, turns, asked });
    expect(body["system"]).toBe("Be kind.\n\nBe brief.\n\nBe loud.");
    expect(adapted).toEqual(["messages.2", "messages.4"]);
  });

  test("stay behind the user's message where the model takes them there", () => {
    const { body, adapted } = sent({ system, turns, asked }, ADAPTIVE);
    expect(body["system"]).toBe("Be kind.");
    expect(body["messages"]).toEqual([
      { role: "user", content: [{ type: "text", text: "a" }] },
      { role: "system", content: [{ type: "text", text: "Be brief." }] },
      { role: "assistant", content: [{ type: "text", text: "b" }] },
      { role: "user", content: [{ type: "text", text: "c" }] },
      { role: "system", content: [{ type: "text", text: "Be loud." }] },
    ]);
    expect(adapted).toEqual(["messages.2", "messages.4"]);
    expect(sent({ system: system.slice(0, 2), turns, asked }, ADAPTIVE).adapted).toEqual([]);
  });
});
