import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { objectOf } from "../../../../src/core/json/foreign-json.ts";
import { SseSplitter } from "../../../../src/core/stream/sse.ts";
import type { AnswerEvent } from "../../../../src/dialects/answer-event.ts";
import { MessagesReader } from "../../../../src/dialects/messages/answer-reader.ts";
import { wholeAnswer } from "../../../../src/dialects/order.ts";
import type { WholeAnswer } from "../../../../src/dialects/ordered-event.ts";

const FIXTURES = join(import.meta.dirname, "../../../fixtures");

function eventsOf(stream: string): readonly AnswerEvent[] {
  const reader = new MessagesReader();
  return new SseSplitter().push(new TextEncoder().encode(stream)).flatMap((event) => reader.readEvent(event));
}

function recorded(name: string): WholeAnswer {
  return wholeAnswer(eventsOf(readFileSync(join(FIXTURES, `anthropic-messages${name}.sse`), "utf8")));
}

/** A stream of events, their names those of their types. */
function stream(...events: readonly { readonly type: string; readonly [member: string]: unknown }[]): string {
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}

/** An answer's parts, each as a word: `text:Hello`, `f({"a":1})`. */
function parts(answer: WholeAnswer): readonly string[] {
  return answer.parts.map((part) => (part.kind === "call" ? `${part.name}(${part.text})` : `${part.kind}:${part.text}`));
}

const start = (message: object = {}) => ({ type: "message_start", message: { id: "msg_1", model: "m", content: [], ...message } });
const open = (index: number, block: object) => ({ type: "content_block_start", index, content_block: block });
const delta = (index: number, change: object) => ({ type: "content_block_delta", index, delta: change });
const stop = (index: number) => ({ type: "content_block_stop", index });
const words = (index: number, text: string) => delta(index, { type: "text_delta", text });
const json = (index: number, text: string) => delta(index, { type: "input_json_delta", partial_json: text });
const end = (reason: string, usage?: object) => ({ type: "message_delta", delta: { stop_reason: reason }, usage });
const STOP = { type: "message_stop" };
const TEXT = { type: "text", text: "" };
const call = (name: string, input: object = {}) => ({ type: "tool_use", id: `toolu_${name}`, name, input });

describe("a recorded answer is read as what it says", () => {
  test("case 1: tools that take nothing, and parallel ones", () => {
    const answer = recorded("-parallel");
    expect(parts(answer)).toEqual(["thought:", "thought:", "text:I look at both. 👋", "get_time({})", 'get_weather({"city": "Paris"})']);
    expect(answer.end.reason).toBe("calls");
  });

  test("case 4, 41: thoughts that say nothing keep their seals; case 43: their tokens are told", () => {
    const { parts: said, end: ended } = recorded("-parallel");
    expect(said.slice(0, 2)).toEqual([
      { kind: "thought", text: "", seal: { dialect: "messages", kind: "proof", value: "EtYBCkYICxgCKkDh0mE2" } },
      { kind: "thought", text: "", seal: { dialect: "messages", kind: "cipher", value: "EmwKAhgBEgy3va3p" } },
    ]);
    expect(ended.usage).toMatchObject({ input_tokens: 640, output_tokens: 91, reasoning_tokens: 40 });
  });

  test("case 27, 32: texts that citations and hosted tools cut are one, and those blocks nothing", () => {
    const answer = recorded("-search");
    expect(parts(answer)).toEqual(["text:I search. It rains."]);
    // Case 7: the cache counts once.
    expect(answer.end.usage).toMatchObject({ input_tokens: 1210, cached_input_tokens: 300, output_tokens: 60 });
  });

  test("case 42: a refusal is filtered", () => {
    const answer = recorded("-refusal");
    expect([answer.parts, answer.end.reason]).toEqual([[], "filtered"]);
  });

  test("a call of a running program comes whole in the first event", () => {
    const answer = recorded("-continuation");
    expect(answer.parts).toMatchObject([{ kind: "call", name: "roll_die" }]);
    expect(answer.end.reason).toBe("calls");
  });

  test("another model that took over", () => {
    expect(parts(recorded("-fallback"))).toEqual(["text:Yes."]);
  });

  test.each(["", "-tools", "-compaction"])("a whole answer says what a stream does: anthropic-messages%s", (name) => {
    const whole = objectOf(JSON.parse(readFileSync(join(FIXTURES, `anthropic-messages${name}.json`), "utf8")));
    const answer = wholeAnswer(new MessagesReader().readWhole(whole));
    expect(answer.parts.length).toBeGreaterThan(0);
    expect(answer.id).toBe(whole["id"]);
  });
});

describe("what broken and newer upstreams send is survived", () => {
  test.each<[string, string, readonly string[]]>([
    [
      "case 1: arguments that are empty pieces",
      stream(start(), open(0, call("f")), json(0, ""), stop(0), end("tool_use"), STOP),
      ["f({})"],
    ],
    ["arguments that never come", stream(start(), open(0, call("f")), stop(0), end("tool_use"), STOP), ["f({})"]],
    ["arguments in the beginning", stream(start(), open(0, call("f", { a: 1 })), stop(0), STOP), ['f({"a":1})']],
    [
      "arguments in the beginning and in pieces",
      stream(start(), open(0, call("f", { a: 1 })), json(0, '{"a"'), json(0, ":1}"), stop(0), STOP),
      ['f({"a":1})'],
    ],
    [
      "case 13: calls in turns",
      stream(
        start(),
        open(0, call("f")),
        open(1, call("g")),
        json(1, '{"b":'),
        json(0, '{"a":'),
        json(1, "2}"),
        json(0, "1}"),
        stop(1),
        stop(0),
        STOP,
      ),
      ['f({"a":1})', 'g({"b":2})'],
    ],
    [
      "case 59: words, thoughts and words again, in their order",
      stream(
        start(),
        open(0, TEXT),
        words(0, "a"),
        stop(0),
        open(1, { type: "thinking", thinking: "" }),
        delta(1, { type: "thinking_delta", thinking: "b" }),
        stop(1),
        open(2, TEXT),
        words(2, "c"),
        stop(2),
        STOP,
      ),
      ["text:a", "thought:b", "text:c"],
    ],
    ["case 11: the same message_start twice", stream(start(), start(), open(0, TEXT), words(0, "a"), stop(0), STOP), ["text:a"]],
    [
      "case 32: unknown events, blocks and deltas",
      stream(
        start(),
        { type: "weather" },
        open(0, { type: "hologram" }),
        words(0, "x"),
        stop(0),
        open(1, TEXT),
        delta(1, { type: "smell_delta" }),
        words(1, "a"),
        STOP,
      ),
      ["text:a"],
    ],
    [
      "case 64: arguments that were cut stay as they are",
      stream(start(), open(0, call("f")), json(0, '{"a'), stop(0), end("max_tokens"), STOP),
      ['f({"a)'],
    ],
    [
      "events without names",
      'data: {"type":"message_start","message":{"id":"a"}}\n\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"a"}}\n\n',
      ["text:a"],
    ],
    ["no JSON", "event: content_block_delta\ndata: {\n\n", []],
    ["no sense", stream({ type: "content_block_delta" }, { type: "content_block_start", index: 0 }, { type: "message_delta" }), []],
  ])("%s", (_name, text, expected) => {
    expect(parts(wholeAnswer(eventsOf(text)))).toEqual(expected);
  });

  test.each(["before the words", "behind them"])("a signature %s is the thought's", (where) => {
    const signature = delta(0, { type: "signature_delta", signature: "EqQB" });
    const said = delta(0, { type: "thinking_delta", thinking: "hm" });
    const pieces = where === "behind them" ? [said, signature] : [signature, said];
    const answer = wholeAnswer(
      eventsOf(stream(start(), open(0, { type: "thinking", thinking: "", signature: "" }), ...pieces, stop(0), STOP)),
    );
    expect(answer.parts).toEqual([{ kind: "thought", text: "hm", seal: { dialect: "messages", kind: "proof", value: "EqQB" } }]);
  });

  test("another message inside of this one is a failure", () => {
    const events = eventsOf(stream(start(), open(0, TEXT), words(0, "a"), start({ id: "msg_2" }), words(0, "b")));
    expect(events.map(({ kind }) => kind)).toEqual(["begin", "text", "fail"]);
  });

  test.each([
    ['event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n'],
    ['data: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n'],
  ])("an error event fails", (text) => {
    expect(eventsOf(text)).toMatchObject([{ kind: "fail", error: { message: "Overloaded" } }]);
  });

  test.each<[string, string, string]>([
    ["end_turn", "text", "stop"],
    ["pause_turn", "text", "stop"],
    ["max_tokens", "text", "length"],
    ["model_context_window_exceeded", "text", "length"],
    ["refusal", "text", "filtered"],
    ["something_new", "text", "stop"],
    // Case 9.
    ["end_turn", "tool_use", "calls"],
  ])("%s of a %s is %s", (word, type, reason) => {
    const block = type === "text" ? { type, text: "a" } : call("f");
    expect(wholeAnswer(eventsOf(stream(start(), open(0, block), stop(0), end(word), STOP))).end.reason).toBe(reason);
  });

  test("which stop sequence was met is told", () => {
    const ended = { type: "message_delta", delta: { stop_reason: "stop_sequence", stop_sequence: "END" } };
    expect(wholeAnswer(eventsOf(stream(start(), ended, STOP))).end).toMatchObject({ reason: "stop", stopSequence: "END" });
  });

  test.each<[string, object | undefined, object | undefined]>([
    [
      "both events",
      { input_tokens: 10, cache_read_input_tokens: 90, output_tokens: 1 },
      { input_tokens: 10, cache_read_input_tokens: 90, output_tokens: 5 },
    ],
    ["the first for the input", { input_tokens: 10, cache_read_input_tokens: 90, output_tokens: 1 }, { output_tokens: 5 }],
    ["the last alone", undefined, { input_tokens: 10, cache_read_input_tokens: 90, output_tokens: 5 }],
    [
      "the last without the cache",
      { input_tokens: 10, cache_read_input_tokens: 90, output_tokens: 1 },
      { input_tokens: 10, output_tokens: 5 },
    ],
  ])("case 7: what the cache gave counts once, told by %s", (_name, first, last) => {
    const answer = wholeAnswer(eventsOf(stream(start({ usage: first }), end("end_turn", last), STOP)));
    expect(answer.end.usage).toMatchObject({ input_tokens: 100, cached_input_tokens: 90, output_tokens: 5 });
  });

  test("case 56: a ping is a sign of life", () => {
    expect(eventsOf('event: ping\ndata: {"type": "ping"}\n\n')).toEqual([{ kind: "alive" }]);
  });

  test("case 50: what JSON escapes and what has many bytes", () => {
    const text = '"\\\n\u0000\u2028日😀</s>data: ';
    expect(parts(wholeAnswer(eventsOf(stream(start(), open(0, TEXT), words(0, text), STOP))))).toEqual([`text:${text}`]);
  });
});
