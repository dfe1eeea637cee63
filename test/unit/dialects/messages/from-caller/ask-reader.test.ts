import { describe, expect, test } from "vitest";
import type { Ask } from "../../../../../src/dialects/conversation.ts";
import { judge } from "../../../../../src/dialects/losses.ts";
import { ask, asked, gave, HELLO, use } from "../../../../support/messages-requests.ts";

describe("a conversation of Anthropic's callers", () => {
  test("a plain one", () => {
    expect(ask({ system: "Be kind.", max_tokens: 10, stream: true })).toMatchObject({
      stream: true,
      system: [{ text: "Be kind.", afterTurns: 0 }],
      turns: [{ role: "user", parts: [{ kind: "text", text: "Hello." }] }],
      maxOutputTokens: 10,
      asked: [{ feature: "max_output_tokens", param: "max_tokens" }],
    });
  });

  test("case 2, 37: results come first and in the order of their calls, however many messages they came in", () => {
    const { turns } = ask({
      messages: [
        { role: "user", content: "a" },
        { role: "assistant", content: [use("1")] },
        { role: "assistant", content: [use("2")] },
        { role: "user", content: [{ type: "text", text: "see" }, gave("2", "two")] },
        { role: "user", content: [gave("1", [{ type: "text", text: "one" }], { is_error: true })] },
      ],
    });
    expect(turns.map(({ role, parts }) => [role, ...parts.map((part) => (part.kind === "result" ? part.callId : part.kind))])).toEqual([
      ["user", "text"],
      ["assistant", "call", "call"],
      ["user", "1", "2", "text"],
    ]);
  });

  test("case 17: empty texts are left out, and messages that nothing is left of", () => {
    const { turns } = ask({
      messages: [
        { role: "user", content: "a" },
        { role: "assistant", content: [{ type: "text", text: "" }] },
        { role: "user", content: [{ type: "text", text: "b" }] },
      ],
    });
    expect(turns).toEqual([
      {
        role: "user",
        parts: [
          { kind: "text", text: "a" },
          { kind: "text", text: "b" },
        ],
      },
    ]);
  });

  test("case 4, 40, 41, 59: thoughts stay where they stood, each with whose seal it bears", () => {
    const content = [
      { type: "thinking", thinking: "hm", signature: "EqQB" },
      { type: "text", text: "b" },
      { type: "thinking", thinking: "so", signature: "to11.responses.cipher.gAAA" },
      { type: "redacted_thinking", data: "EmwK" },
      { type: "redacted_thinking", data: "to11.responses.cipher.gBBB" },
      { type: "thinking", thinking: "plain", signature: "to11.none.proof." },
    ];
    const { turns } = ask({ messages: [...HELLO.messages, { role: "assistant", content }, { role: "user", content: "c" }] });
    expect(turns[1]?.parts).toEqual([
      { kind: "thought", text: "hm", seal: { dialect: "messages", kind: "proof", value: "EqQB" } },
      { kind: "text", text: "b" },
      { kind: "thought", text: "so", seal: { dialect: "responses", kind: "cipher", value: "gAAA" } },
      { kind: "thought", text: "", seal: { dialect: "messages", kind: "cipher", value: "EmwK" } },
      { kind: "thought", text: "", seal: { dialect: "responses", kind: "cipher", value: "gBBB" } },
      { kind: "thought", text: "plain", seal: undefined },
    ]);
  });

  test("the seal of a call comes back to it from the empty thought before it", () => {
    const content = [{ type: "thinking", thinking: "", signature: "to11.gemini.proof.call.AbC=" }, use("1"), use("2")];
    const { turns } = ask({
      messages: [...HELLO.messages, { role: "assistant", content }, { role: "user", content: [gave("1"), gave("2")] }],
    });
    expect(turns[1]?.parts).toMatchObject([
      { kind: "call", id: "1", seal: { dialect: "gemini", kind: "proof", value: "AbC=" } },
      { kind: "call", id: "2", seal: undefined },
    ]);
  });

  test("what Claude Code says to Anthropic alone is left out", () => {
    const system = [
      { type: "text", text: "x-anthropic-billing-header: cc_version=2.1.78" },
      { type: "text", text: "Be kind.", cache_control: { type: "ephemeral" } },
    ];
    expect(ask({ system }).system).toEqual([{ text: "Be kind.", afterTurns: 0 }]);
  });

  test("system texts stand where they stood", () => {
    const roles = ["system", "user", "assistant", "system", "user"];
    expect(ask({ messages: roles.map((role, index) => ({ role, content: `${index}` })) })).toMatchObject({
      system: [
        { text: "0", afterTurns: 0 },
        { text: "3", afterTurns: 2 },
      ],
      asked: [{ feature: "system_inside", param: "messages.3" }],
    });
  });

  test.each<[string, object, object]>([
    [
      "an image",
      { type: "image", source: { type: "base64", media_type: "image/png", data: "aGk=" } },
      { kind: "image", source: { at: "here", mediaType: "image/png", base64: "aGk=" } },
    ],
    [
      "a document",
      { type: "document", title: "a.pdf", source: { type: "base64", media_type: "application/pdf", data: "aGk=" } },
      { kind: "document", source: { at: "here", mediaType: "application/pdf", base64: "aGk=" }, filename: "a.pdf" },
    ],
    [
      "a document of text",
      { type: "document", title: "a", context: "b", source: { type: "text", media_type: "text/plain", data: "c" } },
      { kind: "text", text: "a\n\nb\n\nc" },
    ],
    [
      "a search result",
      { type: "search_result", title: "a", source: "https://b", content: [{ type: "text", text: "c" }] },
      { kind: "text", text: "a\n\nhttps://b\n\nc" },
    ],
  ])("%s", (_name, block, part) => {
    expect(ask({ messages: [{ role: "user", content: [block] }] }).turns[0]?.parts).toEqual([part]);
  });
});

describe("tools", () => {
  test("case 57: a tool whose type is empty is the caller's own", () => {
    const tools = [{ type: "", name: "f", description: "d", input_schema: { type: "object" }, strict: true }, { name: "g" }];
    expect(ask({ tools }).tools).toEqual([
      { name: "f", description: "d", schema: { type: "object" }, strict: true, takes: "json" },
      { name: "g", description: undefined, schema: undefined, strict: undefined, takes: "json" },
    ]);
  });

  test.each<[string, object, Partial<Ask>]>([
    ["case 35: auto", { type: "auto" }, { toolChoice: "auto", parallelCalls: undefined }],
    ["none", { type: "none" }, { toolChoice: "none" }],
    ["any", { type: "any", disable_parallel_tool_use: true }, { toolChoice: "required", parallelCalls: false }],
    ["one", { type: "tool", name: "f" }, { toolChoice: { tool: "f" } }],
  ])("%s", (_name, choice, expected) => {
    expect(ask({ tools: [{ name: "f" }], tool_choice: choice })).toMatchObject(expected);
  });
});

describe("settings", () => {
  test.each<[string, object, Partial<Ask>]>([
    ["numbers", { temperature: 0.5, top_p: 0.9, top_k: 5 }, { temperature: 0.5, topP: 0.9, topK: 5 }],
    ["stop sequences", { stop_sequences: ["a"] }, { stop: ["a"] }],
    [
      "a schema",
      { output_config: { format: { type: "json_schema", schema: { type: "object" } } } },
      { format: { kind: "schema", name: "answer", description: undefined, schema: { type: "object" }, strict: undefined } },
    ],
    [
      "a budget",
      { max_tokens: 4000, thinking: { type: "enabled", budget_tokens: 2000 } },
      { thinking: { kind: "on", effort: undefined, budgetTokens: 2000, shown: true } },
    ],
    [
      "an effort",
      { thinking: { type: "adaptive", display: "omitted" }, output_config: { effort: "high" } },
      { thinking: { kind: "on", effort: "high", budgetTokens: undefined, shown: false } },
    ],
    ["no thinking", { thinking: { type: "disabled" } }, { thinking: { kind: "off" } }],
    ["the end user", { metadata: { user_id: "u1" } }, { endUser: "u1" }],
    ["the user of a session of Claude Code", { metadata: { user_id: "user_ab_account_c_session_d" } }, { endUser: "user_ab_account_c" }],
  ])("%s", (_name, body, expected) => {
    expect(ask(body)).toMatchObject(expected);
  });
});

describe("what is asked for is named with its place", () => {
  test.each<[string, object, readonly string[]]>([
    ["nothing by what is null, empty or the default", { top_k: null, tools: [], service_tier: "auto", tool_choice: { type: "auto" } }, []],
    [
      "case 33: cache hints, betas and context management",
      {
        cache_control: { type: "ephemeral" },
        system: [{ type: "text", text: "a", cache_control: { type: "ephemeral" } }],
        tools: [{ name: "f", cache_control: { type: "ephemeral" } }],
        context_management: { edits: [] },
        betas: ["b"],
      },
      [
        "cache_hint cache_control",
        "truncation context_management",
        "unknown_member betas",
        "cache_hint system.0.cache_control",
        "cache_hint tools.0.cache_control",
      ],
    ],
    [
      "hosted tools by what they are called",
      { tools: [{ type: "web_search_20250305", name: "web_search" }], mcp_servers: [{ url: "u" }], container: "c" },
      ["hosted_tool mcp_servers", "hosted_tool container", "hosted_tool tools.0 web_search_20250305"],
    ],
    [
      "members that nobody knows",
      { speed: "fast", output_config: { task_budget: {} } },
      ["unknown_member speed", "unknown_member output_config.task_budget"],
    ],
    ["case 47: a prefill", { messages: [...HELLO.messages, { role: "assistant", content: "{" }] }, ["prefill messages.1"]],
    [
      "a conversation that the assistant begins",
      { messages: [{ role: "assistant", content: "a" }, ...HELLO.messages] },
      ["assistant_first messages.0"],
    ],
    [
      "contents",
      {
        messages: [
          {
            role: "user",
            content: [
              { type: "image", source: { type: "url", url: "u" } },
              { type: "document", source: { type: "file", file_id: "f" }, citations: { enabled: true } },
              { type: "hologram" },
            ],
          },
        ],
      },
      [
        "image_address messages.0.content.0",
        "citations messages.0.content.1.citations",
        "provider_file messages.0.content.1",
        "unknown_part messages.0.content.2 hologram",
      ],
    ],
    [
      "case 36: images in results, and that a tool failed",
      {
        messages: [
          ...HELLO.messages,
          { role: "assistant", content: [use("1")] },
          {
            role: "user",
            content: [
              gave("1", [{ type: "image", source: { type: "base64", media_type: "image/png", data: "aGk=" } }], { is_error: true }),
            ],
          },
        ],
      },
      ["failed_result messages.2.content.0.is_error", "result_image messages.2.content.0.content.0"],
    ],
  ])("%s", (_name, body, expected) => {
    expect(asked(body)).toEqual(expected);
  });

  test("case 33: no hint for Anthropic's cache reaches another", () => {
    const hinted = ask({ cache_control: { type: "ephemeral" }, betas: ["b"] });
    for (const dialect of ["chat", "responses", "gemini"] as const) {
      expect(judge(hinted, dialect, "told")).toEqual({ refused: [], dropped: ["cache_control", "betas"] });
      expect(judge(hinted, dialect, "refused").refused).toHaveLength(2);
    }
    expect(JSON.stringify({ ...hinted, asked: [] })).not.toContain("ephemeral");
  });
});
