import { describe, expect, test } from "vitest";
import type { Ask, Part, Thinking, Tool, Turn } from "../../../../src/dialects/conversation.ts";
import type { WrittenAsk } from "../../../../src/dialects/dialect.ts";
import { responses } from "../../../../src/dialects/responses/index.ts";
import { NOTHING_ASKED } from "../../../support/conversations.ts";

type Members = Readonly<Record<string, unknown>>;

const hello: Turn = { role: "user", parts: [{ kind: "text", text: "Hi" }] };
const tool = (name: string, more: Partial<Tool> = {}): Tool => ({
  name,
  description: undefined,
  schema: { type: "object", properties: {} },
  strict: undefined,
  takes: "json",
  ...more,
});
const seal = (dialect: string, value: string) => ({ dialect, kind: "cipher" as const, value });

function written(ask: Partial<Ask>, model = "gpt-5.4"): WrittenAsk {
  const answer = responses.writeAsk({ ...NOTHING_ASKED, turns: [hello], ...ask }, { model, maxOutputTokens: undefined, streamUsage: true });
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
}

function body(ask: Partial<Ask>, model?: string): Members {
  return Object.fromEntries(Object.entries(written(ask, model).body));
}

/** The items that a turn of the assistant's becomes, between two of the user's. */
function items(parts: readonly Part[], model?: string): unknown {
  const input = body({ turns: [hello, { role: "assistant", parts }, hello] }, model)["input"];
  return Array.isArray(input) ? input.slice(1, -1) : input;
}

test("a request is stored nowhere, and its thoughts come back sealed (cases 40, 63)", () => {
  expect(written({ stream: true, tools: [tool("f")], system: [{ text: "Be kind.", afterTurns: 0 }] })).toEqual({
    body: {
      model: "gpt-5.4",
      instructions: "Be kind.",
      input: [{ role: "user", content: [{ type: "input_text", text: "Hi" }] }],
      stream: true,
      store: false,
      include: ["reasoning.encrypted_content"],
      tools: [{ type: "function", name: "f", parameters: { type: "object", properties: {} }, strict: false }],
    },
    adapted: [],
    changed: undefined,
  });
});

describe("the conversation", () => {
  test("what the system says first is one text, what it says later is in its place (case 20)", () => {
    const system = [
      { text: "One.", afterTurns: 0 },
      { text: "Two.", afterTurns: 0 },
      { text: "Three.", afterTurns: 2 },
    ];
    const turns: Turn[] = [hello, { role: "assistant", parts: [{ kind: "text", text: "Yes" }] }, hello];
    const { instructions, input } = body({ system, turns });
    expect([instructions, input]).toEqual([
      "One.\n\nTwo.",
      [
        { role: "user", content: [{ type: "input_text", text: "Hi" }] },
        { type: "message", role: "assistant", content: [{ type: "output_text", text: "Yes", annotations: [] }] },
        { role: "system", content: "Three." },
        { role: "user", content: [{ type: "input_text", text: "Hi" }] },
      ],
    ]);
  });

  test("think, speak, think, call: all in their order, without ids (cases 40, 59)", () => {
    expect(
      items([
        { kind: "thought", text: "a", seal: seal("responses", "gAAA1") },
        { kind: "text", text: "x" },
        { kind: "refusal", text: "no" },
        { kind: "thought", text: "", seal: seal("responses", "gAAA2") },
        { kind: "text", text: "y" },
      ]),
    ).toEqual([
      { type: "reasoning", summary: [{ type: "summary_text", text: "a" }], encrypted_content: "gAAA1" },
      {
        type: "message",
        role: "assistant",
        content: [
          { type: "output_text", text: "x", annotations: [] },
          { type: "refusal", refusal: "no" },
        ],
      },
      { type: "reasoning", summary: [], encrypted_content: "gAAA2" },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "y", annotations: [] }] },
    ]);
  });

  const x: Part = { kind: "text", text: "x" };
  const own: Part = { kind: "thought", text: "a", seal: seal("responses", "g") };
  test.each<[string, readonly Part[], string | undefined]>([
    ["another provider sealed (case 6)", [{ kind: "thought", text: "a", seal: seal("messages", "EqQ=") }, x], undefined],
    ["nobody sealed", [{ kind: "thought", text: "a", seal: undefined }, x], undefined],
    ["led to nothing", [x, own], undefined],
    ["a model cannot read that does not think", [own, x], "gpt-4o"],
  ])("a thought stays behind that %s", (_name, parts, model) => {
    expect(items(parts, model)).toEqual([
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "x", annotations: [] }] },
    ]);
  });

  test("calls and what they gave, before words (case 37); ids that are too long are shortened alike", () => {
    const long = `call_${"x".repeat(80)}`;
    const turns: Turn[] = [
      hello,
      {
        role: "assistant",
        parts: [
          { kind: "call", id: "1", name: "f", args: "", seal: undefined },
          { kind: "call", id: long, name: "patch", args: "*** Begin", seal: undefined, takes: "freeform" },
        ],
      },
      {
        role: "user",
        parts: [
          { kind: "result", callId: "1", parts: [], failed: false },
          {
            kind: "result",
            callId: long,
            parts: [
              { kind: "text", text: "see" },
              { kind: "image", source: { at: "here", mediaType: "image/png", base64: "QUJD" }, detail: "low" },
            ],
            failed: false,
          },
          { kind: "text", text: "and?" },
        ],
      },
    ];
    const { input } = body({ turns });
    const id = Array.isArray(input) ? input[2].call_id : undefined;
    expect(id).toMatch(/^call_x+_[0-9a-z]+$/);
    expect(String(id).length).toBeLessThanOrEqual(64);
    expect(input).toEqual([
      { role: "user", content: [{ type: "input_text", text: "Hi" }] },
      { type: "function_call", call_id: "1", name: "f", arguments: "{}" },
      { type: "custom_tool_call", call_id: id, name: "patch", input: "*** Begin" },
      { type: "function_call_output", call_id: "1", output: "" },
      {
        type: "custom_tool_call_output",
        call_id: id,
        output: [
          { type: "input_text", text: "see" },
          { type: "input_image", image_url: "data:image/png;base64,QUJD", detail: "low" },
        ],
      },
      { role: "user", content: [{ type: "input_text", text: "and?" }] },
    ]);
  });

  test("attachments", () => {
    const parts: readonly Part[] = [
      { kind: "image", source: { at: "address", url: "https://a.example/b.png" } },
      { kind: "document", source: { at: "here", mediaType: "application/pdf", base64: "QUJD" } },
      { kind: "document", source: { at: "here", mediaType: "text/plain", base64: "QUJD" }, filename: "a.md" },
      { kind: "document", source: { at: "address", url: "https://a.example/c.pdf" } },
      { kind: "audio", base64: "QUJD", format: "mp3" },
    ];
    expect(body({ turns: [{ role: "user", parts }] })["input"]).toEqual([
      {
        role: "user",
        content: [
          { type: "input_image", image_url: "https://a.example/b.png" },
          { type: "input_file", filename: "document.pdf", file_data: "data:application/pdf;base64,QUJD" },
          { type: "input_file", filename: "a.md", file_data: "data:text/plain;base64,QUJD" },
          { type: "input_file", file_url: "https://a.example/c.pdf" },
          { type: "input_audio", input_audio: { data: "QUJD", format: "mp3" } },
        ],
      },
    ]);
  });

  test("the beginning of an answer is an answer of its own, and told", () => {
    const turns: Turn[] = [hello, { role: "assistant", parts: [{ kind: "text", text: "{" }] }];
    expect(written({ turns, asked: [{ feature: "prefill", param: "messages.1" }] }).adapted).toEqual(["messages.1"]);
  });
});

describe("tools", () => {
  test("one that takes plain text is one here, with its grammar", () => {
    const grammar = { syntax: "lark", definition: "start: /.+/" };
    const { body: request, changed } = written({
      tools: [tool("patch", { takes: "freeform", schema: undefined, grammar })],
      toolChoice: { tool: "patch" },
    });
    expect(request).toMatchObject({
      tools: [{ type: "custom", name: "patch", format: { type: "grammar", ...grammar } }],
      tool_choice: { type: "custom", name: "patch" },
    });
    expect(changed).toBeUndefined();
  });

  test.each<[unknown, unknown]>([
    // Case 34: nothing of it is rewritten.
    [
      {
        type: "object",
        properties: { a: { $ref: "#/$defs/a" } },
        $defs: { a: { oneOf: [{ const: 1 }, { type: "null" }] } },
        additionalProperties: false,
      },
      {
        type: "object",
        properties: { a: { $ref: "#/$defs/a" } },
        $defs: { a: { oneOf: [{ const: 1 }, { type: "null" }] } },
        additionalProperties: false,
      },
    ],
    [undefined, { type: "object", properties: {} }],
    [{ type: "object" }, { type: "object", properties: {} }],
  ])("the schema %j", (schema, parameters) => {
    expect(body({ tools: [tool("f", { schema, strict: true })] })["tools"]).toEqual([
      { type: "function", name: "f", parameters, strict: true },
    ]);
  });

  test.each<[Partial<Ask>, Members]>([
    [{ toolChoice: "auto" }, { tool_choice: "auto" }],
    [{ toolChoice: "none", allowedTools: ["f"] }, { tool_choice: "none" }],
    [
      { toolChoice: "required", parallelCalls: false },
      { tool_choice: "required", parallel_tool_calls: false },
    ],
    [{ toolChoice: { tool: "f" } }, { tool_choice: { type: "function", name: "f" } }],
    [{ allowedTools: ["f"] }, { tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "f" }] } }],
    [
      { allowedTools: ["g"], toolChoice: "required" },
      { tool_choice: { type: "allowed_tools", mode: "required", tools: [{ type: "custom", name: "g" }] } },
    ],
    [{}, {}],
  ])("the choice %j (cases 35, 58)", (ask, expected) => {
    const { tool_choice: choice, parallel_tool_calls: parallel } = body({ tools: [tool("f"), tool("g", { takes: "freeform" })], ...ask });
    expect({
      ...(choice === undefined ? {} : { tool_choice: choice }),
      ...(parallel === undefined ? {} : { parallel_tool_calls: parallel }),
    }).toEqual(expected);
  });

  test("a choice among no tools is none", () => {
    expect(Object.keys(JSON.parse(JSON.stringify(body({ toolChoice: "auto", parallelCalls: false }))) as object)).toEqual([
      "model",
      "input",
      "store",
      "include",
    ]);
  });

  test("names that are too long or have odd characters change everywhere, and back (case 55)", () => {
    const long = "n".repeat(90);
    const turns: Turn[] = [
      hello,
      { role: "assistant", parts: [{ kind: "call", id: "1", name: "get.weather", args: "{}", seal: undefined }] },
      { role: "user", parts: [{ kind: "result", callId: "1", parts: [], failed: false }] },
    ];
    const {
      body: request,
      adapted,
      changed,
    } = written({ turns, tools: [tool("get.weather"), tool(long), tool("ok")], toolChoice: { tool: long } });
    const short = [...(changed?.toolNames.keys() ?? [])].find((name) => name.startsWith("n")) ?? "";
    expect(short).toMatch(/^n+_[0-9a-z]+$/);
    expect(short.length).toBeLessThanOrEqual(64);
    expect(changed?.toolNames).toEqual(
      new Map([
        ["get_weather", "get.weather"],
        [short, long],
      ]),
    );
    expect(adapted).toEqual(["tools.0.name", "tools.1.name"]);
    expect(request).toMatchObject({
      input: [{}, { name: "get_weather" }, {}],
      tools: [{ name: "get_weather" }, { name: short }, { name: "ok" }],
      tool_choice: { name: short },
    });
  });

  test("an answer by a schema goes with tools (case 61)", () => {
    const format = { kind: "schema" as const, name: "my answer", description: "d", schema: { type: "object" }, strict: true };
    expect(body({ tools: [tool("f")], format, verbosity: "low" })).toMatchObject({
      tools: [{ name: "f" }],
      text: {
        format: { type: "json_schema", name: "my_answer", description: "d", schema: { type: "object" }, strict: true },
        verbosity: "low",
      },
    });
    expect(body({ format: { kind: "json" } })["text"]).toEqual({ format: { type: "json_object" } });
  });
});

describe("how hard a model thinks", () => {
  const on = (more: Partial<Extract<Thinking, { kind: "on" }>>): Thinking => ({
    kind: "on",
    effort: undefined,
    budgetTokens: undefined,
    shown: false,
    ...more,
  });
  test.each<[string, Thinking, unknown, readonly string[]]>([
    ["gpt-5.4", on({ effort: "high", shown: true }), { effort: "high", summary: "auto" }, []],
    ["gpt-5.4", { kind: "off" }, { effort: "none" }, []],
    ["openai/gpt-5.6", on({ effort: "minimal" }), { effort: "low" }, ["thinking=low"]],
    ["gpt-5-mini", on({ effort: "minimal" }), { effort: "minimal" }, []],
    ["gpt-5", on({ effort: "max" }), { effort: "high" }, ["thinking=high"]],
    ["gpt-5", { kind: "off" }, { effort: "minimal" }, ["thinking=minimal"]],
    ["o4-mini", on({ budgetTokens: 1024 }), { effort: "low" }, ["thinking=low"]],
    ["o3", on({ budgetTokens: 8192 }), { effort: "medium" }, ["thinking=medium"]],
    ["gpt-6-sol", on({ budgetTokens: 32_000, shown: true }), { effort: "high", summary: "auto" }, ["thinking=high"]],
    ["gpt-4o", on({ effort: "low" }), undefined, ["thinking"]],
    ["gpt-4.1", { kind: "off" }, undefined, []],
    ["my-deployment", on({ effort: "max" }), { effort: "max" }, []],
    ["my-deployment", { kind: "off" }, undefined, ["thinking"]],
  ])("%s, %j", (model, thinking, reasoning, adapted) => {
    const { body: request, adapted: told } = written({ thinking, asked: [{ feature: "thinking", param: "thinking" }] }, model);
    expect([Object.entries(request).find(([name]) => name === "reasoning")?.[1], told]).toEqual([reasoning, adapted]);
  });

  test.each<[string, Partial<Ask>, boolean]>([
    ["gpt-5", {}, true],
    ["o3", {}, true],
    ["gpt-4.1-mini", { thinking: on({ effort: "low" }) }, false],
    ["gpt-5.2-chat-latest", {}, false],
    ["my-deployment", {}, false],
    ["my-deployment", { thinking: on({}) }, true],
    [
      "my-deployment",
      { turns: [hello, { role: "assistant", parts: [{ kind: "thought", text: "", seal: seal("responses", "g") }] }, hello] },
      true,
    ],
  ])("thoughts of %s are asked for, %j: %s", (model, ask, expected) => {
    expect(body(ask, model)["include"] !== undefined).toBe(expected);
  });

  test.each<[string, Thinking | undefined, boolean]>([
    ["gpt-4o", undefined, true],
    ["my-deployment", undefined, true],
    ["gpt-5.4", { kind: "off" }, true],
    ["gpt-5.4", undefined, false],
    ["gpt-5", undefined, false],
    ["o3", on({}), false],
  ])("a temperature for %s, thinking %j: %s", (model, thinking, isCarried) => {
    const { body: request, adapted } = written({ thinking, temperature: 0.5, topP: 0.9 }, model);
    expect(
      Object.keys(JSON.parse(JSON.stringify(request)) as object).filter((name) => name === "temperature" || name === "top_p").length === 2,
    ).toBe(isCarried);
    expect(adapted.filter((name) => name !== "thinking")).toEqual(isCarried ? [] : ["temperature", "top_p"]);
  });
});

test("what is bounded keeps to its bounds, and is told", () => {
  const asked = [
    { feature: "max_output_tokens" as const, param: "max_tokens" },
    { feature: "end_user" as const, param: "metadata.user_id" },
  ];
  const { body: request, adapted } = written({ maxOutputTokens: 1, endUser: "u".repeat(200), promptCacheKey: "k".repeat(65), asked });
  expect(adapted).toEqual(["max_tokens=16", "metadata.user_id"]);
  expect(request).toMatchObject({
    max_output_tokens: 16,
    user: expect.stringMatching(/^u+_\w+$/),
    prompt_cache_key: expect.stringMatching(/^k+_\w+$/),
  });
  expect(written({ maxOutputTokens: 16, endUser: "u", metadata: { a: "b" }, serviceTier: "flex" })).toMatchObject({
    body: { max_output_tokens: 16, user: "u", metadata: { a: "b" }, service_tier: "flex" },
    adapted: [],
  });
});
