import { describe, expect, test } from "vitest";
import { jsonMembers } from "../../../../src/core/json/json-members.ts";
import type { Ask } from "../../../../src/dialects/conversation.ts";
import type { DialectId } from "../../../../src/dialects/dialect.ts";
import { judge } from "../../../../src/dialects/losses.ts";
import { responses } from "../../../../src/dialects/responses/index.ts";

type Members = Readonly<Record<string, unknown>>;

function read(request: Members): ReturnType<typeof responses.readAsk> {
  const members = jsonMembers(new TextEncoder().encode(JSON.stringify({ model: "m", ...request })));
  if (!members.ok) throw new Error("a request is JSON");
  return responses.readAsk(members.value);
}

function ask(request: Members): Ask {
  const answer = read({ input: "Hi", ...request });
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
}

/** What a request asks for, each as `feature at place`, and by what name. */
function asked(request: Members): readonly string[] {
  return ask(request).asked.map(({ feature, param, called }) => `${feature} at ${param}${called === undefined ? "" : ` (${called})`}`);
}

/** Why a target of a dialect is not asked. */
function refusals(request: Members, to: DialectId = "messages"): readonly string[] {
  return judge(ask(request), to, "told").refused.map(({ message }) => message);
}

const user = (text: string) => ({ role: "user", content: text });
const call = (id: string, name = "f") => ({ type: "function_call", call_id: id, name, arguments: '{"a":1}' });
const output = (id: string, text = "ok") => ({ type: "function_call_output", call_id: id, output: text });
const textPart = (text: string) => ({ kind: "text", text });
const callPart = (id: string, name = "f") => ({ kind: "call", id, name, args: '{"a":1}', seal: undefined });
const resultPart = (callId: string, text = "ok") => ({ kind: "result", callId, parts: [textPart(text)], failed: false });

describe("what a request asks for", () => {
  test.each<[string, Members, readonly string[]]>([
    [
      "Codex's own settings, all at their defaults",
      {
        store: false,
        stream: true,
        tool_choice: "auto",
        parallel_tool_calls: true,
        include: ["reasoning.encrypted_content"],
        truncation: "disabled",
      },
      [],
    ],
    [
      "nothing where it says null",
      { instructions: null, tools: null, text: null, reasoning: null, metadata: null, user: null, background: null },
      [],
    ],
    [
      "default formats",
      { text: { format: { type: "text" }, verbosity: "medium" }, service_tier: "auto", top_logprobs: 0, metadata: {} },
      [],
    ],
    [
      "limits",
      { max_output_tokens: 9, temperature: 1, top_p: 0.5 },
      ["max_output_tokens at max_output_tokens", "temperature at temperature", "top_p at top_p"],
    ],
    ["reasoning", { reasoning: { effort: "high", summary: "auto" } }, ["thinking at reasoning"]],
    [
      "formats",
      { text: { format: { type: "json_object" }, verbosity: "low" } },
      ["verbosity at text.verbosity", "json_object at text.format"],
    ],
    ["probabilities", { include: ["message.output_text.logprobs"], top_logprobs: 2 }, ["logprobs at top_logprobs", "logprobs at include"]],
    [
      "who asks",
      { safety_identifier: "s", user: "u", metadata: { a: "b" }, service_tier: "flex", prompt_cache_key: "k" },
      ["service_tier at service_tier", "end_user at safety_identifier", "metadata at metadata", "prompt_cache_key at prompt_cache_key"],
    ],
    [
      "what nobody knows",
      { shininess: 3, reasoning: { mode: "pro" } },
      ["unknown_member at shininess", "unknown_member at reasoning.mode"],
    ],
    ["calls one at a time", { parallel_tool_calls: false }, ["parallel_calls at parallel_tool_calls"]],
    ["that the conversation is cut", { truncation: "auto" }, ["truncation at truncation"]],
    ["that it is cached longer", { prompt_cache_retention: "24h" }, ["cache_hint at prompt_cache_retention"]],
    [
      "strict tools, and what programs of the provider's call",
      { tools: [{ type: "function", name: "f", parameters: {}, strict: true, defer_loading: true, allowed_callers: null }] },
      ["tool_strict at tools.0.strict", "unknown_member at tools.0.defer_loading"],
    ],
    [
      "pictures and files, where they stand",
      {
        input: [
          {
            role: "user",
            content: [
              { type: "input_image", image_url: "https://a.example/b.png", detail: "low" },
              { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,QUJD" },
              { type: "input_file", file_id: "file_1" },
              { type: "input_audio", input_audio: { data: "QUJD", format: "wav" } },
            ],
          },
        ],
      },
      [
        "image at input.0.content.0",
        "image_detail at input.0.content.0.detail",
        "image_address at input.0.content.0.image_url",
        "document at input.0.content.1",
        "document at input.0.content.2",
        "provider_file at input.0.content.2.file_id",
        "audio_input at input.0.content.3",
      ],
    ],
  ])("%s", (_name, request, expected) => {
    expect(asked(request)).toEqual(expected);
  });

  test("a summary of thoughts shows them, an effort of none turns them off", () => {
    expect(ask({ reasoning: { effort: "low", summary: "detailed" } }).thinking).toEqual({ kind: "on", effort: "low", shown: true });
    expect(ask({ reasoning: { effort: "minimal" } }).thinking).toEqual({ kind: "on", effort: "minimal", shown: false });
    expect(ask({ reasoning: { effort: "none" } }).thinking).toEqual({ kind: "off" });
  });

  test("an answer by a schema", () => {
    const format = { type: "json_schema", name: "n", description: "d", schema: { type: "object" }, strict: true };
    expect(ask({ text: { format } }).format).toEqual({
      kind: "schema",
      name: "n",
      description: "d",
      schema: { type: "object" },
      strict: true,
    });
  });

  test("a key named like a prototype is a member like any other", () => {
    const members = jsonMembers(new TextEncoder().encode('{"model":"m","input":"Hi","__proto__":{"tools":[1]}}'));
    const answer = members.ok ? responses.readAsk(members.value) : undefined;
    expect(answer?.ok === true && answer.value.asked).toEqual([{ feature: "unknown_member", param: "__proto__" }]);
  });
});

describe("the conversation", () => {
  test("items of one side are one turn, empty texts none", () => {
    const input = [
      user("a"),
      {
        type: "message",
        role: "user",
        content: [
          { type: "input_text", text: "" },
          { type: "input_text", text: "b" },
        ],
      },
    ];
    expect(ask({ input }).turns).toEqual([{ role: "user", parts: [textPart("a"), textPart("b")] }]);
  });

  test("the system speaks first, in the middle and as a developer, each in its place (case 20)", () => {
    const input = [
      { role: "developer", content: "Be kind." },
      user("a"),
      { role: "assistant", content: [{ type: "output_text", text: "b" }] },
      { role: "system", content: [{ type: "input_text", text: "Be brief." }] },
      user("c"),
    ];
    const { system, turns, asked: features } = ask({ instructions: "You are it.", input });
    expect(system).toEqual([
      { text: "You are it.", afterTurns: 0 },
      { text: "Be kind.", afterTurns: 0 },
      { text: "Be brief.", afterTurns: 2 },
    ]);
    expect(turns.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
    expect(features).toEqual([{ feature: "system_inside", param: "input.3" }]);
  });

  test("nothing of the system's comes between calls and their outputs", () => {
    const input = [user("a"), call("1"), { role: "developer", content: "Careful." }, output("1")];
    expect(ask({ input }).system).toEqual([{ text: "Careful.", afterTurns: 3 }]);
  });

  test("outputs stand before words and in the order of their calls, wherever they came (case 37)", () => {
    const input = [user("a"), call("1"), call("2"), user("and?"), output("2", "two"), output("1", "one")];
    expect(ask({ input }).turns).toEqual([
      { role: "user", parts: [textPart("a")] },
      { role: "assistant", parts: [callPart("1"), callPart("2")] },
      { role: "user", parts: [resultPart("1", "one"), resultPart("2", "two"), textPart("and?")] },
    ]);
  });

  test("thoughts between words stay where they were thought (case 59)", () => {
    const thought = (n: string) => ({ type: "reasoning", summary: [{ type: "summary_text", text: n }], encrypted_content: `gAAA${n}` });
    const said = (text: string) => ({ type: "message", role: "assistant", content: [{ type: "output_text", text }] });
    const { turns } = ask({ input: [user("a"), thought("1"), said("x"), thought("2"), said("y"), user("b")] });
    const seal = (value: string) => ({ dialect: "responses", kind: "cipher", value });
    expect(turns[1]?.parts).toEqual([
      { kind: "thought", text: "1", seal: seal("gAAA1") },
      textPart("x"),
      { kind: "thought", text: "2", seal: seal("gAAA2") },
      textPart("y"),
    ]);
  });

  test.each<[string, Members, unknown]>([
    [
      "OpenAI's own",
      { summary: [], encrypted_content: "gAAAAAB" },
      { kind: "thought", text: "", seal: { dialect: "responses", kind: "cipher", value: "gAAAAAB" } },
    ],
    [
      "another's, by its tag",
      { summary: [{ text: "so" }], encrypted_content: "to11.messages.proof.EqQ=" },
      { kind: "thought", text: "so", seal: { dialect: "messages", kind: "proof", value: "EqQ=" } },
    ],
    [
      "none, though the client needed one",
      { summary: [{ text: "so" }], encrypted_content: "to11.none.proof." },
      { kind: "thought", text: "so" },
    ],
    ["none at all", { summary: [{ text: "a" }, { text: "b" }] }, { kind: "thought", text: "a\n\nb" }],
    [
      "a thought that is told itself",
      { summary: [], content: [{ type: "reasoning_text", text: "raw" }] },
      { kind: "thought", text: "raw" },
    ],
  ])("the seal of a thought: %s (case 6)", (_name, item, expected) => {
    const input = [user("a"), { type: "reasoning", ...item }, { role: "assistant", content: "x" }, user("b")];
    expect(ask({ input }).turns[1]?.parts[0]).toEqual(expected);
  });

  test("a call's own seal, said in an item before it, is that call's again", () => {
    const sealed = { type: "reasoning", summary: [], encrypted_content: "to11.gemini.proof.call.CiQB" };
    const { turns } = ask({ input: [user("a"), sealed, call("1"), call("2"), output("1"), output("2")] });
    const seal = { dialect: "gemini", kind: "proof", value: "CiQB" };
    expect(turns[1]?.parts).toEqual([{ ...callPart("1"), seal }, callPart("2")]);
  });

  test("a picture in an output is carried with it", () => {
    const image = { type: "input_image", image_url: "data:image/jpg;base64,QUJD" };
    const input = [
      user("a"),
      call("1"),
      { type: "function_call_output", call_id: "1", output: [{ type: "input_text", text: "see" }, image] },
    ];
    const { turns, asked: features } = ask({ input });
    expect(turns[2]?.parts).toEqual([
      {
        kind: "result",
        callId: "1",
        parts: [textPart("see"), { kind: "image", source: { at: "here", mediaType: "image/jpeg", base64: "QUJD" } }],
        failed: false,
      },
    ]);
    expect(features).toEqual([{ feature: "result_image", param: "input.2.output.1" }]);
  });

  test("a freeform tool was called with plain text (case 60)", () => {
    const tools = [{ type: "custom", name: "patch", format: { type: "grammar", syntax: "lark", definition: "start: /.+/" } }];
    const input = [
      user("a"),
      { type: "custom_tool_call", call_id: "1", name: "patch", input: "*** Begin" },
      { type: "custom_tool_call_output", call_id: "1", output: "done" },
    ];
    const { tools: read, turns, asked: features } = ask({ tools, input });
    expect(read).toEqual([{ name: "patch", takes: "freeform", grammar: { syntax: "lark", definition: "start: /.+/" } }]);
    expect(turns[1]?.parts).toEqual([{ kind: "call", id: "1", name: "patch", args: "*** Begin", takes: "freeform" }]);
    expect(features.map(({ feature, param }) => `${feature} at ${param}`)).toEqual([
      "freeform_tool at tools.0",
      "freeform_grammar at tools.0.format",
    ]);
  });

  test("a megabyte of a picture is moved, not decoded (case 62)", () => {
    const base64 = "QUJD".repeat(262_144);
    const input = [{ role: "user", content: [{ type: "input_image", image_url: `data:image/png;base64,${base64}` }] }];
    const [part] = ask({ input }).turns[0]?.parts ?? [];
    expect(part?.kind === "image" && part.source.at === "here" && part.source.base64 === base64).toBe(true);
  });
});

describe("which tools are to be called (case 35)", () => {
  const tools = [
    { type: "function", name: "f", parameters: { type: "object" } },
    { type: "custom", name: "g" },
  ];
  test.each<[unknown, unknown, unknown]>([
    ["auto", "auto", undefined],
    ["none", "none", undefined],
    ["required", "required", undefined],
    [undefined, undefined, undefined],
    [{ type: "function", name: "f" }, { tool: "f" }, undefined],
    [{ type: "custom", name: "g" }, { tool: "g" }, undefined],
    // Case 58.
    [{ type: "allowed_tools", mode: "required", tools: [{ type: "function", name: "f" }] }, "required", ["f"]],
    [{ type: "allowed_tools", tools: [{ type: "custom", name: "g" }] }, "auto", ["g"]],
  ])("%j", (choice, toolChoice, allowedTools) => {
    const read = ask({ tools, tool_choice: choice });
    expect([read.toolChoice, read.allowedTools]).toEqual([toolChoice, allowedTools]);
  });
});

describe("what lies with the provider or is run by it is refused by its name (cases 23, 46, 60)", () => {
  const hosted = (name: string, place: string): string =>
    `a tool that the provider runs (${name}, ${place}) cannot be put to a target that speaks messages; leave it out, or name a target whose provider has it`;
  const lies = (place: string): string =>
    `a conversation that lies with the provider (${place}) cannot be put to a target that speaks messages; send its items, and store: false`;
  const unknown = (name: string, place: string): string =>
    `a content that is not known here (${name}, ${place}) cannot be put to a target that speaks messages`;
  test.each<[string, Members, readonly string[]]>([
    [
      "previous_response_id, with outputs of calls that are not here",
      { previous_response_id: "resp_1", input: [output("1")] },
      [lies("previous_response_id")],
    ],
    ["a conversation", { conversation: "conv_1" }, [lies("conversation")]],
    ["a stored prompt, with no input", { prompt: { id: "p" }, input: null }, [lies("prompt")]],
    ["background", { background: true }, [lies("background")]],
    ["an item by its id alone", { input: [user("a"), { id: "msg_1" }] }, [lies("item_reference, input.1")]],
    ["a compacted conversation", { input: [{ type: "compaction", encrypted_content: "g" }, user("a")] }, [lies("compaction, input.0")]],
    ["web_search", { tools: [{ type: "web_search" }] }, [hosted("web_search", "tools.0")]],
    ["mcp", { tools: [{ type: "mcp", server_label: "s" }] }, [hosted("mcp", "tools.0")]],
    ["tools of a namespace", { tools: [{ type: "namespace", name: "n", tools: [] }] }, [hosted("namespace", "tools.0")]],
    ["the choice of one", { tool_choice: { type: "file_search" } }, [hosted("file_search", "tool_choice")]],
    ["what one said", { input: [user("a"), { type: "local_shell_call", id: "l" }] }, [hosted("local_shell_call", "input.1")]],
    ["Codex's additional tools", { input: [{ type: "additional_tools", tools: [] }, user("a")] }, [unknown("additional_tools", "input.0")]],
    ["Codex's message of an agent", { input: [{ type: "agent_message" }, user("a")] }, [unknown("agent_message", "input.0")]],
    [
      "a call in a namespace",
      { input: [user("a"), { ...call("1"), namespace: "n" }, output("1")] },
      [unknown("function_call with a namespace", "input.1")],
    ],
    [
      "a moderation that the provider runs",
      { moderation: { model: "m" } },
      [hosted("moderation", "moderation").replace("moderation, ", "")],
    ],
  ])("%s", (_name, request, expected) => {
    expect(refusals(request)).toEqual(expected);
  });

  test("whether it is stored changes nothing: nothing is", () => {
    expect(asked({ store: true })).toEqual([]);
  });
});

describe("what is of a wrong shape is told with its place", () => {
  test.each<[string, Members, string]>([
    ["input", {}, "input says nothing: it has at least one message with a content"],
    ["input", { input: 7 }, "input is neither a text nor a list of items"],
    ["input.0", { input: ["a"] }, 'input.0 is no item: one is an object, such as {"role": "user", "content": "…"}'],
    [
      "input.0.type",
      { input: [{ content: "a" }] },
      "input.0.type is missing: an item says what it is, such as message, function_call, function_call_output",
    ],
    ["input.0.role", { input: [{ role: "robot", content: "a" }] }, "input.0.role is none of user, assistant, system, developer"],
    ["input.0.content", { input: [{ role: "user", content: 7 }] }, "input.0.content is neither a text nor a list of parts"],
    [
      "input.0.content.0",
      { input: [{ role: "user", content: [7] }] },
      'input.0.content.0 is no part: one is an object with a type, such as {"type": "text", "text": "…"}',
    ],
    ["input.0", { input: [output("9"), user("a")] }, "input.0 is the result of 9, which was not called before it"],
    ["input.1", { input: [user("a"), call("1")] }, "input.1 is a call (1) without a result, which follows it and names it"],
    ["input.3", { input: [user("a"), call("1"), output("1"), output("1")] }, "input.3 is another result of 1; a call has one"],
    ["input.0.name", { input: [{ type: "function_call", call_id: "1" }] }, "input.0.name is missing: a call names its tool"],
    ["tools", { input: "a", tools: {} }, "tools is no list"],
    // Case 57: a type left empty is one of Anthropic's; here it says which tool it is.
    [
      "tools.0",
      { input: "a", tools: [{ type: "", name: "f" }] },
      'tools.0 is no tool: one is {"type": "function", "name": "…", "parameters": {…}}',
    ],
    [
      "tools.0.name",
      { input: "a", tools: [{ type: "function", function: { name: "f" } }] },
      "tools.0.name is missing: the name stands beside the type here, in no function",
    ],
    [
      "tool_choice",
      { input: "a", tool_choice: { type: "function" } },
      'tool_choice is none of auto, none, required, {"type": "function", "name": "…"}',
    ],
    ["temperature", { input: "a", temperature: "hot" }, "temperature is no number"],
    ["text.format.type", { input: "a", text: { format: { type: "xml" } } }, "text.format.type is none of text, json_schema, json_object"],
    ["instructions", { input: "a", instructions: ["b"] }, "instructions is no text"],
  ])("%s of %j", (param, request, message) => {
    expect(read(request)).toEqual({ ok: false, error: { param, message } });
  });
});
