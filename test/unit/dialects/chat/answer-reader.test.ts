import { describe, expect, test } from "vitest";
import { chat } from "../../../../src/dialects/chat/index.ts";
import { answerOf, calls, delta, eventsOf, saidIn, wholeOf } from "../../../support/chat.ts";

const stop = delta({}, "stop");

describe("words", () => {
  test.each<[string, readonly object[], readonly string[]]>([
    ["text in the finish chunk", [delta({ content: "a" }), delta({ content: "b" }, "stop")], ["text:ab"]],
    ["a first chunk without choices", [{ id: "", model: "", choices: [] }, delta({ content: "a" }), stop], ["text:a"]],
    ['role "" and content null', [delta({ role: "", content: null }), delta({ content: "a" }), stop], ["text:a"]],
    ["a message where a delta should be", [{ choices: [{ message: { content: "a" } }] }, stop], ["text:a"]],
    [
      "other choices than the first",
      [
        {
          choices: [
            { index: 1, delta: { content: "x" } },
            { index: 0, delta: { content: "a" } },
          ],
        },
        stop,
      ],
      ["text:a"],
    ],
    ["a refusal", [delta({ refusal: "I " }), delta({ refusal: "won't." }), stop], ["refusal:I won't."]],
    [
      "DeepSeek, xAI, Moonshot: reasoning_content",
      [delta({ reasoning_content: "r" }), delta({ content: "a" }), stop],
      ["thought:r", "text:a"],
    ],
    ["Groq, vLLM: reasoning", [delta({ reasoning: "r" }), delta({ content: "a" }), stop], ["thought:r", "text:a"]],
    ["both names at once", [delta({ reasoning_content: "r", reasoning: "r" }), delta({ content: "a" }), stop], ["thought:r", "text:a"]],
    [
      "OpenRouter: string and entries at once",
      [delta({ reasoning: "r", reasoning_details: [{ type: "reasoning.text", text: "r", index: 0 }] }), delta({ content: "a" }), stop],
      ["thought:r", "text:a"],
    ],
    [
      "LiteLLM: thinking_blocks beside reasoning_content",
      [
        delta({ reasoning_content: "r", thinking_blocks: [{ type: "thinking", thinking: "r", signature: null }] }),
        delta({ thinking_blocks: [{ type: "thinking", thinking: "", signature: "sig" }] }),
        delta({ content: "a" }),
        stop,
      ],
      ["thought:r", "text:a"],
    ],
    [
      "entries that say the whole thought once more behind its strings",
      [
        delta({ reasoning_content: "r1" }),
        delta({ reasoning_content: "r2" }),
        delta({ reasoning_details: [{ type: "reasoning.text", text: "r1r2", signature: "s" }] }),
        stop,
      ],
      ["thought:r1r2"],
    ],
    [
      "thinking between words",
      [delta({ reasoning: "r1" }), delta({ content: "a" }), delta({ reasoning: "r2" }), delta({ content: "b" }), stop],
      ["thought:r1", "text:a", "thought:r2", "text:b"],
    ],
    ["white space alone is said", [delta({ content: " " }), stop], ["text: "]],
  ])("%s", (_name, chunks, expected) => {
    expect(saidIn(answerOf(...chunks))).toEqual(expected);
  });

  test.each<[string, object, readonly string[]]>([
    ["a text", { content: "a" }, ["text:a"]],
    [
      "Mistral's parts",
      {
        content: [
          { type: "thinking", thinking: [{ type: "text", text: "r" }] },
          { type: "text", text: "a" },
        ],
      },
      ["thought:r", "text:a"],
    ],
    [
      "Mistral's references are left out",
      {
        content: [
          { type: "text", text: "a" },
          { type: "reference", reference_ids: [1] },
        ],
      },
      ["text:a"],
    ],
    ["reasoning before words", { content: "a", reasoning_content: "r" }, ["thought:r", "text:a"]],
    ["no content", { content: null }, []],
  ])("of a whole answer: %s", (_name, message, expected) => {
    expect(saidIn(wholeOf(message))).toEqual(expected);
  });
});

describe("calls", () => {
  const f = (id: string, args: string) => ({ id, type: "function", function: { name: "f", arguments: args } });

  test.each<[string, readonly object[], readonly string[]]>([
    ["whole in one delta", [calls({ index: 0, ...f("a", '{"x":1}') })], ['f(a, {"x":1})']],
    ["two in one delta", [calls({ index: 0, ...f("a", "{}") }, { index: 1, ...f("b", "{}") })], ["f(a, {})", "f(b, {})"]],
    ["two in one delta, without index", [calls(f("a", "{}"), f("b", "{}"))], ["f(a, {})", "f(b, {})"]],
    [
      "two in one delta, at one index and without ids",
      [calls({ index: 0, ...f("", '{"x":1}') }, { index: 0, ...f("", '{"x":2}') })],
      ['f(call_0, {"x":1})', 'f(call_1, {"x":2})'],
    ],
    [
      "without id at all (Google's layer), one after the other",
      [calls(f("", "{}")), calls(f("", "{}"))],
      ["f(call_0, {})", "f(call_1, {})"],
    ],
    ["two with one id", [calls({ index: 0, ...f("a", "{}") }), calls({ index: 1, ...f("a", "{}") })], ["f(a, {})", "f(call_1, {})"]],
    ["an id of Mistral's that is none", [calls({ index: 0, ...f("null", "{}") })], ["f(call_0, {})"]],
    [
      "another id in every delta",
      [calls({ index: 0, ...f("a", "") }), calls({ index: 0, id: "b", function: { arguments: "{}" } })],
      ["f(a, {})"],
    ],
    [
      "pieces without index, by id",
      [
        calls(f("a", "{")),
        calls(f("b", "{")),
        calls({ id: "a", function: { arguments: "}" } }),
        calls({ id: "b", function: { arguments: "}" } }),
      ],
      ["f(a, {})", "f(b, {})"],
    ],
    ["pieces without index and id", [calls(f("a", "{")), calls({ function: { arguments: "}" } })], ["f(a, {})"]],
    ["name and id once more with every piece", [calls({ index: 0, ...f("a", "{") }), calls({ index: 0, ...f("a", "}") })], ["f(a, {})"]],
    [
      "type null, name null later",
      [
        calls({ index: 0, id: "a", type: null, function: { name: "f", arguments: "" } }),
        calls({ index: 0, id: null, type: null, function: { name: null, arguments: "{}" } }),
      ],
      ["f(a, {})"],
    ],
    ["arguments as an object (Ollama)", [calls({ index: 0, id: "a", function: { name: "f", arguments: { x: 1 } } })], ['f(a, {"x":1})']],
    [
      "arguments that are JSON before they are whole",
      [calls({ index: 0, ...f("a", "1") }), calls({ index: 0, function: { arguments: "2" } })],
      ["f(a, 12)"],
    ],
    ["arguments null", [calls({ index: 0, id: "a", function: { name: "f", arguments: null } })], ["f(a, {})"]],
    [
      "the older form of one call",
      [delta({ function_call: { name: "f", arguments: "{" } }), delta({ function_call: { arguments: "}" } })],
      ["f(call_0, {})"],
    ],
    ["a call that is never named", [calls({ index: 0, id: "a", function: { arguments: "{}" } })], []],
    ["an empty custom beside the function", [calls({ index: 0, ...f("a", "{}"), custom: {} })], ["f(a, {})"]],
  ])("%s", (_name, chunks, expected) => {
    expect(saidIn(answerOf(...chunks, delta({}, "tool_calls")))).toEqual(expected);
  });

  test("of a custom tool take a plain text", () => {
    const answer = answerOf(
      calls({ index: 0, id: "a", type: "custom", custom: { name: "sh", input: "ls" } }),
      calls({ index: 0, custom: { input: " -l" } }),
      stop,
    );
    expect(answer.parts).toEqual([{ kind: "call", ordinal: 0, id: "a", name: "sh", seal: undefined, takes: "freeform", text: "ls -l" }]);
  });
});

describe("seals", () => {
  test("an entry comes back as it was, but for its text", () => {
    const entry = { type: "reasoning.text", signature: "s+/=", id: null, format: "anthropic-claude-v1", index: 0 };
    const answer = answerOf(
      delta({ reasoning: "r", reasoning_details: [{ ...entry, signature: null, text: "r" }] }),
      delta({ reasoning_details: [entry] }),
      stop,
    );
    expect(answer.parts).toEqual([{ kind: "thought", text: "r", seal: { dialect: "chat", kind: "proof", value: JSON.stringify(entry) } }]);
  });

  test("a summary and its cipher are one thought", () => {
    const cipher = { type: "reasoning.encrypted", data: "gAAA", id: "rs_1", format: "openai-responses-v1", index: 0 };
    const answer = wholeOf({
      content: "a",
      reasoning: "sum",
      reasoning_details: [{ type: "reasoning.summary", summary: "sum", index: 0 }, cipher],
    });
    expect(answer.parts[0]).toEqual({
      kind: "thought",
      text: "sum",
      seal: { dialect: "chat", kind: "cipher", value: JSON.stringify(cipher) },
    });
  });

  test("each signed thought is one of its own", () => {
    const signed = (text: string, index: number) => ({ type: "reasoning.text", text, signature: `s${index}`, index });
    expect(saidIn(wholeOf({ content: "a", reasoning: "r1r2", reasoning_details: [signed("r1", 0), signed("r2", 1)] }))).toEqual([
      "thought:r1",
      "thought:r2",
      "text:a",
    ]);
  });

  test("a thought that stands behind words again keeps where it stood", () => {
    const answer = answerOf(delta({ reasoning_content: "r1" }), delta({ content: "a" }), delta({ reasoning_content: "r2" }), stop);
    const seal = { dialect: "chat", kind: "proof", value: "reasoning_content" };
    expect(answer.parts.map((part) => part.seal)).toEqual([seal, undefined, seal]);
  });

  test("a tag of the gateway's own is whose it says", () => {
    const answer = wholeOf({
      content: "a",
      reasoning_details: [{ type: "reasoning.text", text: "r", signature: "to11.messages.proof.Eq==" }],
    });
    expect(answer.parts[0]?.seal).toEqual({ dialect: "messages", kind: "proof", value: "Eq==" });
  });
});

describe("the rest", () => {
  const kinds = (...chunks: readonly object[]) => eventsOf(...chunks).map(({ kind }) => kind);

  test.each([
    ["stop", "stop"],
    ["length", "length"],
    ["model_length", "length"],
    ["tool_calls", "calls"],
    ["function_call", "calls"],
    ["content_filter", "filtered"],
    ["error", "failed"],
    ["insufficient_system_resource", "failed"],
    ["something_new", "stop"],
  ])("finish reason %s is %s", (word, reason) => {
    expect(eventsOf(delta({}, word)).filter(({ kind }) => kind === "finish")).toEqual([{ kind: "finish", reason, word }]);
  });

  test.each<[string, object, number | null]>([
    ["usage null in every chunk", { usage: null }, null],
    ["a usage", { usage: { prompt_tokens: 7, completion_tokens: 3 } }, 7],
    ["Groq's own place", { x_groq: { usage: { prompt_tokens: 7, completion_tokens: 3 } } }, 7],
    [
      "Moonshot's, in the choice",
      { choices: [{ index: 0, delta: {}, finish_reason: "stop", usage: { prompt_tokens: 7, completion_tokens: 3 } }] },
      7,
    ],
  ])("%s", (_name, members, input) => {
    expect(answerOf(delta({ content: "a" }), { ...delta({}, "stop"), ...members }).end.usage.input_tokens).toBe(input);
  });

  test("usage in every chunk counts as it was told last", () => {
    const tell = (output: number) => ({
      ...delta({ content: "a" }),
      usage: { prompt_tokens: 7, completion_tokens: output, total_tokens: 7 + output },
    });
    expect(answerOf(tell(1), tell(2), stop).end.usage).toMatchObject({ input_tokens: 7, output_tokens: 2 });
  });

  test.each<[string, string, { readonly status: number; readonly code: string | null; readonly message: string }]>([
    ["an error object", '{"error":{"message":"busy","code":"server_error"}}', { status: 500, code: "server_error", message: "busy" }],
    ["a numeric code", '{"error":{"message":"slow","code":429}}', { status: 429, code: "429", message: "slow" }],
    [
      "an error beside choices (OpenRouter)",
      '{"error":{"message":"gone","code":502},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}',
      { status: 502, code: "502", message: "gone" },
    ],
    [
      "older vLLM",
      '{"object":"error","message":"bad","type":"BadRequestError","code":400}',
      { status: 400, code: "BadRequestError", message: "bad" },
    ],
  ])("%s fails", (_name, data, error) => {
    expect(chat.reader().readEvent({ name: "", data, raw: new Uint8Array() })).toEqual([{ kind: "fail", error }]);
  });

  test("an error that is empty is none", () => {
    expect(kinds({ ...delta({ content: "a" }), error: {} })).toEqual(["begin", "text"]);
  });

  test("comments are signs of life, what is no JSON is nothing", () => {
    const reader = chat.reader();
    expect(reader.readEvent({ name: "", data: undefined, raw: new Uint8Array() })).toEqual([{ kind: "alive" }]);
    for (const data of ["", "[DONE]", "hello", "[1]", "null"])
      expect(reader.readEvent({ name: "", data, raw: new Uint8Array() })).toEqual([]);
  });

  test.each([
    [{ choices: {} }],
    [{ choices: [null, 1, "x"] }],
    [{ choices: [{ delta: [] }] }],
    [{ choices: [{ delta: { tool_calls: [null, 3] } }] }],
    [{ choices: [{ delta: { content: { a: 1 }, reasoning_details: {} } }] }],
  ])("odd shapes say nothing: %j", (chunk) => {
    expect(saidIn(answerOf(chunk, stop))).toEqual([]);
  });

  test("what has no place is named", () => {
    expect(eventsOf(delta({ images: [{ type: "image_url" }] })).at(-1)).toEqual({ kind: "unknown", what: "images" });
  });
});
