import { describe, expect, test } from "vitest";
import type { Ask } from "../../../../src/dialects/conversation.ts";
import { HELLO, writtenForGemini } from "../../../support/gemini-asks.ts";

describe("how an answer is to be made", () => {
  test.each<[string, Partial<Ask>, object | undefined]>([
    ["nothing said", {}, undefined],
    ["a bound on tokens", { maxOutputTokens: 10 }, { maxOutputTokens: 10 }],
    ["a temperature", { temperature: 0 }, { temperature: 0 }],
    ["how tokens are drawn", { topP: 0.5, topK: 40 }, { topP: 0.5, topK: 40 }],
    ["penalties", { presencePenalty: 1, frequencyPenalty: -1 }, { presencePenalty: 1, frequencyPenalty: -1 }],
    ["a seed", { seed: 7 }, { seed: 7 }],
    ["a seed of 64 bits", { seed: 2 ** 40 + 7 }, { seed: 7 }],
    ["a seed that is large", { seed: 2 ** 31 }, { seed: -(2 ** 31) }],
    ["what stops it", { stop: ["a", "", "b"] }, { stopSequences: ["a", "b"] }],
    ["nothing that stops it", { stop: [""] }, undefined],
  ])("%s", (_name, asked, config) => {
    expect(writtenForGemini(asked).body["generationConfig"]).toEqual(config);
  });

  // https://ai.google.dev/api/generate-content#FIELDS.stop_sequences
  test("of more than five sequences that stop it the first five are sent, and it is told", () => {
    const asked = [{ feature: "stop", param: "stop_sequences" }] as const;
    const { body, adapted } = writtenForGemini({ stop: ["1", "2", "3", "4", "5", "6"], asked });
    expect(body["generationConfig"]).toEqual({ stopSequences: ["1", "2", "3", "4", "5"] });
    expect(adapted).toEqual(["stop_sequences=5"]);
  });
});

test("what the model is told stands apart, and what is told inside the conversation with it, which is said", () => {
  const system = [
    { text: "Be brief.", afterTurns: 0 },
    { text: "Be kind.", afterTurns: 1 },
  ];
  const { body, adapted } = writtenForGemini({ system, asked: [{ feature: "system_inside", param: "messages.2" }] });
  expect(body["systemInstruction"]).toEqual({ parts: [{ text: "Be brief." }, { text: "Be kind." }] });
  expect(adapted).toEqual(["messages.2"]);
});

test("case 33: what Gemini has no word for is not in its request, which is refused for one member that it does not know", () => {
  const { body, changed } = writtenForGemini({
    stream: true,
    parallelCalls: false,
    verbosity: "low",
    serviceTier: "flex",
    endUser: "u",
    metadata: { a: "b" },
    promptCacheKey: "k",
    asked: [{ feature: "cache_hint", param: "messages.0.content.0.cache_control" }],
  });
  expect(body).toEqual({ contents: [{ role: "user", parts: [{ text: "Hello." }] }] });
  expect(changed).toBeUndefined();
});

test("case 50: any character goes over as it is", () => {
  const said = '\u0000"\\\u2028\u2029\ud800 😀\r\n</s>data: ';
  const turns: Ask["turns"] = [{ role: "user", parts: [{ kind: "text", text: said }] }];
  const body = JSON.stringify(writtenForGemini({ turns, system: [{ text: said, afterTurns: 0 }] }).body);
  const read = JSON.parse(new TextDecoder().decode(new TextEncoder().encode(body)));
  expect(read.contents[0].parts[0].text).toBe(said);
  expect(read.systemInstruction.parts[0].text).toBe(said);
});

test("a request is written the same each time, and nothing of it is changed", () => {
  const turns: Ask["turns"] = [
    HELLO,
    {
      role: "assistant",
      parts: [
        { kind: "text", text: "a" },
        { kind: "thought", text: "", seal: { dialect: "gemini", kind: "proof", value: "S" } },
      ],
    },
    HELLO,
  ];
  const frozen = deepFrozen({ turns, stop: ["a"], temperature: 1 });
  expect(writtenForGemini(frozen)).toEqual(writtenForGemini(frozen));
});

function deepFrozen<Value extends object>(value: Value): Value {
  for (const inner of Object.values(value)) if (typeof inner === "object" && inner !== null) deepFrozen(inner);
  return Object.freeze(value);
}
