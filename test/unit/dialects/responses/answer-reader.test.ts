import { describe, expect, test } from "vitest";
import { openAiUsage } from "../../../../src/dialects/openai/usage.ts";
import type { AnswerEvent } from "../../../../src/dialects/answer-event.ts";
import { wholeAnswer } from "../../../../src/dialects/order.ts";
import { responses } from "../../../../src/dialects/responses/index.ts";

type Members = Readonly<Record<string, unknown>>;

function read(...events: readonly Members[]): readonly AnswerEvent[] {
  const reader = responses.reader();
  return events.flatMap((event) => reader.readEvent({ name: String(event["type"]), data: JSON.stringify(event), raw: new Uint8Array() }));
}

/** A stream's parts, each as a word, then its end: `text:Hello`, `f#call_1({"a":1})`, `stop`. */
function said(...events: readonly Members[]): readonly string[] {
  return words(read(...events));
}

function words(events: readonly AnswerEvent[]): readonly string[] {
  const { parts, end } = wholeAnswer(events);
  return [
    ...parts.map((part) => {
      if (part.kind === "call") return `${part.name}#${part.id}${part.takes === "freeform" ? "!" : ""}(${part.text})`;
      return `${part.kind}:${part.text}${part.seal === undefined ? "" : ` [${part.seal.dialect} ${part.seal.kind} ${part.seal.value}]`}`;
    }),
    end.reason,
  ];
}

const added = (index: number | undefined, item: Members) => ({ type: "response.output_item.added", output_index: index, item });
const done = (index: number | undefined, item: Members) => ({ type: "response.output_item.done", output_index: index, item });
const text = (index: number, delta: string, content = 0) => ({
  type: "response.output_text.delta",
  output_index: index,
  content_index: content,
  delta,
});
const args = (index: number, delta: string) => ({ type: "response.function_call_arguments.delta", output_index: index, delta });
const summary = (index: number, part: number, delta: string) => ({
  type: "response.reasoning_summary_text.delta",
  output_index: index,
  summary_index: part,
  delta,
});
const completed = (output: readonly Members[] = [], more: Members = {}) => ({
  type: "response.completed",
  response: { id: "r", status: "completed", output, ...more },
});
const call = (more: Members = {}) => ({ type: "function_call", id: "fc_1", call_id: "call_1", name: "f", arguments: "", ...more });
const message = (...content: readonly Members[]) => ({ type: "message", id: "m", role: "assistant", content });
const outputText = (words: string) => ({ type: "output_text", text: words, annotations: [] });

describe("what real servers send", () => {
  test.each<[string, readonly Members[], readonly string[]]>([
    [
      "words in pieces",
      [added(0, message()), text(0, "Hel"), text(0, "lo"), done(0, message(outputText("Hello"))), completed()],
      ["text:Hello", "stop"],
    ],
    [
      "words only in the item that is done",
      [added(0, message()), done(0, message(outputText("Hello"))), completed()],
      ["text:Hello", "stop"],
    ],
    ["words only in the last event", [completed([message(outputText("a"), outputText("b"))])], ["text:a", "text:b", "stop"]],
    // What was said is not said again by an event whose items are counted otherwise.
    [
      "items that are counted otherwise at the end",
      [added(1, message()), text(1, "a"), done(1, message(outputText("a"))), completed([message(outputText("a"))])],
      ["text:a", "stop"],
    ],
    [
      "several messages (case 24)",
      [text(0, "a"), done(0, message(outputText("a"))), text(1, "b"), done(1, message(outputText("b"))), completed()],
      ["text:a", "text:b", "stop"],
    ],
    ["several contents of one message", [text(0, "a", 0), text(0, "b", 1), completed()], ["text:a", "text:b", "stop"]],
    [
      "a second item at an index that was used",
      [added(0, call()), done(0, call()), added(0, message()), text(0, "a"), completed()],
      ["f#call_1({})", "text:a", "calls"],
    ],
    [
      "items without an index",
      [added(undefined, call({ id: "x" })), done(undefined, call({ id: "x", arguments: "{}" })), completed()],
      ["f#call_1({})", "calls"],
    ],
    [
      "a refusal",
      [{ type: "response.refusal.delta", output_index: 0, content_index: 0, delta: "No." }, completed()],
      ["refusal:No.", "stop"],
    ],
    // Case 10, L25321.
    [
      "arguments only in their done",
      [
        added(0, call()),
        { type: "response.function_call_arguments.done", output_index: 0, arguments: '{"a":1}' },
        done(0, call()),
        completed(),
      ],
      ['f#call_1({"a":1})', "calls"],
    ],
    [
      "arguments only in the item that is done",
      [added(0, call()), done(0, call({ arguments: '{"a":1}' })), completed()],
      ['f#call_1({"a":1})', "calls"],
    ],
    [
      "arguments in everything",
      [
        added(0, call()),
        args(0, '{"a"'),
        args(0, ":1}"),
        { type: "response.function_call_arguments.done", output_index: 0, arguments: '{"a":1}' },
        done(0, call({ arguments: '{"a":1}' })),
        completed(),
      ],
      ['f#call_1({"a":1})', "calls"],
    ],
    ["a call that is told whole alone", [done(0, call({ arguments: '{"a":1}' })), completed()], ['f#call_1({"a":1})', "calls"]],
    [
      "a call that has its name only when it is done",
      [added(0, call({ name: "" })), args(0, "{}"), done(0, call({ arguments: "{}" })), completed()],
      ["f#call_1({})", "calls"],
    ],
    ["no arguments at all", [added(0, call()), done(0, call()), completed()], ["f#call_1({})", "calls"]],
    [
      "calls in turns",
      [
        added(0, call()),
        added(1, call({ call_id: "call_2", name: "g" })),
        args(1, '{"b"'),
        args(0, '{"a"'),
        args(1, ":2}"),
        args(0, ":1}"),
        completed(),
      ],
      ['f#call_1({"a":1})', 'g#call_2({"b":2})', "calls"],
    ],
    // V19098: it is a call like any other to who asked for none of its parts.
    [
      "Azure's wrapper of parallel calls",
      [added(0, call({ name: "parallel" })), done(0, call({ name: "parallel", arguments: '{"tool_uses":[]}' })), completed()],
      ['parallel#call_1({"tool_uses":[]})', "calls"],
    ],
    [
      "a freeform call",
      [
        added(0, { type: "custom_tool_call", call_id: "c", name: "p", input: "" }),
        { type: "response.custom_tool_call_input.delta", output_index: 0, delta: "*** " },
        { type: "response.custom_tool_call_input.delta", output_index: 0, delta: "Begin" },
        { type: "response.custom_tool_call_input.done", output_index: 0, input: "*** Begin" },
        done(0, { type: "custom_tool_call", call_id: "c", name: "p", input: "*** Begin" }),
        completed(),
      ],
      ["p#c!(*** Begin)", "calls"],
    ],
    [
      "a freeform call without text",
      [done(0, { type: "custom_tool_call", call_id: "c", name: "p", input: "" }), completed()],
      ["p#c!()", "calls"],
    ],
    [
      "a summary of thoughts in parts",
      [summary(0, 0, "a"), summary(0, 0, "b"), summary(0, 1, "c"), completed()],
      ["thought:ab\n\nc", "stop"],
    ],
    [
      "thoughts themselves",
      [
        { type: "response.reasoning_text.delta", output_index: 0, delta: "raw" },
        done(0, { type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "raw" }] }),
        completed(),
      ],
      ["thought:raw", "stop"],
    ],
    [
      "thoughts and their summary, once",
      [{ type: "response.reasoning_text.delta", output_index: 0, delta: "raw" }, summary(0, 0, "short"), completed()],
      ["thought:raw", "stop"],
    ],
    [
      "thoughts only in the item that is done",
      [done(0, { type: "reasoning", summary: [{ text: "a" }, { text: "b" }] }), completed()],
      ["thought:a\n\nb", "stop"],
    ],
    // The cipher of the item that begins is not that of the one that is done.
    [
      "a cipher of thoughts (case 40)",
      [
        added(0, { type: "reasoning", encrypted_content: "early" }),
        summary(0, 0, "a"),
        done(0, { type: "reasoning", summary: [{ text: "a" }], encrypted_content: "late" }),
        completed(),
      ],
      ["thought:a [responses cipher late]", "stop"],
    ],
    [
      "a cipher alone",
      [done(0, { type: "reasoning", summary: [], encrypted_content: "g" }), completed()],
      ["thought: [responses cipher g]", "stop"],
    ],
    // Case 32.
    [
      "items, events and members nobody knows",
      [
        { type: "response.shimmer" },
        added(0, { type: "web_search_call" }),
        { type: "response.web_search_call.searching", output_index: 0 },
        done(0, { type: "web_search_call" }),
        added(1, message()),
        { ...text(1, "a"), obfuscation: "x" },
        completed(),
      ],
      ["text:a", "stop"],
    ],
    [
      "odd shapes",
      [added(0, { type: 7 }), { type: "response.output_text.delta", delta: 7 }, { type: "response.completed", response: 7 }],
      ["stop"],
    ],
  ])("%s", (_name, events, expected) => {
    expect(said(...events)).toEqual(expected);
    // Whoever tells items apart by their ids alone is lost where those change in every event (V18548).
    const rotated = events.map((event, index) => ({
      ...event,
      ...("output_index" in event && event.output_index !== undefined ? { item_id: `id_${index}` } : {}),
    }));
    expect(said(...rotated)).toEqual(expected);
  });

  test("words pass as they come, escapes and all (cases 50, 51)", () => {
    const odd = '"\\ \u2028 \u0000 😀';
    expect(read(text(0, odd))).toEqual([{ kind: "text", part: "0.0", text: odd }]);
  });

  test("a truncated call at the end of the tokens stays as it is (case 64)", () => {
    const incomplete = {
      type: "response.incomplete",
      response: { status: "incomplete", incomplete_details: { reason: "max_output_tokens" }, output: [] },
    };
    expect(said(added(0, call()), args(0, '{"a'), done(0, call({ arguments: '{"a', status: "incomplete" })), incomplete)).toEqual([
      'f#call_1({"a)',
      "length",
    ]);
  });
});

describe("how an answer ends", () => {
  test.each<[Members, string, string]>([
    [{ status: "completed" }, "stop", "completed"],
    [{ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } }, "length", "max_output_tokens"],
    [{ status: "incomplete", incomplete_details: { reason: "content_filter" } }, "filtered", "content_filter"],
    [{ status: "incomplete", incomplete_details: null }, "length", "incomplete"],
    [{}, "stop", "completed"],
  ])("%j", (response, reason, word) => {
    expect(read({ type: "response.completed", response }).at(-1)).toEqual({ kind: "finish", reason, word });
  });

  test("usage is told whole, thinking too (case 43), by an answer that failed as well", () => {
    const usage = {
      input_tokens: 9,
      input_tokens_details: { cached_tokens: 4 },
      output_tokens: 7,
      output_tokens_details: { reasoning_tokens: 5 },
      total_tokens: 16,
    };
    const counters = { input: 9, cached: 4, output: 7, reasoning: 5, total: 16 };
    expect(wholeAnswer(read(completed([], { usage }))).end.usage).toMatchObject({
      input_tokens: 9,
      cached_input_tokens: 4,
      output_tokens: 7,
      reasoning_tokens: 5,
    });
    expect(read({ type: "response.failed", response: { usage, error: { code: "server_error", message: "No." } } })).toEqual([
      { kind: "usage", usage: { counters, reader: openAiUsage } },
      { kind: "fail", error: { status: 500, code: "server_error", message: "No." } },
    ]);
  });

  test("an error is told once, though response.failed says it again (case 31)", () => {
    const error = { code: "rate_limit_exceeded", message: "Slow down." };
    expect(read({ type: "error", error: { type: "tokens", ...error } }, { type: "response.failed", response: { error } })).toEqual([
      { kind: "fail", error: { status: 429, code: "rate_limit_exceeded", message: "Slow down." } },
    ]);
  });

  test("a sign of life is one (case 56)", () => {
    expect(responses.reader().readEvent({ name: "", data: undefined, raw: new Uint8Array() })).toEqual([{ kind: "alive" }]);
    expect(read({ type: "keepalive" }, { type: "response.in_progress" })).toEqual([{ kind: "alive" }]);
  });
});

test("a whole answer is read as the stream that says the same", () => {
  const output = [
    { type: "reasoning", summary: [{ text: "hm" }], encrypted_content: "g" },
    message(outputText("a"), { type: "refusal", refusal: "b" }),
    { type: "web_search_call" },
    call({ arguments: "{}" }),
  ];
  const events = responses.reader().readWhole({ id: "r", model: "m", status: "completed", output, usage: null });
  expect(words(events)).toEqual(["thought:hm [responses cipher g]", "text:a", "refusal:b", "f#call_1({})", "calls"]);
  expect(events.filter(({ kind }) => kind === "unknown")).toEqual([{ kind: "unknown", what: "web_search_call" }]);
  expect(
    responses
      .reader()
      .readWhole({ status: "failed", error: { code: "server_error", message: "No." } })
      .at(-1),
  ).toEqual({
    kind: "fail",
    error: { status: 500, code: "server_error", message: "No." },
  });
});
