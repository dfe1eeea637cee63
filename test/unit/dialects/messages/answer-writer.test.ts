import { describe, expect, test } from "vitest";
import { objectOf } from "../../../../src/core/json/foreign-json.ts";
import type { AnswerGiven } from "../../../../src/core/translation.ts";
import type { AnswerEvent } from "../../../../src/dialects/answer-event.ts";
import { ChangeBack } from "../../../../src/dialects/change-back.ts";
import { MessagesReader } from "../../../../src/dialects/messages/answer-reader.ts";
import { MessagesWriter, writeMessage } from "../../../../src/dialects/messages/answer-writer.ts";
import { Order, wholeAnswer } from "../../../../src/dialects/order.ts";
import type { Seal } from "../../../../src/dialects/seal.ts";
import { GRAMMARS } from "../../../support/grammars.ts";

const GIVEN: AnswerGiven = { id: "msg_request_1", model: "asked-model", createdAt: 1_700_000_000, usage: "shown" };

const begin: AnswerEvent = { kind: "begin", id: "a1", model: "served" };
const text = (part: string, words: string): AnswerEvent => ({ kind: "text", part, text: words });
const thought = (part: string, words: string): AnswerEvent => ({ kind: "thought", part, text: words });
const call = (part: string, name: string, seal?: Seal): AnswerEvent => ({ kind: "call", part, id: `id_${part}`, name, seal });
const args = (part: string, words: string): AnswerEvent => ({ kind: "arguments", part, text: words });
const close = (part: string): AnswerEvent => ({ kind: "close", part });
const sealed = (part: string, seal: Seal, of: "thought" | "text" = "thought"): AnswerEvent => ({ kind: "seal", part, of, seal });
const finish = (reason: "stop" | "length" | "calls" | "filtered"): AnswerEvent => ({ kind: "finish", reason, word: reason });

const OWN: Seal = { dialect: "messages", kind: "proof", value: "EqQB" };
const CIPHER: Seal = { dialect: "responses", kind: "cipher", value: "gAAA" };
const GEMINI: Seal = { dialect: "gemini", kind: "proof", value: "AbC=" };

function written(...events: readonly AnswerEvent[]): string {
  const order = new Order();
  const writer = new MessagesWriter(GIVEN);
  return [...[begin, ...events].flatMap((event) => order.take(event)), ...order.end()].map((event) => writer.write(event)).join("");
}

/** What a stream says between its first and its last two events, each event short: `start 0 text`, `0 +Hello`, `stop 0`. */
function blocks(stream: string): readonly string[] {
  expect(GRAMMARS.messages(stream)).toEqual([]);
  const events = stream.split("\n").flatMap((line) => (line.startsWith("data: ") ? [objectOf(JSON.parse(line.slice(6)))] : []));
  return events.slice(1, -2).map(({ type, index, content_block: opened, delta }) => {
    const at = String(Number(index));
    if (type === "content_block_stop") return `stop ${at}`;
    const block = objectOf(opened);
    if (type === "content_block_start")
      return `start ${at} ${[block["type"], block["id"], block["name"], block["data"]].filter(Boolean).join(" ")}`;
    const { signature, text: said, thinking, partial_json: json } = objectOf(delta);
    return signature === undefined ? `${at} +${[said, thinking, json].join("")}` : `${at} signed ${JSON.stringify(signature).slice(1, -1)}`;
  });
}

/** The last events' members. */
function ending(stream: string): unknown {
  const [, data = ""] = /event: message_delta\ndata: (.*)\n\nevent: message_stop\ndata: \{"type":"message_stop"\}\n\n$/.exec(stream) ?? [];
  return JSON.parse(data);
}

describe("a stream for Anthropic's clients", () => {
  test("a plain one, byte for byte", () => {
    expect(written(text("0", "Hel"), { kind: "alive" }, text("0", "lo"), finish("stop"))).toBe(
      [
        'event: message_start\ndata: {"type":"message_start","message":{"id":"a1","type":"message","role":"assistant","model":"served","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0}}}',
        'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hel"}}',
        'event: ping\ndata: {"type": "ping"}',
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"lo"}}',
        'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}',
        'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0}}',
        'event: message_stop\ndata: {"type":"message_stop"}',
        "",
      ].join("\n\n"),
    );
  });

  test.each<[string, readonly AnswerEvent[], readonly string[]]>([
    ["case 1: a call without arguments has an empty object", [call("0", "f"), close("0")], ["start 0 tool_use id_0 f", "0 +{}", "stop 0"]],
    [
      "case 3, 13: calls in turns are blocks one after the other",
      [call("0", "f"), call("1", "g"), args("1", '{"b"'), args("0", '{"a"'), args("1", ":2}"), args("0", ":1}")],
      ["start 0 tool_use id_0 f", '0 +{"a"', "0 +:1}", "stop 0", "start 1 tool_use id_1 g", '1 +{"b"', "1 +:2}", "stop 1"],
    ],
    [
      "case 11: a thought is a block of its own, before the words",
      [thought("t", "hm"), sealed("t", OWN), text("0", "a")],
      ["start 0 thinking", "0 +hm", "0 signed EqQB", "stop 0", "start 1 text", "1 +a", "stop 1"],
    ],
    [
      "a thought that nobody signed says so",
      [thought("t", "hm"), text("0", "a")],
      ["start 0 thinking", "0 +hm", "0 signed to11.none.proof.", "stop 0", "start 1 text", "1 +a", "stop 1"],
    ],
    [
      "case 59: think, say, think",
      [thought("t", "a"), text("0", "b"), thought("u", "c")],
      [
        "start 0 thinking",
        "0 +a",
        "0 signed to11.none.proof.",
        "stop 0",
        "start 1 text",
        "1 +b",
        "stop 1",
        "start 2 thinking",
        "2 +c",
        "2 signed to11.none.proof.",
        "stop 2",
      ],
    ],
    [
      "case 40: another's cipher with a summary is its signature",
      [thought("t", "hm"), sealed("t", CIPHER)],
      ["start 0 thinking", "0 +hm", "0 signed to11.responses.cipher.gAAA", "stop 0"],
    ],
    [
      "case 40: without one it is redacted thinking",
      [sealed("t", CIPHER)],
      ["start 0 redacted_thinking to11.responses.cipher.gAAA", "stop 0"],
    ],
    ["an own proof without words", [sealed("t", OWN)], ["start 0 thinking", "0 signed EqQB", "stop 0"]],
    [
      "the seal of a call is an empty thought before it",
      [call("0", "f", GEMINI), close("0"), call("1", "g")],
      [
        "start 0 thinking",
        "0 signed to11.gemini.proof.call.AbC=",
        "stop 0",
        "start 1 tool_use id_0 f",
        "1 +{}",
        "stop 1",
        "start 2 tool_use id_1 g",
        "2 +{}",
        "stop 2",
      ],
    ],
    [
      "the seal of words is an empty thought behind them",
      [text("0", "a"), sealed("0", GEMINI, "text")],
      ["start 0 text", "0 +a", "stop 0", "start 1 thinking", "1 signed to11.gemini.proof.AbC=", "stop 1"],
    ],
    ["case 42: a refusal's words are text", [{ kind: "refusal", part: "0", text: "No." }], ["start 0 text", "0 +No.", "stop 0"]],
    [
      "a plain text for a tool comes in an object",
      [{ kind: "call", part: "0", id: "id_0", name: "f", seal: undefined, takes: "freeform" }, args("0", "a"), args("0", "b")],
      ["start 0 tool_use id_0 f", '0 +{"input":"ab"}', "stop 0"],
    ],
    [
      "case 64: arguments that were cut stay as they are",
      [call("0", "f"), args("0", '{"a'), finish("length")],
      ["start 0 tool_use id_0 f", '0 +{"a', "stop 0"],
    ],
  ])("%s", (_name, events, expected) => {
    expect(blocks(written(...events))).toEqual(expected);
  });

  test.each<[readonly AnswerEvent[], string]>([
    [[text("0", "a"), finish("stop")], "end_turn"],
    [[text("0", "a"), finish("length")], "max_tokens"],
    [[text("0", "a"), finish("filtered")], "refusal"],
    // Case 9.
    [[call("0", "f"), finish("stop")], "tool_use"],
    [[call("0", "f"), finish("length")], "max_tokens"],
  ])("why it ends (%#) is said", (events, reason) => {
    expect(ending(written(...events))).toMatchObject({ delta: { stop_reason: reason, stop_sequence: null } });
  });

  test("the stop sequence that was met is told", () => {
    expect(ending(written({ kind: "finish", reason: "stop", word: "stop_sequence", stopSequence: "END" }))).toMatchObject({
      delta: { stop_reason: "stop_sequence", stop_sequence: "END" },
    });
  });

  test("case 7, 8, 43: all of the usage is in the last event but one, the cache apart from the input", () => {
    const usage = {
      input_tokens: 100,
      cached_input_tokens: 60,
      cache_write_tokens: 30,
      cache_write_1h_tokens: null,
      output_tokens: 9,
      reasoning_tokens: 4,
    };
    const told: AnswerEvent = { kind: "usage", usage: { counters: { told: 1 }, reader: { pick: () => ({}), usageOf: () => usage } } };
    expect(ending(written(text("0", "a"), told))).toMatchObject({
      usage: {
        input_tokens: 10,
        cache_read_input_tokens: 60,
        cache_creation_input_tokens: 30,
        output_tokens: 9,
        output_tokens_details: { thinking_tokens: 4 },
      },
    });
  });

  test("case 16, 17: an answer that says nothing has no blocks", () => {
    expect(blocks(written(text("0", ""), finish("stop")))).toEqual([]);
  });

  test("an answer without an id or a model has the request's", () => {
    const order = new Order();
    const writer = new MessagesWriter(GIVEN);
    const stream = [...order.take(text("0", "a")), ...order.end()].map((event) => writer.write(event)).join("");
    expect(stream).toContain('"id":"msg_request_1"');
    expect(stream).toContain('"model":"asked-model"');
  });

  test("case 50: what JSON escapes and what has many bytes goes through", () => {
    const words = '"\\\n\u0000\u2028日😀</s>data: ';
    expect(blocks(written(text("0", words)))).toEqual(["start 0 text", `0 +${words}`, "stop 0"]);
  });

  test.each<[string, readonly AnswerEvent[], string]>([
    ["words", [text("0", "a")], 'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n'],
    ["a call", [call("0", "f"), args("0", '{"a')], 'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n'],
    ["nothing", [], ""],
  ])("a stream that breaks in %s closes what is open and ends with an error", (_name, events, closing) => {
    const order = new Order();
    const writer = new MessagesWriter(GIVEN);
    for (const event of [begin, ...events].flatMap((each) => order.take(each))) writer.write(event);
    expect(writer.fail({ code: "stream_truncated", message: "It broke." })).toBe(
      `${closing}event: error\ndata: {"type":"error","error":{"type":"api_error","message":"It broke.","code":"stream_truncated"}}\n\n`,
    );
  });
});

describe("a whole answer for Anthropic's clients", () => {
  const message = (...events: readonly AnswerEvent[]): object => writeMessage(wholeAnswer([begin, ...events]), GIVEN);

  test("has its blocks in their order", () => {
    expect(
      message(
        thought("t", "hm"),
        sealed("t", OWN),
        text("0", "a"),
        call("1", "f", GEMINI),
        args("1", '{"a":1}'),
        close("1"),
        call("2", "g"),
        finish("calls"),
      ),
    ).toMatchObject({
      id: "a1",
      type: "message",
      role: "assistant",
      model: "served",
      content: [
        { type: "thinking", thinking: "hm", signature: "EqQB" },
        { type: "text", text: "a" },
        { type: "thinking", thinking: "", signature: "to11.gemini.proof.call.AbC=" },
        { type: "tool_use", id: "id_1", name: "f", input: { a: 1 } },
        { type: "tool_use", id: "id_2", name: "g", input: {} },
      ],
      stop_reason: "tool_use",
      stop_sequence: null,
    });
  });

  test("case 18, 64: arguments that are no object are shown in one", () => {
    expect(message(call("0", "f"), args("0", '{"a'), finish("length"))).toMatchObject({
      content: [{ input: { _invalid: '{"a' } }],
      stop_reason: "max_tokens",
    });
  });
});

test("case 61: an answer that Anthropic gave as the call of a tool is the answer's words", () => {
  const reader = new MessagesReader();
  const back = new ChangeBack({ toolNames: new Map(), freeformTools: new Set(), answerTool: "json" });
  const events = reader.readWhole({
    id: "msg_1",
    model: "m",
    content: [{ type: "tool_use", id: "toolu_1", name: "json", input: { n: 1 } }],
    stop_reason: "tool_use",
  });
  const answer = wholeAnswer([...events.flatMap((event) => back.take(event)), ...back.end()]);
  expect([answer.parts, answer.end.reason]).toEqual([[{ kind: "text", text: '{"n":1}', seal: undefined }], "stop"]);
});
