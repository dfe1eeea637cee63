import { describe, expect, test } from "vitest";
import type { Ask, Part, ResultPart, Turn } from "../../../../src/dialects/conversation.ts";
import { messagesOf, written } from "../../../support/chat.ts";

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
const image = { kind: "image", source: { at: "here", mediaType: "image/png", base64: "AAAA" } } as const;
const imageUrl = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } };
const tool = (name: string) => ({ name, description: undefined, schema: undefined, strict: undefined, takes: "json" }) as const;
const asks = (...pairs: readonly (readonly [Ask["asked"][number]["feature"], string])[]) => ({
  asked: pairs.map(([feature, param]) => ({ feature, param })),
});
const effort = (word: string): Ask["thinking"] => ({ kind: "on", effort: word, budgetTokens: undefined, shown: false });
const budget = (tokens: number): Ask["thinking"] => ({ kind: "on", effort: undefined, budgetTokens: tokens, shown: true });
const OFF: Ask["thinking"] = { kind: "off" };

test("a request that asks for nothing is model and messages", () => {
  expect(written({}).body).toEqual({ model: "a-model", messages: [{ role: "user", content: "Hello." }] });
});

describe("a stream", () => {
  test.each([
    [true, { stream: true, stream_options: { include_usage: true } }],
    [false, { stream: true }],
  ])("is asked for its usage where it may be: %s", (streamUsage, members) => {
    const { messages: _messages, model: _model, ...rest } = written({ stream: true }, { streamUsage }).body;
    expect(rest).toEqual(members);
  });
});

describe("the most tokens", () => {
  test.each([
    ["gpt-4o", "max_tokens"],
    ["llama-3.3-70b", "max_tokens"],
    ["mistral-large-latest", "max_tokens"],
    ["openai/gpt-oss-120b", "max_tokens"],
    ["o3", "max_completion_tokens"],
    ["o4-mini-2025-04-16", "max_completion_tokens"],
    ["gpt-5", "max_completion_tokens"],
    ["gpt-5-chat-latest", "max_completion_tokens"],
    ["openai/gpt-5.4-mini", "max_completion_tokens"],
    ["gpt-6", "max_completion_tokens"],
  ])("of %s is %s", (model, member) => {
    expect(written({ maxOutputTokens: 100 }, { model }).body).toMatchObject({ [member]: 100 });
  });

  test("is no more than the configuration says, and that is told", () => {
    const { body, adapted } = written(
      { maxOutputTokens: 64_000, ...asks(["max_output_tokens", "max_tokens"]) },
      { maxOutputTokens: 16_384 },
    );
    expect([body["max_tokens"], adapted]).toEqual([16_384, ["max_tokens=16384"]]);
  });
});

describe("thinking", () => {
  test.each<[string, Ask["thinking"], object, readonly string[]]>([
    ["a-model", effort("xhigh"), { reasoning_effort: "xhigh" }, []],
    ["a-model", budget(2_048), { reasoning_effort: "low" }, ["thinking=low"]],
    ["a-model", budget(2_049), { reasoning_effort: "medium" }, ["thinking=medium"]],
    ["a-model", budget(8_193), { reasoning_effort: "high" }, ["thinking=high"]],
    ["a-model", { kind: "on", effort: undefined, budgetTokens: undefined, shown: true }, {}, []],
    ["a-model", OFF, {}, ["thinking"]],
    ["gpt-4o", effort("high"), {}, ["thinking"]],
    ["gpt-4o", OFF, {}, []],
    ["gpt-5.2-chat-latest", effort("high"), {}, ["thinking"]],
    ["o3", effort("minimal"), { reasoning_effort: "low" }, ["thinking=low"]],
    ["o3", OFF, { reasoning_effort: "low" }, ["thinking=low"]],
    ["gpt-5", effort("minimal"), { reasoning_effort: "minimal" }, []],
    ["gpt-5-mini", effort("max"), { reasoning_effort: "high" }, ["thinking=high"]],
    ["gpt-5", OFF, { reasoning_effort: "minimal" }, ["thinking=minimal"]],
    ["gpt-5.1", OFF, { reasoning_effort: "none" }, []],
    ["gpt-5.1", effort("xhigh"), { reasoning_effort: "high" }, ["thinking=high"]],
    ["gpt-5-codex", effort("minimal"), { reasoning_effort: "low" }, ["thinking=low"]],
    ["gpt-5.2-codex", OFF, { reasoning_effort: "low" }, ["thinking=low"]],
    ["gpt-5.2-codex", effort("xhigh"), { reasoning_effort: "xhigh" }, []],
    ["gpt-5.6", effort("minimal"), { reasoning_effort: "low" }, ["thinking=low"]],
    ["gpt-5.4", effort("max"), { reasoning_effort: "xhigh" }, ["thinking=xhigh"]],
    ["deepseek-v4-pro", OFF, { thinking: { type: "disabled" } }, []],
  ])("%s: %j", (model, thinking, members, told) => {
    const { body, adapted } = written({ thinking }, { model });
    expect({
      ...(body["reasoning_effort"] === undefined ? {} : { reasoning_effort: body["reasoning_effort"] }),
      ...(body["thinking"] === undefined ? {} : { thinking: body["thinking"] }),
    }).toEqual(members);
    expect(adapted).toEqual(told);
  });
});

describe("what models refuse is left out and told", () => {
  const all = {
    temperature: 0.5,
    topP: 0.9,
    stop: ["x"],
    presencePenalty: 0.1,
    frequencyPenalty: undefined,
    seed: 3,
    endUser: "u",
    verbosity: "low",
    serviceTier: "flex",
    promptCacheKey: "k",
    ...asks(["temperature", "temp"], ["top_p", "top_p"], ["stop", "stop_sequences"], ["end_user", "metadata.user_id"]),
  };

  test.each<[string, Partial<Ask>, readonly string[], readonly string[]]>([
    [
      "a-model",
      all,
      ["temperature", "top_p", "stop", "presence_penalty", "seed", "user", "verbosity", "service_tier"],
      ["prompt_cache_key"],
    ],
    [
      "gpt-4o",
      all,
      ["temperature", "top_p", "stop", "presence_penalty", "seed", "user", "service_tier", "prompt_cache_key"],
      ["verbosity"],
    ],
    ["gpt-5", all, ["seed", "user", "verbosity", "service_tier", "prompt_cache_key"], ["penalties", "temp", "top_p", "stop_sequences"]],
    ["gpt-5.2", { temperature: 0.5, thinking: OFF }, ["temperature", "reasoning_effort"], []],
    ["gpt-5.2", { temperature: 1, topP: 1 }, [], []],
    [
      "mistral-small-latest",
      all,
      ["temperature", "top_p", "stop", "presence_penalty", "random_seed"],
      ["metadata.user_id", "verbosity", "service_tier", "prompt_cache_key"],
    ],
  ])("%s", (model, ask, members, told) => {
    const { body, adapted } = written(ask, { model });
    expect(Object.keys(body).filter((name) => name !== "model" && name !== "messages")).toEqual(members);
    expect(adapted).toEqual(told);
  });

  // "The 'metadata' parameter is only allowed when 'store' is enabled.": github.com/QwenLM/qwen-code, issue 243
  test("metadata, which OpenAI takes with what it stores only", () => {
    expect(written({ metadata: { a: "b" } }, { model: "gpt-4o" }).body).not.toHaveProperty("metadata");
  });
});

describe("formats", () => {
  test.each<[string, Ask["format"], object]>([
    ["json", { kind: "json" }, { type: "json_object" }],
    [
      "a schema, its name lawful",
      { kind: "schema", name: "my answer", description: "d", schema: { type: "object" }, strict: true },
      { type: "json_schema", json_schema: { name: "my_answer", description: "d", schema: { type: "object" }, strict: true } },
    ],
    [
      "a schema whose strictness nobody named: none is made up",
      { kind: "schema", name: "n", description: undefined, schema: {}, strict: undefined },
      { type: "json_schema", json_schema: { name: "n", schema: {} } },
    ],
  ])("%s", (_name, format, expected) => {
    expect(written({ format }).body["response_format"]).toEqual(expected);
  });
});

describe("tools", () => {
  test("members about tools are left out where there are none", () => {
    expect(written({ toolChoice: "auto", parallelCalls: false }).body).toEqual(written({}).body);
  });

  test.each<[string, unknown, unknown]>([
    ["none", undefined, undefined],
    ["empty", {}, { type: "object", properties: {} }],
    ["an object without properties", { type: "object" }, { type: "object", properties: {} }],
    ["no object", { type: "string" }, { type: "string" }],
    [
      "one with all that schemas have",
      { $ref: "#/$defs/a", $defs: { a: {} } },
      { type: "object", properties: {}, $ref: "#/$defs/a", $defs: { a: {} } },
    ],
  ])("schema: %s", (_name, schema, parameters) => {
    const [first] = written({ tools: [{ ...tool("f"), schema }] }).body["tools"] as [{ function: object }];
    expect(first.function).toEqual({ name: "f", ...(parameters === undefined ? {} : { parameters }) });
  });

  test("a tool that takes a plain text goes as one that takes an object, and is changed back", () => {
    const { body, changed } = written({
      tools: [{ ...tool("sh"), takes: "freeform", grammar: { syntax: "lark", definition: "start: x" } }],
    });
    expect(body["tools"]).toMatchObject([{ type: "function", function: { name: "sh", parameters: { required: ["input"] } } }]);
    expect([...(changed?.freeformTools ?? [])]).toEqual(["sh"]);
  });
});

describe("messages", () => {
  const signed = (value: string, words = "r"): Part => ({ kind: "thought", text: words, seal: { dialect: "chat", kind: "proof", value } });
  const entry = { type: "reasoning.text", signature: "s", format: "anthropic-claude-v1", index: 0 };
  const cipher = { type: "reasoning.encrypted", data: "g", format: "openai-responses-v1", index: 0 };

  test.each<[string, readonly Turn[], readonly object[]]>([
    ["several texts of the user's are one", [user(text("a"), text("b"))], [{ role: "user", content: "a\n\nb" }]],
    ["texts beside images are a list", [user(text("a"), image)], [{ role: "user", content: [{ type: "text", text: "a" }, imageUrl] }]],
    [
      "texts that citations parted belong together",
      [user(text("q")), assistant(text("a"), text("b"))],
      [
        { role: "user", content: "q" },
        { role: "assistant", content: "ab" },
      ],
    ],
    [
      "a text behind a call begins anew",
      [user(text("q")), assistant(text("a"), call("x"), text("b"))],
      [
        { role: "user", content: "q" },
        { role: "assistant", content: "a\n\nb", tool_calls: [{ id: "x", type: "function", function: { name: "f", arguments: "{}" } }] },
      ],
    ],
    [
      "a document, named",
      [user({ kind: "document", source: { at: "here", mediaType: "application/pdf", base64: "AAAA" } })],
      [{ role: "user", content: [{ type: "file", file: { filename: "document.pdf", file_data: "data:application/pdf;base64,AAAA" } }] }],
    ],
    [
      "audio",
      [user({ kind: "audio", base64: "AAAA", format: "wav" })],
      [{ role: "user", content: [{ type: "input_audio", input_audio: { data: "AAAA", format: "wav" } }] }],
    ],
    [
      "an image by address, looked at closely",
      [user({ kind: "image", source: { at: "address", url: "https://x/y.png" }, detail: "low" })],
      [{ role: "user", content: [{ type: "image_url", image_url: { url: "https://x/y.png", detail: "low" } }] }],
    ],
    [
      "a turn of thoughts alone is gone",
      [user(text("q")), assistant({ kind: "thought", text: "r", seal: undefined }), user(text("p"))],
      [
        { role: "user", content: "q" },
        { role: "user", content: "p" },
      ],
    ],
    [
      "a plain text of a tool goes as an object",
      [user(text("q")), assistant(call("x", { args: "ls", takes: "freeform" }))],
      [
        { role: "user", content: "q" },
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "x", type: "function", function: { name: "f", arguments: '{"input":"ls"}' } }],
        },
      ],
    ],
  ])("%s", (_name, turns, expected) => {
    expect(messagesOf({ turns })).toEqual(expected);
  });

  test("system texts stand where they stood, never between calls and results", () => {
    const turns = [user(text("q")), assistant(call("x")), user(result("x", { kind: "text", text: "r" }), text("so?"))];
    const system = [0, 2, 3].map((afterTurns) => ({ text: `s${afterTurns}`, afterTurns }));
    expect(messagesOf({ system, turns }).map(({ role, content }) => `${String(role)}:${String(content)}`)).toEqual([
      "system:s0",
      "user:q",
      "assistant:null",
      "tool:r",
      "system:s2",
      "user:so?",
      "system:s3",
    ]);
  });

  test.each<[string, string, Part, object]>([
    ["DeepSeek's come back", "deepseek-v4-pro", signed("reasoning_content"), { content: "a", reasoning_content: "r" }],
    [
      "OpenRouter's come back as they came",
      "anthropic/claude-sonnet-4.5",
      signed(JSON.stringify(entry)),
      { content: "a", reasoning_details: [{ ...entry, text: "r" }] },
    ],
    [
      "LiteLLM's come back as they came",
      "claude",
      signed(JSON.stringify({ type: "thinking", signature: "s" })),
      { content: "a", thinking_blocks: [{ type: "thinking", thinking: "r", signature: "s" }] },
    ],
    [
      "a cipher comes back with its summary",
      "x-ai/grok-4",
      { kind: "thought", text: "sum", seal: { dialect: "chat", kind: "cipher", value: JSON.stringify(cipher) } },
      { content: "a", reasoning_details: [{ type: "reasoning.summary", summary: "sum", format: "openai-responses-v1", index: 0 }, cipher] },
    ],
    [
      "Mistral's stand in the content",
      "magistral-medium-latest",
      signed("content"),
      {
        content: [
          { type: "thinking", thinking: [{ type: "text", text: "r" }] },
          { type: "text", text: "a" },
        ],
      },
    ],
    ["Mistral takes no other", "magistral-medium-latest", signed("reasoning_content"), { content: "a" }],
    ["OpenAI takes none", "gpt-5", signed("reasoning_content"), { content: "a" }],
    ["unsealed ones are another's", "a-model", { kind: "thought", text: "r", seal: undefined }, { content: "a" }],
    [
      "Anthropic's are another's",
      "a-model",
      { kind: "thought", text: "r", seal: { dialect: "messages", kind: "proof", value: "Eq" } },
      { content: "a" },
    ],
  ])("thoughts: %s", (_name, model, thought, expected) => {
    expect(messagesOf({ turns: [user(text("q")), assistant(thought, text("a"))] }, model)[1]).toEqual({ role: "assistant", ...expected });
  });

  test.each([
    ["gemini-3-pro-preview", "gemini", { extra_content: { google: { thought_signature: "Cp==" } } }],
    ["google/gemini-3-pro", "gemini", { extra_content: { google: { thought_signature: "Cp==" } } }],
    ["gpt-5", "gemini", {}],
    ["gemini-3-pro-preview", "messages", {}],
  ])("a call's seal: %s, of %s", (model, dialect, members) => {
    const seal = { dialect, kind: "proof", value: "Cp==" } as const;
    const [, message] = messagesOf({ turns: [user(text("q")), assistant(call("x", { seal }))] }, model);
    expect(message?.["tool_calls"]).toEqual([{ id: "x", type: "function", function: { name: "f", arguments: "{}" }, ...members }]);
  });

  test.each([
    ["a-model", "call_1", "call_1"],
    ["a-model", "x".repeat(40), "x".repeat(40)],
    ["a-model", "x".repeat(41), /^x+_\w+$/],
    ["mistral-large-latest", "gSIMJiOkT", "gSIMJiOkT"],
    ["mistral-large-latest", "call_1", /^[a-z0-9]{9}$/],
    ["mistralai/devstral-small", "toolu_01", /^[a-z0-9]{9}$/],
  ])("ids of calls as %s takes them: %s", (model, id, expected) => {
    const [, message, answer] = messagesOf({ turns: [user(text("q")), assistant(call(id)), user(result(id))] }, model);
    const [{ id: lawful } = { id: "" }] = (message?.["tool_calls"] ?? []) as readonly { id: string }[];
    expect(lawful).toMatch(typeof expected === "string" ? new RegExp(`^${expected}$`) : expected);
    expect(lawful.length).toBeLessThanOrEqual(40);
    expect(answer?.["tool_call_id"]).toBe(lawful);
  });

  test("a refusal of an earlier answer is OpenAI's member, and words to others", () => {
    const turns = [user(text("q")), assistant({ kind: "refusal", text: "No." }), user(text("p"))];
    expect(messagesOf({ turns }, "gpt-4o")[1]).toEqual({ role: "assistant", content: null, refusal: "No." });
    expect(messagesOf({ turns }, "llama")[1]).toEqual({ role: "assistant", content: "No." });
  });
});
