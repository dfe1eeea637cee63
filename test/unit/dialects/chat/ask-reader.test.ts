import { describe, expect, test } from "vitest";
import { NOTHING_ASKED } from "../../../support/conversations.ts";
import { askOf, featuresOf, HELLO, readBody } from "../../../support/chat.ts";

const f = (id: string, args: unknown = "{}") => ({ id, type: "function", function: { name: "f", arguments: args } });
const result = (id: string, content: unknown = "r") => ({ role: "tool", tool_call_id: id, content });
const called = { kind: "call", id: "a", name: "f", args: "{}", seal: undefined };
const gave = (callId: string, text = "r") => ({ kind: "result", callId, parts: [{ kind: "text", text }], failed: false });
const text = (words: string) => ({ kind: "text", text: words });

test("a request that asks for nothing", () => {
  expect(askOf({ model: "m" })).toEqual({ ...NOTHING_ASKED, turns: [{ role: "user", parts: [text("Hello.")] }] });
});

test("what is asked for by its default is not asked for", () => {
  const defaults = {
    n: 1,
    logprobs: false,
    top_logprobs: 0,
    logit_bias: {},
    modalities: ["text"],
    presence_penalty: 0,
    frequency_penalty: 0,
    stop: [],
    store: true,
    stream: true,
    stream_options: { include_usage: true },
    parallel_tool_calls: true,
    response_format: { type: "text" },
    verbosity: "medium",
    service_tier: "auto",
    metadata: {},
    user: "",
    temperature: null,
    anything: null,
  };
  expect(featuresOf({ model: "m", ...defaults })).toEqual([]);
});

describe("settings", () => {
  test.each<[string, object, readonly string[], object]>([
    ["max_tokens", { max_tokens: 5 }, ["max_output_tokens at max_tokens"], { maxOutputTokens: 5 }],
    [
      "max_completion_tokens first",
      { max_tokens: 5, max_completion_tokens: 6 },
      ["max_output_tokens at max_completion_tokens"],
      { maxOutputTokens: 6 },
    ],
    [
      "sampling",
      { temperature: 1.5, top_p: 0.5, top_k: 3, seed: 1 },
      ["temperature at temperature", "top_p at top_p", "top_k at top_k", "seed at seed"],
      { temperature: 1.5, topP: 0.5, topK: 3, seed: 1 },
    ],
    ["a penalty", { presence_penalty: 0.5 }, ["penalties at presence_penalty"], { presencePenalty: 0.5 }],
    ["stop, a text", { stop: "x" }, ["stop at stop"], { stop: ["x"] }],
    ["stop, a list", { stop: ["x", "y"] }, ["stop at stop"], { stop: ["x", "y"] }],
    ["one call at a time", { parallel_tool_calls: false }, ["parallel_calls at parallel_tool_calls"], { parallelCalls: false }],
    ["json_object", { response_format: { type: "json_object" } }, ["json_object at response_format"], { format: { kind: "json" } }],
    [
      "json_schema",
      { response_format: { type: "json_schema", json_schema: { name: "n", schema: { type: "object" }, strict: true } } },
      ["json_schema at response_format"],
      { format: { kind: "schema", name: "n", description: undefined, schema: { type: "object" }, strict: true } },
    ],
    [
      "an effort",
      { reasoning_effort: "high" },
      ["thinking at reasoning_effort"],
      { thinking: { kind: "on", effort: "high", budgetTokens: undefined, shown: false } },
    ],
    ["no effort", { reasoning_effort: "none" }, ["thinking at reasoning_effort"], { thinking: { kind: "off" } }],
    [
      "OpenRouter's budget",
      { reasoning: { max_tokens: 3000 } },
      ["thinking at reasoning"],
      { thinking: { kind: "on", effort: undefined, budgetTokens: 3000, shown: true } },
    ],
    [
      "OpenRouter's exclude",
      { reasoning: { effort: "low", exclude: true } },
      ["thinking at reasoning"],
      { thinking: { kind: "on", effort: "low", budgetTokens: undefined, shown: false } },
    ],
    [
      "thinking",
      { thinking: { type: "enabled", budget_tokens: 2048 } },
      ["thinking at thinking"],
      { thinking: { kind: "on", effort: undefined, budgetTokens: 2048, shown: true } },
    ],
    ["no thinking", { thinking: { type: "disabled" } }, ["thinking at thinking"], { thinking: { kind: "off" } }],
    [
      "verbosity and tier",
      { verbosity: "low", service_tier: "flex" },
      ["verbosity at verbosity", "service_tier at service_tier"],
      { verbosity: "low", serviceTier: "flex" },
    ],
    ["safety_identifier before user", { user: "u", safety_identifier: "s" }, ["end_user at safety_identifier"], { endUser: "s" }],
    ["metadata", { metadata: { a: "b" } }, ["metadata at metadata"], { metadata: { a: "b" } }],
    ["a cache key", { prompt_cache_key: "k" }, ["prompt_cache_key at prompt_cache_key"], { promptCacheKey: "k" }],
    ["choices", { n: 2 }, ["choices at n"], {}],
    ["probabilities", { logprobs: true, top_logprobs: 2 }, ["logprobs at logprobs", "logprobs at top_logprobs"], {}],
    ["a bias", { logit_bias: { 50256: -100 } }, ["logit_bias at logit_bias"], {}],
    ["audio", { modalities: ["text", "audio"], audio: { voice: "ash" } }, ["audio_output at modalities", "audio_output at audio"], {}],
    ["images", { modalities: ["image", "text"] }, ["image_output at modalities"], {}],
    ["a prediction", { prediction: { type: "content", content: "x" } }, ["prediction at prediction"], {}],
    ["a web search", { web_search_options: {} }, ["hosted_tool at web_search_options"], {}],
    ["cache retention", { prompt_cache_retention: "24h" }, ["cache_hint at prompt_cache_retention"], {}],
    ["what nobody knows", { min_p: 0.1, repetition_penalty: 1.1 }, ["unknown_member at min_p", "unknown_member at repetition_penalty"], {}],
  ])("%s", (_name, body, features, members) => {
    expect(featuresOf(body)).toEqual(features);
    expect(askOf(body)).toMatchObject(members);
  });
});

describe("tools", () => {
  const tool = { name: "f", description: undefined, schema: undefined, strict: undefined, takes: "json" };

  test.each<[string, object, readonly string[], object]>([
    [
      "a function",
      { tools: [{ type: "function", function: { name: "f", parameters: { type: "object" } } }] },
      [],
      { tools: [{ ...tool, schema: { type: "object" } }] },
    ],
    [
      "strict",
      { tools: [{ type: "function", function: { name: "f", strict: true } }] },
      ["tool_strict at tools.0.function.strict"],
      { tools: [{ ...tool, strict: true }] },
    ],
    ["the older functions", { functions: [{ name: "f" }], function_call: { name: "f" } }, [], { tools: [tool], toolChoice: { tool: "f" } }],
    [
      "a custom tool with a grammar",
      {
        tools: [
          { type: "custom", custom: { name: "sh", format: { type: "grammar", grammar: { syntax: "lark", definition: "start: x" } } } },
        ],
      },
      ["freeform_tool at tools.0 (sh)", "freeform_grammar at tools.0.custom.format"],
      { tools: [{ ...tool, name: "sh", takes: "freeform", grammar: { syntax: "lark", definition: "start: x" } }] },
    ],
    ["a hosted tool", { tools: [{ type: "web_search" }] }, ["hosted_tool at tools.0 (web_search)"], { tools: [] }],
    [
      "a cache hint",
      { tools: [{ type: "function", function: { name: "f" }, cache_control: { type: "ephemeral" } }] },
      ["cache_hint at tools.0.cache_control"],
      { tools: [tool] },
    ],
    ["Mistral's any", { tool_choice: "any" }, [], { toolChoice: "required" }],
    ["one custom tool", { tool_choice: { type: "custom", custom: { name: "sh" } } }, [], { toolChoice: { tool: "sh" } }],
    ["a hosted choice", { tool_choice: { type: "web_search" } }, ["hosted_tool at tool_choice (web_search)"], { toolChoice: undefined }],
  ])("%s", (_name, body, features, members) => {
    expect(featuresOf(body)).toEqual(features);
    expect(askOf(body)).toMatchObject(members);
  });
});

describe("the conversation", () => {
  test.each<[string, readonly object[], readonly object[]]>([
    [
      "neighbours of one role are one turn",
      [HELLO, { role: "user", content: "b" }],
      [{ role: "user", parts: [text("Hello."), text("b")] }],
    ],
    [
      "results stand first, in the order of the calls",
      [
        HELLO,
        { role: "assistant", content: null, tool_calls: [f("a"), f("b")] },
        result("b"),
        { role: "user", content: "so?" },
        result("a"),
      ],
      [
        { role: "user", parts: [text("Hello.")] },
        { role: "assistant", parts: [called, { ...called, id: "b" }] },
        { role: "user", parts: [gave("a"), gave("b"), text("so?")] },
      ],
    ],
    [
      "the older form of calls",
      [
        HELLO,
        { role: "assistant", content: null, function_call: { name: "f", arguments: "{}" } },
        { role: "function", name: "f", content: "r" },
      ],
      [
        { role: "user", parts: [text("Hello.")] },
        { role: "assistant", parts: [{ ...called, id: "call_unnamed_0" }] },
        { role: "user", parts: [gave("call_unnamed_0")] },
      ],
    ],
    [
      "calls without ids are answered in their order",
      [HELLO, { role: "assistant", tool_calls: [f(""), f("")] }, result("", "1"), result("", "2")],
      [
        { role: "user", parts: [text("Hello.")] },
        {
          role: "assistant",
          parts: [
            { ...called, id: "call_unnamed_0" },
            { ...called, id: "call_unnamed_1" },
          ],
        },
        { role: "user", parts: [gave("call_unnamed_0", "1"), gave("call_unnamed_1", "2")] },
      ],
    ],
    [
      "ids that are used again in every turn",
      [HELLO, { role: "assistant", tool_calls: [f("a")] }, result("a", "1"), { role: "assistant", tool_calls: [f("a")] }, result("a", "2")],
      [
        { role: "user", parts: [text("Hello.")] },
        { role: "assistant", parts: [called] },
        { role: "user", parts: [gave("a", "1")] },
        { role: "assistant", parts: [called] },
        { role: "user", parts: [gave("a", "2")] },
      ],
    ],
    [
      "a custom call",
      [HELLO, { role: "assistant", tool_calls: [{ id: "a", type: "custom", custom: { name: "sh", input: "ls" } }] }, result("a")],
      [
        { role: "user", parts: [text("Hello.")] },
        { role: "assistant", parts: [{ ...called, name: "sh", args: "ls", takes: "freeform" }] },
        { role: "user", parts: [gave("a")] },
      ],
    ],
    [
      "arguments as an object",
      [HELLO, { role: "assistant", tool_calls: [f("a", { x: 1 })] }, result("a")],
      [
        { role: "user", parts: [text("Hello.")] },
        { role: "assistant", parts: [{ ...called, args: '{"x":1}' }] },
        { role: "user", parts: [gave("a")] },
      ],
    ],
    [
      "refusals",
      [HELLO, { role: "assistant", content: null, refusal: "No." }, { role: "user", content: "b" }],
      [
        { role: "user", parts: [text("Hello.")] },
        { role: "assistant", parts: [{ kind: "refusal", text: "No." }] },
        { role: "user", parts: [text("b")] },
      ],
    ],
  ])("%s", (_name, messages, turns) => {
    expect(askOf({ messages }).turns).toEqual(turns);
  });

  test.each<[string, readonly object[], readonly object[], readonly string[]]>([
    [
      "at the beginning",
      [{ role: "system", content: "s" }, { role: "developer", content: [{ type: "text", text: "d" }] }, HELLO],
      [
        { text: "s", afterTurns: 0 },
        { text: "d", afterTurns: 0 },
      ],
      [],
    ],
    [
      "inside",
      [HELLO, { role: "assistant", content: "a" }, { role: "system", content: "s" }, HELLO],
      [{ text: "s", afterTurns: 2 }],
      ["system_inside at messages.2"],
    ],
    ["in the middle of a turn", [HELLO, { role: "system", content: "s" }, HELLO], [{ text: "s", afterTurns: 0 }], []],
    [
      "between calls and their results",
      [HELLO, { role: "assistant", tool_calls: [f("a")] }, { role: "system", content: "s" }, result("a")],
      [{ text: "s", afterTurns: 3 }],
      ["system_inside at messages.2"],
    ],
  ])("system texts %s", (_name, messages, system, features) => {
    expect(askOf({ messages }).system).toEqual(system);
    expect(featuresOf({ messages })).toEqual(features);
  });

  test.each<[string, object, object | undefined, readonly string[]]>([
    [
      "bytes of an image",
      { type: "image_url", image_url: { url: "data:image/jpg;base64,AAAA" } },
      { kind: "image", source: { at: "here", mediaType: "image/jpeg", base64: "AAAA" } },
      ["image at messages.0.content.0"],
    ],
    [
      "an image by address, looked at closely",
      { type: "image_url", image_url: { url: "https://x/y.png", detail: "high" } },
      { kind: "image", source: { at: "address", url: "https://x/y.png" }, detail: "high" },
      [
        "image at messages.0.content.0",
        "image_detail at messages.0.content.0.image_url.detail",
        "image_address at messages.0.content.0.image_url",
      ],
    ],
    [
      "a file",
      { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,AAAA" } },
      { kind: "document", source: { at: "here", mediaType: "application/pdf", base64: "AAAA" }, filename: "a.pdf" },
      ["document at messages.0.content.0"],
    ],
    [
      "a file that lies with the provider",
      { type: "file", file: { file_id: "file-1" } },
      { kind: "document", source: { at: "provider", fileId: "file-1" } },
      ["document at messages.0.content.0", "provider_file at messages.0.content.0.file.file_id"],
    ],
    [
      "audio",
      { type: "input_audio", input_audio: { data: "AAAA", format: "mp3" } },
      { kind: "audio", base64: "AAAA", format: "mp3" },
      ["audio_input at messages.0.content.0"],
    ],
    [
      "what is not known",
      { type: "video_url", video_url: { url: "https://x/y.mp4" } },
      undefined,
      ["unknown_part at messages.0.content.0 (video_url)"],
    ],
    [
      "a cache hint",
      { type: "text", text: "a", cache_control: { type: "ephemeral" } },
      text("a"),
      ["cache_hint at messages.0.content.0.cache_control"],
    ],
  ])("parts: %s", (_name, part, read, features) => {
    const messages = [{ role: "user", content: [part, { type: "text", text: "?" }] }];
    expect(askOf({ messages }).turns[0]?.parts).toEqual([...(read === undefined ? [] : [read]), text("?")]);
    expect(featuresOf({ messages })).toEqual(features);
  });

  test("names, prefills, assistants that begin, audio of earlier answers are told", () => {
    const messages = [
      { role: "assistant", content: "a", audio: { id: "audio_1" } },
      { ...HELLO, name: "Ann" },
      { role: "assistant", content: "b" },
    ];
    expect(featuresOf({ messages })).toEqual([
      "state at messages.0.audio",
      "speaker_name at messages.1.name",
      "assistant_first at messages.0",
      "prefill at messages.2",
    ]);
  });
});

describe("what is wrong is said, with its place", () => {
  test.each<[string, object, string, string]>([
    ["no messages", { messages: undefined }, "messages", "messages says nothing: it has at least one message with a content"],
    ["empty messages", { messages: [] }, "messages", "messages says nothing: it has at least one message with a content"],
    [
      "messages of empty texts",
      { messages: [{ role: "user", content: "" }] },
      "messages",
      "messages says nothing: it has at least one message with a content",
    ],
    [
      "a message that is a text",
      { messages: ["hi"] },
      "messages.0",
      'messages.0 is no message: one is an object with a role, such as {"role": "user", "content": "…"}',
    ],
    [
      "a role",
      { messages: [{ role: "bot", content: "a" }] },
      "messages.0.role",
      "messages.0.role is none of system, developer, user, assistant, tool",
    ],
    [
      "a content",
      { messages: [{ role: "user", content: 5 }] },
      "messages.0.content",
      "messages.0.content is neither a text nor a list of parts",
    ],
    [
      "no content",
      { messages: [{ role: "user" }] },
      "messages.0.content",
      "messages.0.content is missing: it is a text or a list of parts",
    ],
    [
      "a part",
      { messages: [{ role: "user", content: ["a"] }] },
      "messages.0.content.0",
      'messages.0.content.0 is no part: one is an object with a type, such as {"type": "text", "text": "…"}',
    ],
    [
      "an image",
      { messages: [{ role: "user", content: [{ type: "image_url" }] }] },
      "messages.0.content.0.image_url",
      "messages.0.content.0.image_url has no url: an address, or data:image/png;base64,…",
    ],
    [
      "a result of no call",
      { messages: [HELLO, result("z")] },
      "messages.1",
      "messages.1 is the result of z, which was not called before it",
    ],
    [
      "a second result",
      { messages: [HELLO, { role: "assistant", tool_calls: [f("a")] }, result("a"), result("a")] },
      "messages.3",
      "messages.3 is another result of a; a call has one",
    ],
    [
      "a call without a result",
      { messages: [HELLO, { role: "assistant", tool_calls: [f("a")] }, HELLO] },
      "messages.1.tool_calls.0",
      "messages.1.tool_calls.0 is a call (a) without a result, which follows it and names it",
    ],
    [
      "two calls with one id",
      { messages: [HELLO, { role: "assistant", tool_calls: [f("a"), f("a")] }] },
      "messages.1.tool_calls.1",
      "messages.1.tool_calls.1 is another call with the id a; each has its own",
    ],
    [
      "a call without a name",
      { messages: [HELLO, { role: "assistant", tool_calls: [{ id: "a" }] }] },
      "messages.1.tool_calls.0",
      "messages.1.tool_calls.0 names no tool: function.name is missing",
    ],
    ["tools", { messages: [HELLO], tools: {} }, "tools", "tools is no list"],
    [
      "a tool as Responses has it",
      { messages: [HELLO], tools: [{ type: "function", name: "f" }] },
      "tools.0.function",
      "tools.0.function is missing: name, description and parameters stand in it",
    ],
    [
      "a tool without a name",
      { messages: [HELLO], tools: [{ type: "function", function: {} }] },
      "tools.0.function.name",
      "tools.0.function.name is missing: a tool has a name",
    ],
    [
      "a choice",
      { messages: [HELLO], tool_choice: "f" },
      "tool_choice",
      'tool_choice is none of auto, none, required, {"type": "function", "function": {"name": "…"}}',
    ],
    ["a number", { messages: [HELLO], temperature: "hot" }, "temperature", "temperature is no number"],
    ["a stop", { messages: [HELLO], stop: [1] }, "stop", "stop is neither a text nor a list of texts"],
    [
      "a format",
      { messages: [HELLO], response_format: { type: "xml" } },
      "response_format.type",
      "response_format.type is none of text, json_schema, json_object",
    ],
  ])("%s", (_name, body, param, message) => {
    expect(readBody(body)).toEqual({ ok: false, error: { param, message } });
  });
});
