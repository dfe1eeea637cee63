import { describe, expect, test } from "vitest";
import { SseSplitter } from "../../../../src/core/stream/sse.ts";
import type { AnswerEvent } from "../../../../src/dialects/answer-event.ts";
import { ChangeBack } from "../../../../src/dialects/change-back.ts";
import { chat } from "../../../../src/dialects/chat/index.ts";
import type { Ask, Part, ResultPart, Turn } from "../../../../src/dialects/conversation.ts";
import { judge } from "../../../../src/dialects/losses.ts";
import { wholeAnswer } from "../../../../src/dialects/order.ts";
import { toldError } from "../../../../src/dialects/told-error.ts";
import { chatCompletions } from "../../../../src/endpoints/chat-completions.ts";
import {
  answerOf,
  askOf,
  calls,
  chunksOf,
  delta,
  deltasOf,
  eventsOf,
  GIVEN,
  HELLO,
  messagesOf,
  readBody,
  saidIn,
  streamOf,
  wholeOf,
  written,
  writtenStream,
} from "../../../support/chat.ts";

// What broke between dialects elsewhere, and must not here. Each is named after what it protects.

const stop = delta({}, "stop");
const text = (words: string): Part => ({ kind: "text", text: words });
const user = (...parts: readonly Part[]): Turn => ({ role: "user", parts });
const assistant = (...parts: readonly Part[]): Turn => ({ role: "assistant", parts });
const call = (id: string, more: object = {}): Part => ({ kind: "call", id, name: "f", args: "{}", seal: undefined, ...more });
const result = (callId: string, ...parts: ResultPart["parts"]): Part => ({
  kind: "result",
  callId,
  parts,
  failed: false,
});
const f = (id: string, args = "{}", name = "f") => ({ id, type: "function", function: { name, arguments: args } });
const image = { kind: "image", source: { at: "here", mediaType: "image/png", base64: "AAAA" } } as const;
const tool = (name: string) => ({ name, description: undefined, schema: undefined, strict: undefined, takes: "json" }) as const;
const toolOf = (name: string) => ({ type: "function", function: { name } });
const finish = (reason: "stop" | "length" | "filtered"): AnswerEvent => ({ kind: "finish", reason, word: reason });

describe("calls and their results", () => {
  test("results of parallel calls are one turn, in the calls' order", () => {
    const results = ["b", "a"].map((id) => ({ role: "tool", tool_call_id: id, content: id }));
    const turns = askOf({ messages: [HELLO, { role: "assistant", tool_calls: [f("a"), f("b")] }, ...results] }).turns;
    expect(turns.map(({ role, parts }) => [role, parts.map((part) => (part.kind === "result" ? part.callId : part.kind))])).toEqual([
      ["user", ["text"]],
      ["assistant", ["call", "call"]],
      ["user", ["a", "b"]],
    ]);
  });

  test("results stand directly behind their calls and before words of the user's", () => {
    const turns = [
      user(text("q")),
      assistant(call("a"), call("b")),
      user(result("a", { kind: "text", text: "1" }), result("b"), text("so?")),
    ];
    expect(messagesOf({ turns }).slice(2)).toEqual([
      { role: "tool", tool_call_id: "a", content: "1" },
      { role: "tool", tool_call_id: "b", content: "" },
      { role: "user", content: "so?" },
    ]);
  });

  test("an image in a result comes in a message of the user's behind all results, and that is told", () => {
    const turns = [
      user(text("q")),
      assistant(call("a"), call("b")),
      user(result("a", { kind: "text", text: "see" }, image), result("b"), text("so?")),
    ];
    const { body, adapted } = written({ turns, asked: [{ feature: "result_image", param: "messages.2.content.0" }] });
    expect((body["messages"] as readonly unknown[]).slice(2)).toEqual([
      { role: "tool", tool_call_id: "a", content: "see\n\n(image in the next message)" },
      { role: "tool", tool_call_id: "b", content: "" },
      {
        role: "user",
        content: [
          { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
          { type: "text", text: "so?" },
        ],
      },
    ]);
    expect(adapted).toEqual(["messages.2.content.0"]);
  });

  test("an assistant that only calls has the content null, one that says something has its words", () => {
    const said = (...parts: readonly Part[]) => messagesOf({ turns: [user(text("q")), assistant(...parts)] })[1]?.["content"];
    expect([said(call("a")), said(text("a"), call("a")), said(text("a"))]).toEqual([null, "a", "a"]);
    const content = (...events: readonly AnswerEvent[]) =>
      (chat.writeWhole(wholeAnswer([...events, finish("stop")]), GIVEN) as { choices: [{ message: { content: unknown } }] }).choices[0]
        .message.content;
    expect([content({ kind: "call", part: "x", id: "x", name: "f", seal: undefined }), content()]).toEqual([null, ""]);
  });

  test("arguments in the history that are no object's JSON become one", () => {
    const args = (given: string) => messagesOf({ turns: [user(text("q")), assistant(call("a", { args: given }))] })[1]?.["tool_calls"];
    for (const [given, lawful] of [
      ['{"a": 1}', '{"a": 1}'],
      ["", "{}"],
      [" ", "{}"],
      ['{"a', '{"_invalid":"{\\"a"}'],
      ["[1]", '{"_invalid":"[1]"}'],
      ["5", '{"_invalid":"5"}'],
    ] as const)
      expect(args(given)).toEqual([f("a", lawful)]);
  });

  test("empty texts are left out, and turns that they leave empty", () => {
    const messages = [
      HELLO,
      { role: "assistant", content: "" },
      {
        role: "user",
        content: [
          { type: "text", text: "" },
          { type: "text", text: "b" },
        ],
      },
    ];
    expect(askOf({ messages }).turns).toEqual([user(text("Hello."), text("b"))]);
  });
});

describe("calls in answers", () => {
  test("with the finish reason stop are calls", () => {
    expect(answerOf(calls({ index: 0, ...f("a") }), stop).end.reason).toBe("calls");
    expect(wholeOf({ content: null, tool_calls: [f("a")] }, "stop").end.reason).toBe("calls");
    expect(chunksOf(writtenStream(eventsOf(calls({ index: 0, ...f("a") }), stop))).at(-1)).toMatchObject({
      choices: [{ finish_reason: "tool_calls" }],
    });
  });

  test("an empty list of calls in every delta is nothing, and none is written", () => {
    const chunks = [delta({ content: "a", tool_calls: [] }), delta({ content: "b", tool_calls: [] }), delta({ tool_calls: [] }, "stop")];
    expect(saidIn(answerOf(...chunks))).toEqual(["text:ab"]);
    expect(answerOf(...chunks).end.reason).toBe("stop");
    expect(writtenStream(eventsOf(...chunks))).not.toContain("tool_calls");
    expect(JSON.stringify(chat.writeWhole(answerOf(...chunks), GIVEN))).not.toContain("tool_calls");
  });

  test("parallel calls whose pieces come in turns are put one after the other, each whole", () => {
    const chunks = [
      calls({ index: 0, ...f("a", "") }),
      calls({ index: 1, ...f("b", "", "g") }),
      calls({ index: 1, function: { arguments: '{"y"' } }),
      calls({ index: 0, function: { arguments: '{"x"' } }),
      calls({ index: 1, function: { arguments: ":2}" } }, { index: 0, function: { arguments: ":1}" } }),
    ];
    expect(saidIn(answerOf(...chunks, stop))).toEqual(['f(a, {"x":1})', 'g(b, {"y":2})']);
  });

  test.each<[string, readonly object[]]>([
    [
      "from 1",
      [calls({ index: 1, ...f("a", "") }), calls({ index: 1, function: { arguments: '{"x":1}' } }), calls({ index: 2, ...f("b") })],
    ],
    ["missing", [calls(f("a", "")), calls({ id: "a", function: { arguments: '{"x":1}' } }), calls(f("b"))]],
    ["missing, and the id is only said first", [calls(f("a", "")), calls({ function: { arguments: '{"x":1}' } }), calls(f("b"))]],
    [
      "used again, with other ids",
      [calls({ index: 0, ...f("a", "") }), calls({ index: 0, function: { arguments: '{"x":1}' } }), calls({ index: 0, ...f("b") })],
    ],
    [
      "missing at first, there later",
      [calls(f("a", '{"x"')), calls({ index: 0, function: { arguments: ":1}" } }), calls({ index: 1, ...f("b") })],
    ],
  ])("an index %s makes no call of another one's", (_name, chunks) => {
    expect(saidIn(answerOf(...chunks, stop))).toEqual(['f(a, {"x":1})', "f(b, {})"]);
  });

  test("and is 0, 1, 2 where it is written", () => {
    const deltas = deltasOf(writtenStream(eventsOf(calls({ index: 4, ...f("a") }), calls({ index: 9, ...f("b") }), stop)));
    expect(
      deltas.flatMap((each) => (each["tool_calls"] as readonly { index: number }[] | undefined) ?? []).map(({ index }) => index),
    ).toEqual([0, 0, 1, 1]);
  });

  test('a name behind id and arguments, and names and ids that are "" later', () => {
    const chunks = [
      calls({ index: 0, id: "a", function: { name: "", arguments: '{"x"' } }),
      calls({ index: 0, id: "", function: { arguments: ":1" } }),
      calls({ index: 0, id: "", function: { name: "f", arguments: "" } }),
      calls({ index: 0, id: "", function: { name: "", arguments: "}" } }),
    ];
    expect(saidIn(answerOf(...chunks, stop))).toEqual(['f(a, {"x":1})']);
  });

  test("a call that is cut off at the length is kept as it is", () => {
    const answer = answerOf(calls({ index: 0, ...f("a", '{"x": "unfin') }), delta({}, "length"));
    expect([saidIn(answer), answer.end.reason]).toEqual([['f(a, {"x": "unfin)'], "length"]);
    const whole = chat.writeWhole(answer, GIVEN) as {
      choices: [{ message: { tool_calls: [{ function: { arguments: string } }] }; finish_reason: string }];
    };
    expect([whole.choices[0].message.tool_calls[0].function.arguments, whole.choices[0].finish_reason]).toEqual(['{"x": "unfin', "length"]);
  });

  test("parallel calls of Gemini's are kept, from its OpenAI layer and to a caller", () => {
    const google = (id: string, signature?: string) => ({
      ...f(id),
      ...(signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } }),
    });
    const events = eventsOf(calls(google("", "Cp=="), google("")), stop);
    expect(saidIn(wholeAnswer(events))).toEqual(["f(call_0, {})", "f(call_1, {})"]);
    const begun = deltasOf(writtenStream(events)).flatMap(
      (each) => (each["tool_calls"] as readonly { id?: string; extra_content?: unknown }[] | undefined) ?? [],
    );
    expect(begun.filter(({ id }) => id !== undefined)).toMatchObject([
      { id: "call_0", extra_content: { google: { thought_signature: "Cp==" } } },
      { id: "call_1" },
    ]);
  });
});

describe("words in answers", () => {
  test("the role stands in the first delta and nowhere else", () => {
    const deltas = deltasOf(
      writtenStream(eventsOf(delta({ role: "assistant", content: "a" }), delta({ role: "assistant", content: "b" }), stop)),
    );
    expect(deltas.map((each) => each["role"])).toEqual(["assistant", undefined, undefined, undefined]);
  });

  test("reasoning_content is a string, however its upstream told it", () => {
    const tellings = [
      { reasoning: "r" },
      { content: [{ type: "thinking", thinking: [{ type: "text", text: "r" }] }] },
      { reasoning_details: [{ type: "reasoning.text", text: "r" }] },
      { reasoning_details: [{ type: "reasoning.summary", summary: "r" }] },
    ];
    for (const telling of tellings) {
      expect(deltasOf(writtenStream(eventsOf(delta(telling), stop)))[1]).toEqual({ reasoning_content: "r" });
      expect(chat.writeWhole(wholeOf(telling), GIVEN)).toMatchObject({ choices: [{ message: { reasoning_content: "r" } }] });
    }
  });

  test("several texts are joined, and none is lost", () => {
    const events: readonly AnswerEvent[] = ["a", "b", "c"].map((words, index) => ({ kind: "text", part: String(index), text: words }));
    expect(chat.writeWhole(wholeAnswer([...events, finish("stop")]), GIVEN)).toMatchObject({ choices: [{ message: { content: "abc" } }] });
    expect(deltasOf(writtenStream([...events, finish("stop")])).map((each) => each["content"])).toEqual(["", "a", "b", "c", undefined]);
  });

  test("an answer that a provider refuses is content_filter", () => {
    expect(chunksOf(writtenStream([{ kind: "text", part: "t", text: "I" }, finish("filtered")])).at(-1)).toMatchObject({
      choices: [{ finish_reason: "content_filter" }],
    });
    expect(answerOf(delta({ content: "I" }), delta({}, "content_filter")).end.reason).toBe("filtered");
  });

  test("Mistral's lists of contents are thoughts and words", () => {
    const thinking = (words: string) => delta({ content: [{ type: "thinking", thinking: [{ type: "text", text: words }] }] });
    expect(
      saidIn(answerOf(delta({ role: "assistant", content: "" }), thinking("Let me "), thinking("see."), delta({ content: "4" }), stop)),
    ).toEqual(["thought:Let me see.", "text:4"]);
  });

  test("every character goes through as it is, wherever its bytes are cut", () => {
    const odd = '😀 \u2028\u2029 \u0000\u0007 "\\" </s> data: [DONE]\n\n\ud83d é日';
    const bytes = streamOf([delta({ content: odd }), calls({ index: 0, ...f("a", JSON.stringify({ odd })) }), stop]);
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const splitter = new SseSplitter();
      const reader = chat.reader();
      const events = [bytes.subarray(0, cut), bytes.subarray(cut)]
        .flatMap((chunk) => splitter.push(chunk))
        .flatMap((event) => reader.readEvent(event));
      const again = new SseSplitter().push(new TextEncoder().encode(writtenStream(events)));
      const second = chat.reader();
      expect(saidIn(wholeAnswer(again.flatMap((event) => second.readEvent(event))))).toEqual([
        `text:${odd}`,
        `f(a, ${JSON.stringify({ odd })})`,
      ]);
    }
  });
});

describe("usage", () => {
  const tell = (usage: object) => answerOf(delta({ content: "a" }), { ...stop, usage }).end.usage;

  test("tokens of thinking are told, both ways", () => {
    const usage = { prompt_tokens: 9, completion_tokens: 8, total_tokens: 17, completion_tokens_details: { reasoning_tokens: 5 } };
    expect(tell(usage)).toMatchObject({ output_tokens: 8, reasoning_tokens: 5 });
    expect(chunksOf(writtenStream(eventsOf(delta({ content: "a" }), { ...stop, usage }))).at(-1)?.["usage"]).toMatchObject({
      completion_tokens: 8,
      completion_tokens_details: { reasoning_tokens: 5 },
    });
  });

  test("xAI's reasoning is added to its output", () => {
    expect(
      tell({ prompt_tokens: 12, completion_tokens: 1, total_tokens: 303, completion_tokens_details: { reasoning_tokens: 290 } }),
    ).toMatchObject({ output_tokens: 291, reasoning_tokens: 290 });
  });
});

describe("errors", () => {
  test.each<[string, unknown, number, string | null]>([
    ["a numeric code", { error: { message: "m", code: 429 } }, 429, "rate_limit_exceeded"],
    ["a text that is a number", { error: { message: "m", code: "503" } }, 503, "503"],
    [
      "a quota that is used up",
      { error: { message: "m", type: "insufficient_quota", code: "insufficient_quota" } },
      429,
      "insufficient_quota",
    ],
    ["a bare text", { error: "m" }, 500, null],
  ])("with %s reach the caller in OpenAI's envelope", (_name, chunk, status, code) => {
    const [event] = chat.reader().readEvent({ name: "", data: JSON.stringify(chunk), raw: new Uint8Array() });
    if (event?.kind !== "fail") throw new Error("it fails");
    const told = toldError(event.error, "other", chat.errors);
    expect(told).toMatchObject({ status, code, message: "m" });
    expect(chatCompletions.errorBody({ ...told, requestId: null })).toMatchObject({ error: { message: "m", code, param: null } });
  });

  test("of who has too much to do are 503, and a conversation too long has its code", () => {
    expect(toldError({ status: 529, code: "overloaded_error", message: "m" }, "other", chat.errors)).toMatchObject({
      status: 503,
      type: "server_error",
    });
    expect(toldError({ status: 400, code: null, message: "prompt is too long" }, "too_long", chat.errors)).toMatchObject({
      code: "context_length_exceeded",
      message: "prompt is too long",
    });
  });

  test("in an answer that is no stream's are read alike", () => {
    expect(chat.reader().readWhole({ error: { message: "m", code: 401 } })).toEqual([
      { kind: "fail", error: { status: 401, code: "401", message: "m" } },
    ]);
  });
});

describe("requests", () => {
  test.each<[Ask["toolChoice"], boolean | undefined, unknown]>([
    ["auto", undefined, "auto"],
    ["none", undefined, "none"],
    ["required", false, "required"],
    [{ tool: "f" }, false, toolOf("f")],
    [undefined, false, undefined],
  ])("the choice %j of a tool, with one call at a time %s, goes both ways", (toolChoice, parallelCalls, expected) => {
    const { body } = written({ tools: [tool("f")], toolChoice, parallelCalls });
    expect([body["tool_choice"], body["parallel_tool_calls"]]).toEqual([expected, parallelCalls]);
    expect(askOf(body)).toMatchObject({ toolChoice, parallelCalls });
  });

  test("DeepSeek's thoughts come back with its calls, and a call without any has a stand-in", () => {
    const [event] = answerOf(delta({ reasoning_content: "r" }), calls({ index: 0, ...f("a") }), stop).parts;
    if (event?.kind !== "thought") throw new Error("it thinks first");
    const turns = [user(text("q")), assistant({ kind: "thought", text: event.text, seal: event.seal }, call("a")), user(result("a"))];
    expect(messagesOf({ turns }, "deepseek-reasoner")[1]).toMatchObject({ reasoning_content: "r", tool_calls: [{ id: "a" }] });
    const foreign = [user(text("q")), assistant({ kind: "thought", text: "r", seal: undefined }, call("a")), user(result("a"))];
    expect(messagesOf({ turns: foreign }, "deepseek-v4-pro")[1]).toMatchObject({ reasoning_content: " " });
    expect(messagesOf({ turns: foreign }, "llama")[1]).not.toHaveProperty("reasoning_content");
  });

  test("tools that the provider runs are refused by name, not left out", () => {
    const ask = askOf({ tools: [{ type: "web_search_preview" }, { type: "function", function: { name: "f" } }] });
    expect(judge(ask, "messages", "told").refused).toEqual([
      {
        param: "tools.0",
        message:
          "a tool that the provider runs (web_search_preview, tools.0) cannot be put to a target that speaks messages; leave it out, or name a target whose provider has it",
      },
    ]);
  });

  test("the beginning of an answer goes as it is", () => {
    expect(messagesOf({ turns: [user(text("q")), assistant(text("Dear "))] })).toEqual([
      { role: "user", content: "q" },
      { role: "assistant", content: "Dear " },
    ]);
    expect(askOf({ messages: [HELLO, { role: "assistant", content: "Dear " }] }).asked).toEqual([
      { feature: "prefill", param: "messages.1" },
    ]);
  });

  test("a temperature over 1 is read and written as it is", () => {
    expect(askOf({ temperature: 1.7 }).temperature).toBe(1.7);
    expect(written({ temperature: 1.7 }).body["temperature"]).toBe(1.7);
  });

  test("several answers are refused where there can be one only", () => {
    const { refused } = judge(askOf({ n: 2 }), "messages", "told");
    expect(refused).toMatchObject([{ param: "n" }]);
    expect(judge(askOf({ n: 1 }), "messages", "told").refused).toEqual([]);
  });

  test("names of tools over 64 characters are shortened, told apart, and called by their own in the answer", () => {
    const long = ["a", "b"].map((end) => `${"mcp__server__".repeat(6)}${end}`);
    const turns = [user(text("q")), assistant(call("x", { name: long[0] })), user(result("x"))];
    const { body, changed } = written({ tools: long.map(tool), turns, toolChoice: { tool: long[1] ?? "" } });
    const names = (body["tools"] as readonly { function: { name: string } }[]).map((each) => each.function.name);
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^[\w-]{1,64}$/);
    expect(body["tool_choice"]).toEqual(toolOf(names[1] ?? ""));
    expect(body["messages"]).toMatchObject([{}, { tool_calls: [{ function: { name: names[0] } }] }, {}]);
    const changeBack = new ChangeBack(changed);
    const events = eventsOf(calls({ index: 0, ...f("y", "{}", names[1]) }), stop).flatMap((event) => changeBack.take(event));
    expect(saidIn(wholeAnswer(events))).toEqual([`${long[1]}(y, {})`]);
  });

  test.each([[{}], [{ type: "" }], [{ type: null }]])("a tool with the type %j is a function", (type) => {
    expect(askOf({ tools: [{ ...type, function: { name: "f" } }] }).tools).toMatchObject([{ name: "f", takes: "json" }]);
  });

  test("a choice among the tools goes to OpenAI as one, to others as the tools that may be called", () => {
    const allowed = { type: "allowed_tools", allowed_tools: { mode: "required", tools: [toolOf("f")] } };
    const ask = askOf({ tools: [toolOf("f"), toolOf("g")], tool_choice: allowed });
    expect(ask).toMatchObject({ toolChoice: "required", allowedTools: ["f"], asked: [{ feature: "allowed_tools", param: "tool_choice" }] });
    expect(written(ask, { model: "gpt-5" }).body).toMatchObject({ tools: [toolOf("f"), toolOf("g")], tool_choice: allowed });
    expect(written(ask, { model: "llama" }).body).toMatchObject({ tools: [toolOf("f")], tool_choice: "required" });
  });

  test("an answer by a schema and tools go together", () => {
    const format = { kind: "schema", name: "n", description: undefined, schema: { type: "object" }, strict: true } as const;
    const { body } = written({ format, tools: [tool("f")] });
    expect(body).toMatchObject({ response_format: { type: "json_schema" }, tools: [toolOf("f")] });
    expect(askOf(body)).toMatchObject({ format, tools: [{ name: "f" }] });
  });

  test("a megabyte of base64 is carried, not decoded or copied about", () => {
    const base64 = "A".repeat(1_000_000);
    const body = { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: `data:image/jpg;base64,${base64}` } }] }] };
    const began = performance.now();
    const read = readBody(body);
    if (!read.ok) throw new Error(read.error.message);
    const { body: out } = written(read.value);
    // Some 10 ms of JSON; what looks at each character costs ten times that.
    expect(performance.now() - began).toBeLessThan(250);
    expect(out["messages"]).toEqual([
      { role: "user", content: [{ type: "image_url", image_url: { url: `data:image/jpeg;base64,${base64}` } }] },
    ]);
  });
});
