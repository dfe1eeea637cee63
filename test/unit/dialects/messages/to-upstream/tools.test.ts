import { describe, expect, test } from "vitest";
import type { Ask, AskedFeature, Part } from "../../../../../src/dialects/conversation.ts";
import { assistant, BUDGETED, call, FUNCTION, refusal, result, sent, text, tool, user } from "../../../../support/messages-asks.ts";

describe("tools", () => {
  const tools = [tool("f")];

  test.each<[string, Partial<Ask>, unknown]>([
    ["case 35: auto", { toolChoice: "auto" }, { type: "auto" }],
    ["none", { toolChoice: "none" }, { type: "none" }],
    ["required", { toolChoice: "required" }, { type: "any" }],
    ["one", { toolChoice: { tool: "f" } }, { type: "tool", name: "f" }],
    ["one at a time", { parallelCalls: false }, { type: "auto", disable_parallel_tool_use: true }],
    ["required, one at a time", { toolChoice: "required", parallelCalls: false }, { type: "any", disable_parallel_tool_use: true }],
    ["several at a time, as is the default", { parallelCalls: true }, undefined],
  ])("%s", (_name, ask, choice) => {
    expect(sent({ tools, ...ask }).body["tool_choice"]).toEqual(choice);
  });

  test("without tools there is no choice", () => {
    expect(sent({ parallelCalls: false, toolChoice: "auto" }).body).not.toHaveProperty("tool_choice");
  });

  test("tools that were called and are declared no more are declared, and not to be called", () => {
    const turns = [user(text("a")), assistant(call("1")), user(result("1"))];
    expect(sent({ turns }).body).toMatchObject({ tools: [FUNCTION], tool_choice: { type: "none" } });
  });

  test("case 58: of a choice among the tools only those are sent", () => {
    expect(sent({ tools: [tool("f"), tool("g")], allowedTools: ["g"], toolChoice: "required" }).body).toMatchObject({
      tools: [{ name: "g" }],
      tool_choice: { type: "any" },
    });
  });

  test("case 55: names that are no lawful ones are changed, and changed back in the answer", () => {
    const long = "a".repeat(130);
    const turns = [user(text("a")), assistant(call("1", "get weather")), user(result("1"))];
    const { body, changed, adapted } = sent({
      turns,
      tools: [tool("get weather"), tool(long)],
      toolChoice: { tool: "get weather" },
    });
    const names = JSON.stringify(body).match(/"name":"[^"]+"/g) ?? [];
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^"name":"[a-zA-Z0-9_-]{1,128}"$/);
    expect(changed?.toolNames.get("get_weather")).toBe("get weather");
    expect([...(changed?.toolNames.values() ?? [])]).toEqual(["get weather", long]);
    expect(adapted).toEqual(["tools.0.name", "tools.1.name"]);
  });

  test.each<[string, unknown, object]>([
    ["none", undefined, { type: "object", properties: {} }],
    ["one without a type", { properties: { a: {} } }, { type: "object", properties: { a: {} } }],
    [
      "one with $ref and limits, as it is",
      { type: "object", properties: { a: { $ref: "#/$defs/a", minimum: 1 } }, $defs: { a: {} } },
      { type: "object", properties: { a: { $ref: "#/$defs/a", minimum: 1 } }, $defs: { a: {} } },
    ],
    [
      "a choice of several, which is told",
      { anyOf: [{ properties: { a: { type: "string" } }, required: ["a"] }, { properties: { b: {} } }] },
      {
        type: "object",
        properties: { a: { type: "string" }, b: {} },
        description: '{"anyOf":[{"properties":{"a":{"type":"string"}},"required":["a"]},{"properties":{"b":{}}}]}',
      },
    ],
  ])("a schema: %s", (_name, schema, expected) => {
    expect(sent({ tools: [tool("f", { schema })] }).body["tools"]).toEqual([{ name: "f", input_schema: expected }]);
  });

  test("case 60: a tool that takes plain text takes it in an object, its history too", () => {
    const grammar = { syntax: "lark", definition: "start: /.+/" };
    const patch: Part = { kind: "call", id: "1", name: "patch", args: "*** Begin", seal: undefined, takes: "freeform" };
    const { body, adapted } = sent({
      tools: [tool("patch", { takes: "freeform", schema: undefined, grammar })],
      turns: [user(text("a")), assistant(patch), user(result("1"))],
      asked: [{ feature: "freeform_tool", param: "tools.0" }],
    });
    expect(body["tools"]).toMatchObject([{ name: "patch", input_schema: { properties: { input: { type: "string" } } } }]);
    expect(body["messages"]).toMatchObject([{}, { content: [{ input: { input: "*** Begin" } }] }, {}]);
    expect(adapted).toEqual(["tools.0"]);
  });

  test("strict arguments where the model has them, within what a grammar holds", () => {
    const strict = tool("f", { strict: true, schema: { type: "object", properties: { n: { type: "integer", minimum: 1 } } } });
    const asked: readonly AskedFeature[] = [{ feature: "tool_strict", param: "tools.0.function.strict" }];
    expect(sent({ tools: [strict], asked }, BUDGETED)).toMatchObject({
      body: {
        tools: [
          {
            strict: true,
            input_schema: { additionalProperties: false, properties: { n: { type: "integer", description: '{"minimum":1}' } } },
          },
        ],
      },
      adapted: ["tools.0.schema"],
    });
    expect(sent({ tools: [strict], asked }).body["tools"]).toEqual([{ name: "f", input_schema: strict.schema }]);
    expect(sent({ tools: [strict], asked }).adapted).toEqual(["tools.0.function.strict"]);
  });

  test("of more strict tools than a request may have none is", () => {
    const many = Array.from({ length: 21 }, (_, n) => tool(`f${n}`, { strict: true }));
    expect(JSON.stringify(sent({ tools: many }, BUDGETED).body)).not.toContain("strict");
  });

  test("of tools that no grammar holds together none is strict", () => {
    const names = Array.from({ length: 17 }, (_, n) => `p${n}`);
    const nullable = Object.fromEntries(names.map((name) => [name, { type: ["string", "null"] }]));
    const tools = [tool("f", { strict: true, schema: { type: "object", properties: nullable, required: names } })];
    const asked: readonly AskedFeature[] = [{ feature: "tool_strict", param: "tools.0.strict" }];
    const { body, adapted } = sent({ tools, asked }, BUDGETED);
    expect(body["tools"]).toEqual([{ name: "f", input_schema: { type: "object", properties: nullable, required: names } }]);
    expect(adapted).toEqual(["tools.0.strict"]);
  });

  test("a model that cannot be made to call a tool is not asked to", () => {
    expect(refusal({ tools, toolChoice: "required" }, "claude-opus-5-5")).toContain(
      "tool_choice: this model cannot be made to call a tool",
    );
  });
});

describe("an answer by a schema", () => {
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: { n: { oneOf: [{ type: "integer", maximum: 9 }, { type: "null" }] }, at: { type: "string", format: "date" } },
    required: ["n"],
  };
  const format = { kind: "schema", name: "answer", description: undefined, schema, strict: true } as const;
  const asked: readonly AskedFeature[] = [{ feature: "json_schema", param: "response_format" }];

  test("by a grammar where the model has it, with what no grammar holds told", () => {
    expect(sent({ format, asked, tools: [tool("f")] }, BUDGETED)).toMatchObject({
      body: {
        output_config: {
          format: {
            type: "json_schema",
            schema: {
              type: "object",
              properties: {
                n: { anyOf: [{ type: "integer", description: '{"maximum":9}' }, { type: "null" }] },
                at: { type: "string", format: "date" },
              },
              required: ["n"],
              additionalProperties: false,
            },
          },
        },
      },
      adapted: ["response_format"],
      changed: undefined,
    });
  });

  test("by a tool where no grammar holds it", () => {
    const properties = Object.fromEntries(Array.from({ length: 25 }, (_, n) => [`p${n}`, { type: "string" }]));
    expect(sent({ format: { ...format, schema: { type: "object", properties } }, asked }, BUDGETED)).toMatchObject({
      body: { tool_choice: { type: "tool", name: "json" } },
      changed: { answerTool: "json" },
    });
  });

  test("by a tool that has to be called otherwise", () => {
    expect(sent({ format, asked })).toMatchObject({
      body: { tools: [{ name: "json", input_schema: schema }], tool_choice: { type: "tool", name: "json" } },
      adapted: ["response_format"],
      changed: { answerTool: "json" },
    });
  });

  test("case 61: with tools beside it one of them or the answer comes", () => {
    expect(sent({ format, asked, tools: [tool("json")] })).toMatchObject({
      body: { tools: [{ name: "json" }, { name: "json_" }], tool_choice: { type: "any" } },
      changed: { answerTool: "json_" },
    });
    expect(sent({ format, asked, tools: [tool("f")], toolChoice: "none" }).body["tool_choice"]).toEqual({ type: "tool", name: "json" });
    expect(sent({ format, asked, tools: [tool("f")], toolChoice: "required" })).toMatchObject({ body: { tools: [FUNCTION] } });
  });
});
