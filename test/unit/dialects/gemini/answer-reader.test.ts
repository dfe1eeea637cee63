import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AnswerEvent } from "../../../../src/dialects/answer-event.ts";
import { gemini } from "../../../../src/dialects/gemini/index.ts";
import { wholeAnswer } from "../../../../src/dialects/order.ts";
import { called, chunk, encode, partsOf, readBytes, STOP, streamOf } from "../../../support/gemini-answers.ts";

const FIXTURES = join(import.meta.dirname, "../../../fixtures");

function recorded(file: string): readonly AnswerEvent[] {
  return readBytes(new Uint8Array(readFileSync(join(FIXTURES, file))));
}

function wholeRecorded(file: string): readonly AnswerEvent[] {
  return gemini.reader().readWhole(JSON.parse(readFileSync(join(FIXTURES, file), "utf8")));
}

describe("what is recorded", () => {
  test("thoughts, words of many bytes, and the signature of an empty text in the last chunk", () => {
    const answer = wholeAnswer(recorded("gemini-thinking.sse"));
    expect([answer.id, answer.model]).toEqual(["vQRpaqzAPN2M9MoP", "gemini-3-flash-preview"]);
    expect(answer.parts).toEqual([
      { kind: "thought", text: "**Adding**\n\n2 + 2 is 4.", seal: undefined },
      { kind: "text", text: "It is 4 😀\u2028", seal: { dialect: "gemini", kind: "proof", value: "EpcCCpQCARFNMg9GpVP+YGO3zJob" } },
    ]);
    expect(answer.end).toMatchObject({
      reason: "stop",
      usage: { input_tokens: 2063, cached_input_tokens: 2048, output_tokens: 57, reasoning_tokens: 52 },
    });
  });

  test("calls at once, in one chunk and in several, of which the first is signed", () => {
    const answer = wholeAnswer(recorded("gemini-tools.sse"));
    expect(answer.end.reason).toBe("calls");
    expect(partsOf(recorded("gemini-tools.sse"))).toEqual([
      ["text", "I look."],
      ["call", "call_QHiLaa6LBrb8vdIP_0", "get_weather", '{"city":"Paris"}', "AY89a19YsnFp7FOS+JDV9"],
      ["call", "call_QHiLaa6LBrb8vdIP_1", "get_weather", '{"city":"Tōkyō"}'],
      ["call", "call_QHiLaa6LBrb8vdIP_2", "get_time", "{}"],
    ]);
  });

  test("an end without content, what was looked up, and code that was run", () => {
    const events = recorded("gemini-grounded.sse");
    expect(partsOf(events)).toEqual([["text", "It is August."]]);
    expect(events.filter(({ kind }) => kind === "unknown")).toEqual([
      { kind: "unknown", what: "executableCode" },
      { kind: "unknown", what: "groundingMetadata" },
    ]);
    expect(wholeAnswer(events).end.usage).toMatchObject({ input_tokens: 325, output_tokens: 370, reasoning_tokens: 333 });
  });

  test("a prompt that is blocked: an answer that says nothing", () => {
    expect(wholeAnswer(recorded("gemini-blocked.sse"))).toMatchObject({
      parts: [],
      end: { reason: "filtered", usage: { input_tokens: 9 } },
    });
    expect(recorded("gemini-blocked.sse")).toContainEqual({ kind: "finish", reason: "filtered", word: "PROHIBITED_CONTENT" });
  });

  test("a call that cannot be read: a failure", () => {
    const message = "Malformed function call: print(get_weather(city='Paris'))";
    expect(recorded("gemini-malformed.sse")).toContainEqual({
      kind: "fail",
      error: { status: 500, code: "MALFORMED_FUNCTION_CALL", message },
    });
  });

  test("whole answers, with ids of their own", () => {
    expect(partsOf(wholeRecorded("gemini-tools.json"))).toEqual([
      ["thought", "Looking. "],
      ["text", "I look."],
      ["call", "lpndqlku", "get_weather", '{"city":"Paris"}', "AY89a19YsnFp7FOS+JDV9"],
    ]);
    expect(wholeAnswer(wholeRecorded("gemini-text.json"))).toMatchObject({ parts: [{ text: "Hello there." }], end: { reason: "length" } });
  });
});

describe("signatures", () => {
  test.each<[string, readonly unknown[], readonly unknown[]]>([
    ["on the last words", [{ text: "a" }, { text: "b", thoughtSignature: "S" }], [["text", "ab", "S"]]],
    ["on an empty text", [{ text: "a" }, { text: "", thoughtSignature: "S" }], [["text", "a", "S"]]],
    ["on a part that holds nothing else", [{ text: "a" }, { thoughtSignature: "S" }], [["text", "a", "S"]]],
    ["where there are no words", [{ text: "", thoughtSignature: "S" }], [["text", "", "S"]]],
    [
      "on a thought",
      [{ text: "a", thought: true, thoughtSignature: "S" }, { text: "b" }],
      [
        ["thought", "a", "S"],
        ["text", "b"],
      ],
    ],
    [
      "on two texts",
      [
        { text: "a", thoughtSignature: "S" },
        { text: "b", thoughtSignature: "T" },
      ],
      [
        ["text", "a", "S"],
        ["text", "b", "T"],
      ],
    ],
    [
      "on words that more follow",
      [{ text: "a", thoughtSignature: "S" }, { text: "b" }],
      [
        ["text", "a", "S"],
        ["text", "b"],
      ],
    ],
  ])("%s", (_name, parts, expected) => {
    expect(partsOf(readBytes(streamOf(chunk(parts, STOP))))).toEqual(expected);
  });

  test("as large as they come, however they are torn", () => {
    const signature = "A/b+".repeat(20_000);
    const bytes = streamOf(chunk([{ ...called("f", { a: "日" }), thoughtSignature: signature }], STOP));
    for (const length of [1, 7, 4_096]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / length) }, (_, at) => bytes.subarray(at * length, (at + 1) * length));
      expect(partsOf(readBytes(...pieces))).toEqual([["call", "call_r-1_0", "f", '{"a":"日"}', signature]]);
    }
  });
});

describe("calls", () => {
  test.each<[string, readonly unknown[], readonly unknown[]]>([
    ["without arguments", [called("f")], [["call", "call_r-1_0", "f", "{}"]]],
    [
      "with none of an object",
      [called("f", null), called("g", [1])],
      [
        ["call", "call_r-1_0", "f", "{}"],
        ["call", "call_r-1_1", "g", "{}"],
      ],
    ],
    ["with an empty id", [called("f", {}, { id: "" })], [["call", "call_r-1_0", "f", "{}"]]],
    ["with an id", [called("f", {}, { id: "x" })], [["call", "x", "f", "{}"]]],
    ["without a name", [{ functionCall: {} }, { text: "a" }], [["text", "a"]]],
    [
      "between words",
      [{ text: "a" }, called("f"), { text: "b" }],
      [
        ["text", "a"],
        ["call", "call_r-1_0", "f", "{}"],
        ["text", "b"],
      ],
    ],
  ])("%s", (_name, parts, expected) => {
    expect(partsOf(readBytes(streamOf(chunk(parts, STOP))))).toEqual(expected);
  });

  test("of an answer without an id have one that no other answer's have", () => {
    const ids = [{ a: 1 }, { a: 2 }].flatMap((args) =>
      readBytes(streamOf({ candidates: [{ content: { parts: [called("f", args), called("f", args)] } }] })).flatMap((event) =>
        event.kind === "call" ? [event.id] : [],
      ),
    );
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^call_[a-z0-9]+_[01]$/);
  });

  test("have an id that every dialect takes", () => {
    const [event] = readBytes(streamOf({ ...chunk([called("f")]), responseId: "a/b+c=.d" })).filter(({ kind }) => kind === "call");
    expect(event).toMatchObject({ id: "call_a_b_c__d_0" });
  });

  test("case 64: one that is cut short is kept as it is", () => {
    const answer = wholeAnswer(readBytes(streamOf(chunk([called("f", { a: "b" })], { finishReason: "MAX_TOKENS" }))));
    expect(answer).toMatchObject({ parts: [{ kind: "call", name: "f", text: '{"a":"b"}' }], end: { reason: "length" } });
  });

  test("of arguments that are nested too deep to be written nothing is thrown", () => {
    const deep = `{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`;
    const bytes = encode(`data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":${deep}}}]}}]}\n\n`);
    expect(readBytes(bytes).map(({ kind }) => kind)).toEqual(["begin", "call", "close"]);
  });
});

describe("case 50: any character comes over as it is", () => {
  const said = '\u0000"\\\u2028\u2029\ud800 😀日é\r\n</s>data: ';

  test("wherever its bytes are cut", () => {
    const bytes = streamOf(chunk([{ text: said }, called("f", { said })], STOP));
    const whole = readBytes(bytes);
    expect(partsOf(whole)).toEqual([
      ["text", said],
      ["call", "call_r-1_0", "f", JSON.stringify({ said })],
    ]);
    for (let cut = 1; cut < bytes.length; cut += 1) expect(readBytes(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(whole);
  });
});

describe("what a stream may come as", () => {
  const line = JSON.stringify(chunk([{ text: "a" }], STOP));

  test.each([
    ["CRLF", `data: ${line}\r\n\r\n`],
    ["LF", `data: ${line}\n\n`],
    ["no space", `data:${line}\n\n`],
    ["comments and empty events between", `: ping\n\ndata:\n\n\n\ndata: ${line}\n\n`],
    ["a last word of another dialect's", `data: ${line}\n\ndata: [DONE]\n\n`],
    ["no JSON between", `data: {"a\n\ndata: ${line}\n\n`],
  ])("%s", (_name, text) => {
    expect(partsOf(readBytes(encode(text)))).toEqual([["text", "a"]]);
  });

  test("other candidates than the first are none", () => {
    const candidates = [{ content: { parts: [{ text: "a" }] } }, { content: { parts: [{ text: "b" }] } }];
    expect(partsOf(readBytes(streamOf({ candidates })))).toEqual([["text", "a"]]);
  });

  test("an image that nobody asked for is told as unknown", () => {
    const events = readBytes(
      streamOf(chunk([{ inlineData: { mimeType: "image/png", data: "AA==" }, thoughtSignature: "S" }, { text: "a" }], STOP)),
    );
    expect(events).toContainEqual({ kind: "unknown", what: "inlineData" });
    expect(partsOf(events)).toEqual([["text", "a"]]);
  });

  test("a comment is a sign of life", () => {
    expect(readBytes(encode(": still there\n\n"))).toEqual([{ kind: "alive" }]);
  });
});

test("nothing is thrown, whatever comes", () => {
  const words = fc.constantFrom(
    ..."candidates content parts text thought thoughtSignature functionCall name args id finishReason promptFeedback blockReason usageMetadata error".split(
      " ",
    ),
  );
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.jsonValue({ maxDepth: 1 }),
      fc.constantFrom("STOP", "OTHER"),
      fc.array(tie("value"), { maxLength: 3 }),
      tie("object"),
    ),
    object: fc.dictionary(words, tie("value"), { maxKeys: 5 }),
  }));
  fc.assert(
    fc.property(fc.array(json.value, { maxLength: 3 }), json.object, (chunks, whole) => {
      wholeAnswer(readBytes(streamOf(...chunks)));
      wholeAnswer(gemini.reader().readWhole(JSON.parse(JSON.stringify(whole))));
    }),
    { numRuns: 2_000 },
  );
});
