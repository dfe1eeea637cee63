import { describe, expect, test } from "vitest";
import type { ChangedAsk } from "../../../src/core/translation.ts";
import type { AnswerEvent } from "../../../src/dialects/answer-event.ts";
import { ChangeBack } from "../../../src/dialects/change-back.ts";
import { wholeAnswer } from "../../../src/dialects/order.ts";

const CHANGED: ChangedAsk = {
  toolNames: new Map([["get_wea_1a2b3c4d", "get weather"]]),
  freeformTools: new Set(["apply_patch"]),
  answerTool: "json",
};

const call = (part: string, name: string): AnswerEvent => ({ kind: "call", part, id: part, name, seal: undefined });
const args = (part: string, text: string): AnswerEvent => ({ kind: "arguments", part, text });
const wholeArgs = (part: string, text: string): AnswerEvent => ({ kind: "whole_arguments", part, text });
const close = (part: string): AnswerEvent => ({ kind: "close", part });
const calls: AnswerEvent = { kind: "finish", reason: "calls", word: "tool_use" };

/** An answer's parts and end as its caller gets them, each as a word: `text:Hello`, `f({"a":1})`. */
function given(changed: ChangedAsk | undefined, ...events: readonly AnswerEvent[]): readonly string[] {
  const back = new ChangeBack(changed);
  const { parts, end } = wholeAnswer([...events.flatMap((event) => back.take(event)), ...back.end()]);
  return [...parts.map((part) => (part.kind === "call" ? `${part.name}(${part.text})` : `${part.kind}:${part.text}`)), end.reason];
}

describe("what was changed in a request is changed back in its answer", () => {
  test.each<[string, readonly AnswerEvent[], readonly string[]]>([
    ["a tool has the caller's name", [call("0", "get_wea_1a2b3c4d"), args("0", "{}"), calls], ["get weather({})", "calls"]],
    ["other tools keep theirs", [call("0", "f"), args("0", '{"input":"a"}'), calls], ['f({"input":"a"})', "calls"]],
    [
      "the answer's tool is the answer",
      [call("0", "json"), args("0", '{"a"'), args("0", ":1}"), close("0"), calls],
      ['text:{"a":1}', "stop"],
    ],
    ["an answer's tool whose arguments come at once", [call("0", "json"), wholeArgs("0", '{"a":1}'), calls], ['text:{"a":1}', "stop"]],
    [
      "arguments of it that come twice count once",
      [call("0", "json"), args("0", '{"a":1}'), wholeArgs("0", '{"a":1}'), calls],
      ['text:{"a":1}', "stop"],
    ],
    [
      "an answer that was cut stays cut",
      [call("0", "json"), args("0", '{"a'), { kind: "finish", reason: "length", word: "max_tokens" }],
      ['text:{"a', "length"],
    ],
    ["another call beside the answer is one", [call("0", "json"), args("0", "{}"), call("1", "f"), calls], ["text:{}", "f({})", "calls"]],
    [
      "a freeform tool gets its text",
      [call("0", "apply_patch"), args("0", '{"input":"*** Be'), args("0", 'gin\\n"}'), close("0"), calls],
      ["apply_patch(*** Begin\n)", "calls"],
    ],
    ["a text that is never closed", [call("0", "apply_patch"), args("0", '{"input":"a"}')], ["apply_patch(a)", "calls"]],
    [
      "two texts in turns",
      [call("0", "apply_patch"), call("1", "apply_patch"), args("1", '{"input":"b"}'), args("0", '{"input":"a"}'), calls],
      ["apply_patch(a)", "apply_patch(b)", "calls"],
    ],
    ["a text that was not wrapped", [call("0", "apply_patch"), args("0", "*** Begin"), calls], ["apply_patch(*** Begin)", "calls"]],
  ])("%s", (_name, events, expected) => {
    expect(given(CHANGED, ...events)).toEqual(expected);
  });

  test("nothing is held back where nothing was changed", () => {
    expect(given(undefined, call("0", "json"), args("0", "{}"), calls)).toEqual(["json({})", "calls"]);
  });
});
