import { describe, expect, test } from "vitest";
import type { Ask, Format, ToolChoice } from "../../../../src/dialects/conversation.ts";
import { HELLO, toolNamed, writtenForGemini } from "../../../support/gemini-asks.ts";

const CITY = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const TOOLS = [toolNamed("get_weather", CITY), toolNamed("get_time")];

/** How functions are to be called: the mode, and which of them. */
function calling(asked: Partial<Ask>, model?: string): unknown {
  return writtenForGemini({ tools: TOOLS, ...asked }, model).body["toolConfig"];
}

function mode(word: string, ...allowedFunctionNames: readonly string[]): object {
  return { functionCallingConfig: { mode: word, ...(allowedFunctionNames.length === 0 ? {} : { allowedFunctionNames }) } };
}

describe("functions", () => {
  test("are declared with JSON schemas, those without parameters with none", () => {
    const tools = [
      { ...toolNamed("get_weather", CITY), description: "Weather." },
      toolNamed("a", {}),
      toolNamed("b", { type: "object", properties: {} }),
    ];
    expect(writtenForGemini({ tools }).body["tools"]).toEqual([
      {
        functionDeclarations: [{ name: "get_weather", description: "Weather.", parametersJsonSchema: CITY }, { name: "a" }, { name: "b" }],
      },
    ]);
  });

  test.each([{ type: "object", additionalProperties: true }, { anyOf: [{ type: "object" }] }, { $ref: "#/$defs/A" }])(
    "that take something unnamed keep their schema: %j",
    (schema) => {
      const { body } = writtenForGemini({ tools: [toolNamed("f", schema)] });
      expect(body["tools"]).toEqual([{ functionDeclarations: [{ name: "f", parametersJsonSchema: schema }] }]);
    },
  );

  test("that lose a keyword are told once for all of them", () => {
    const schema = { type: "object", properties: { a: { type: "string", pattern: "a" } } };
    expect(writtenForGemini({ tools: [toolNamed("f", schema), toolNamed("g", schema)] }).adapted).toEqual(["schema.pattern"]);
  });

  test("are none where none are declared, and nobody is told to call one", () => {
    const { body } = writtenForGemini({ tools: [], toolChoice: "auto" });
    expect([body["tools"], body["toolConfig"]]).toEqual([undefined, undefined]);
  });

  test("that take plain text take it in an object, with its grammar for the model to read", () => {
    const grammar = { syntax: "lark", definition: 'start: "a"' };
    const patch = { ...toolNamed("apply_patch"), takes: "freeform" as const, grammar };
    const call = { kind: "call", id: "c1", name: "apply_patch", args: "*** Begin\n", seal: undefined, takes: "freeform" } as const;
    const { body, adapted, changed } = writtenForGemini({
      tools: [patch],
      turns: [HELLO, { role: "assistant", parts: [call] }],
      asked: [{ feature: "freeform_tool", param: "tools.0" }],
    });
    expect(body["tools"]).toEqual([
      {
        functionDeclarations: [
          {
            name: "apply_patch",
            parametersJsonSchema: {
              type: "object",
              properties: { input: { type: "string", description: expect.stringContaining('start: "a"') } },
              required: ["input"],
              additionalProperties: false,
            },
          },
        ],
      },
    ]);
    expect(JSON.stringify(body["contents"])).toContain(JSON.stringify({ input: "*** Begin\n" }));
    expect(adapted).toEqual(["tools.0"]);
    expect(changed?.freeformTools).toEqual(new Set(["apply_patch"]));
  });
});

describe("case 35: whether functions are called, in Gemini's words", () => {
  test.each<[string, ToolChoice | undefined, object | undefined]>([
    ["nothing said", undefined, undefined],
    ["auto", "auto", mode("AUTO")],
    ["none", "none", mode("NONE")],
    ["required", "required", mode("ANY")],
    ["one of them", { tool: "get_time" }, mode("ANY", "get_time")],
  ])("%s", (_name, toolChoice, config) => {
    expect(calling({ toolChoice })).toEqual(config);
  });

  test("that they come one at a time Gemini cannot be told: nothing of it is sent", () => {
    const { body } = writtenForGemini({ tools: TOOLS, parallelCalls: false });
    expect(Object.keys(body)).toEqual(["contents", "tools"]);
  });
});

describe("case 58: only some of the functions may be called, all stay declared", () => {
  test.each<[string, ToolChoice | undefined, object]>([
    ["a call or words", undefined, mode("VALIDATED", "get_time")],
    ["a call or words, said", "auto", mode("VALIDATED", "get_time")],
    ["a call", "required", mode("ANY", "get_time")],
    ["none", "none", mode("NONE")],
  ])("%s", (_name, toolChoice, config) => {
    const { body } = writtenForGemini({ tools: TOOLS, allowedTools: ["get_time"], toolChoice });
    expect(body["toolConfig"]).toEqual(config);
    expect(body["tools"]).toEqual([{ functionDeclarations: [{ name: "get_weather", parametersJsonSchema: CITY }, { name: "get_time" }] }]);
  });
});

describe("case 55: names that Gemini refuses are lawful ones, wherever they stand", () => {
  const long = `mcp__${"a".repeat(60)}__read`;
  const turns: Ask["turns"] = [
    HELLO,
    { role: "assistant", parts: [{ kind: "call", id: "c1", name: long, args: "{}", seal: undefined }] },
    { role: "user", parts: [{ kind: "result", callId: "c1", parts: [], failed: false }] },
  ];

  test("and are told, and changed back in the answer", () => {
    const { body, adapted, changed } = writtenForGemini({
      tools: [toolNamed("b"), toolNamed(long)],
      toolChoice: { tool: long },
      allowedTools: [long],
      turns,
    });
    const [name = ""] = changed?.toolNames.keys() ?? [];
    expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/);
    expect(changed?.toolNames.get(name)).toBe(long);
    expect(adapted).toEqual(["tools.1.name"]);
    expect(body["toolConfig"]).toEqual(mode("ANY", name));
    expect(JSON.stringify(body)).not.toContain(long);
    expect(JSON.stringify(body).split(`"${name}"`)).toHaveLength(5);
  });

  test.each(["1st", "with space", "naïve", "", "日本"])("%j", (name) => {
    const { changed } = writtenForGemini({ tools: [toolNamed(name)] });
    expect([...(changed?.toolNames ?? [])]).toEqual([[expect.stringMatching(/^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/), name]]);
  });

  test.each(["a", "_a", "a.b:c-d", "a".repeat(64)])("%j is lawful as it is", (name) => {
    expect(writtenForGemini({ tools: [toolNamed(name)] }).changed).toBeUndefined();
  });
});

describe("case 61: an answer by a schema and functions at once", () => {
  const schema = { type: "object", properties: { celsius: { type: "number" } } };
  const format: Format = { kind: "schema", name: "weather", description: "In Celsius.", schema, strict: true };
  const native = { responseMimeType: "application/json", responseJsonSchema: schema };
  const asked = [{ feature: "json_schema", param: "response_format" }] as const;

  test("models of the third generation do both, older ones one of them", () => {
    const both = writtenForGemini({ format, tools: TOOLS, asked });
    expect([both.body["generationConfig"], both.body["toolConfig"], both.adapted]).toEqual([native, undefined, []]);
    expect(writtenForGemini({ format, asked }, "gemini-2.5-flash").body["generationConfig"]).toEqual(native);
  });

  test("an older one answers with a function that has the schema, where it calls none of the others", () => {
    const { body, adapted, changed } = writtenForGemini({ format, tools: TOOLS, asked }, "gemini-2.5-flash");
    expect(body["generationConfig"]).toBeUndefined();
    expect(body["toolConfig"]).toEqual(mode("ANY"));
    expect(body["tools"]).toEqual([
      {
        functionDeclarations: [
          { name: "get_weather", parametersJsonSchema: CITY },
          { name: "get_time" },
          { name: "json", description: expect.stringMatching(/arguments are the answer.*In Celsius\./), parametersJsonSchema: schema },
        ],
      },
    ]);
    expect(changed?.answerTool).toBe("json");
    expect(adapted).toEqual(["response_format"]);
  });

  test("that function is called as no other is, and may be called where only some may", () => {
    const tools = [toolNamed("json"), toolNamed("json_")];
    const { body, changed } = writtenForGemini({ format, tools, allowedTools: ["json"], asked }, "gemini-2.5-flash");
    expect(changed?.answerTool).toBe("json__");
    expect(body["toolConfig"]).toEqual(mode("ANY", "json", "json__"));
  });

  test.each<[string, ToolChoice, object]>([
    ["another has to be called", "required", mode("ANY")],
    ["a certain one has to be called", { tool: "get_time" }, mode("ANY", "get_time")],
  ])("where %s there is no answer yet", (_name, toolChoice, config) => {
    const { body, adapted, changed } = writtenForGemini({ format, tools: TOOLS, toolChoice, asked }, "gemini-2.5-flash");
    expect([body["toolConfig"], body["generationConfig"], changed?.answerTool, adapted]).toEqual([
      config,
      undefined,
      undefined,
      ["response_format"],
    ]);
  });

  test("where none may be called they are left out, and the answer is by the schema", () => {
    const { body, adapted } = writtenForGemini({ format, tools: TOOLS, toolChoice: "none", asked }, "gemini-2.5-flash");
    expect([body["tools"], body["toolConfig"], body["generationConfig"], adapted]).toEqual([undefined, undefined, native, []]);
  });

  test("JSON of any shape the conversation has to ask for", () => {
    const any = { format: { kind: "json" }, asked: [{ feature: "json_object", param: "response_format" }] } as const;
    const { body, adapted } = writtenForGemini({ ...any, tools: TOOLS }, "gemini-2.5-flash");
    expect([body["toolConfig"], body["generationConfig"], adapted]).toEqual([undefined, undefined, ["response_format"]]);
    expect(writtenForGemini(any).body["generationConfig"]).toEqual({ responseMimeType: "application/json" });
  });
});
