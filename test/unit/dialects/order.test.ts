import { describe, expect, test } from "vitest";
import type { AnswerEvent } from "../../../src/dialects/answer-event.ts";
import { Order, wholeAnswer } from "../../../src/dialects/order.ts";

const begin: AnswerEvent = { kind: "begin", id: "a1", model: "m" };
const text = (part: string, words: string): AnswerEvent => ({ kind: "text", part, text: words });
const thought = (part: string, words: string): AnswerEvent => ({ kind: "thought", part, text: words });
const call = (part: string, name: string, id: string | undefined = part): AnswerEvent => ({
  kind: "call",
  part,
  id,
  name,
  seal: undefined,
});
const args = (part: string, words: string): AnswerEvent => ({ kind: "arguments", part, text: words });
const wholeArgs = (part: string, words: string): AnswerEvent => ({ kind: "whole_arguments", part, text: words });
const close = (part: string): AnswerEvent => ({ kind: "close", part });
const stop: AnswerEvent = { kind: "finish", reason: "stop", word: "stop" };

/** An answer's parts, each as a word: `text:Hello`, `f({"a":1})`. */
function parts(...events: readonly AnswerEvent[]): readonly string[] {
  return wholeAnswer([begin, ...events]).parts.map((part) =>
    part.kind === "call" ? `${part.name}(${part.text})` : `${part.kind}:${part.text}`,
  );
}

/** What a writer is told, each as a word. */
function told(...events: readonly AnswerEvent[]): readonly string[] {
  const order = new Order();
  return [...events.flatMap((event) => order.take(event)), ...order.end()].map((event) => {
    if (event.kind === "piece") return `+${event.text}`;
    return event.kind === "open" || event.kind === "close" ? `${event.kind} ${event.part.kind}` : event.kind;
  });
}

describe("an answer in order", () => {
  test.each<[string, readonly AnswerEvent[], readonly string[]]>([
    ["words, one after the other, are one part", [text("0", "Hel"), text("0", "lo"), stop], ["text:Hello"]],
    ["nothing said opens nothing", [text("0", ""), thought("1", ""), stop], []],
    ["a thought between words parts them", [text("t", "a"), thought("r", "b"), text("t", "c"), stop], ["text:a", "thought:b", "text:c"]],
    ["arguments that never came are an empty object", [call("0", "f"), stop], ["f({})"]],
    ["arguments of white space are an empty object", [call("0", "f"), args("0", ""), stop], ["f({})"]],
    ["arguments that come at once count", [call("0", "f"), wholeArgs("0", '{"a":1}'), stop], ['f({"a":1})']],
    [
      "arguments that come at once behind their pieces are not counted twice",
      [call("0", "f"), args("0", '{"a":1}'), wholeArgs("0", '{"a":1}'), stop],
      ['f({"a":1})'],
    ],
    [
      "calls in turns are put one after the other",
      [call("0", "f"), call("1", "g"), args("1", "{"), args("0", "{"), args("1", "}"), args("0", "}"), stop],
      ["f({})", "g({})"],
    ],
    ["words behind an open call wait for it", [call("0", "f"), text("t", "so"), args("0", "{}"), stop], ["f({})", "text:so"]],
    ["a call named twice is one", [call("0", "f"), args("0", "{"), call("0", "f"), args("0", "}"), stop], ["f({})"]],
    ["arguments of no call are nobody's", [args("9", "{}"), stop], []],
    ["arguments that are no JSON stay as they are", [call("0", "f"), args("0", '{"a'), stop], ['f({"a)']],
  ])("%s", (_name, events, expected) => {
    expect(parts(...events)).toEqual(expected);
  });

  test("a call that its upstream closes goes on at once", () => {
    expect(told(begin, call("0", "f"), args("0", "{}"), close("0"), text("1", "a"))).toEqual([
      "begin",
      "open call",
      "+{}",
      "close call",
      "open text",
      "+a",
      "close text",
      "end",
    ]);
  });

  test.each([
    ["stop", [text("0", "a"), stop], "stop"],
    ["stop with calls is calls", [call("0", "f"), stop], "calls"],
    ["length with calls is length", [call("0", "f"), { kind: "finish", reason: "length", word: "length" }], "length"],
    ["none is stop", [text("0", "a")], "stop"],
  ] as const)("a finish reason of %s", (_name, events, reason) => {
    expect(wholeAnswer([begin, ...events]).end.reason).toBe(reason);
  });

  test("a seal without words makes a part of its own", () => {
    const seal = { dialect: "messages", kind: "proof", value: "abc" } as const;
    expect(wholeAnswer([begin, { kind: "seal", part: "0", of: "thought", seal }, text("1", "a"), stop]).parts).toEqual([
      { kind: "thought", text: "", seal },
      { kind: "text", text: "a", seal: undefined },
    ]);
  });
});
