import { describe, expect, test } from "vitest";
import { cutSchema } from "../../../../src/dialects/gemini/schema.ts";

// What stays: https://ai.google.dev/api/generate-content#FIELDS.response_json_schema

/** A schema, what is sent of it, and the keywords that are told to be lost. */
type Fact = readonly [name: string, schema: unknown, sent: unknown, ...lost: readonly string[]];

describe("a schema of JSON keeps what Gemini has a word for, and what it asks besides is told", () => {
  test.each<Fact>([
    ["none", undefined, {}],
    ["no object", ["string"], {}],
    [
      "what it has words for",
      {
        type: "object",
        title: "T",
        description: "D",
        properties: {
          a: { type: ["string", "null"], format: "date" },
          b: { type: "array", items: { type: "integer", minimum: 1, maximum: 9 }, minItems: 1, maxItems: 2 },
        },
        required: ["a"],
        additionalProperties: false,
        propertyOrdering: ["a", "b"],
      },
      {
        type: "object",
        title: "T",
        description: "D",
        properties: {
          a: { type: ["string", "null"], format: "date" },
          b: { type: "array", items: { type: "integer", minimum: 1, maximum: 9 }, minItems: 1, maxItems: 2 },
        },
        required: ["a"],
        additionalProperties: false,
        propertyOrdering: ["a", "b"],
      },
    ],
    [
      "notes for people",
      { $schema: "https://json-schema.org/draft/2020-12/schema", type: "string", default: "a", examples: ["b"], "x-order": 1 },
      { type: "string" },
    ],
    ["bounds that it has none for", { type: "string", pattern: "a+", minLength: 1 }, { type: "string" }, "pattern", "minLength"],
    [
      "properties that are called like keywords",
      { type: "object", properties: { pattern: { type: "string" }, const: { type: "string" } } },
      { type: "object", properties: { pattern: { type: "string" }, const: { type: "string" } } },
    ],
    [
      "a tuple of old",
      { type: "array", items: [{ type: "string" }, { const: 1 }] },
      { type: "array", prefixItems: [{ type: "string" }, { enum: [1] }] },
    ],
    [
      "properties of any name",
      { type: "object", additionalProperties: { type: "string", pattern: "a" } },
      { type: "object", additionalProperties: { type: "string" } },
      "pattern",
    ],
    [
      "names by a pattern",
      { type: "object", patternProperties: { "^a": {} }, propertyNames: {} },
      { type: "object" },
      "patternProperties",
      "propertyNames",
    ],
  ])("%s", (_name, schema, sent, ...lost) => {
    expect(cutSchema(schema)).toEqual({ schema: sent, lost: new Set(lost) });
  });
});

describe("$ref, const, null, oneOf and allOf reach Gemini as far as it has them", () => {
  test.each<Fact>([
    ["const", { const: "a" }, { enum: ["a"] }],
    ["a number", { type: "integer", const: 7 }, { type: "integer", enum: [7] }],
    ["null", { const: null }, { type: "null" }],
    ["a truth", { const: true }, { type: "boolean" }, "const"],
    ["a list that may be null", { enum: ["a", null] }, { enum: ["a"] }],
    ["a list of texts, or null by its type", { type: ["string", "null"], enum: ["a", null] }, { type: ["string", "null"], enum: ["a"] }],
    ["a list of truths", { type: "boolean", enum: [true] }, { type: "boolean" }, "enum"],
    ["one of several", { oneOf: [{ type: "string" }, { type: "null" }] }, { oneOf: [{ type: "string" }, { type: "null" }] }],
    [
      "any of several",
      { anyOf: [{ const: 1 }, { type: "string", maxLength: 3 }] },
      { anyOf: [{ enum: [1] }, { type: "string" }] },
      "maxLength",
    ],
    ["a reference, beside which nothing stands", { $ref: "#/$defs/City", description: "Where." }, { $ref: "#/$defs/City" }],
    [
      "definitions of old",
      { $ref: "#/definitions/City", definitions: { City: { type: "object", properties: { inside: { $ref: "#/definitions/City" } } } } },
      { $ref: "#/$defs/City", $defs: { City: { type: "object", properties: { inside: { $ref: "#/$defs/City" } } } } },
    ],
    ["all of one", { description: "Where.", allOf: [{ $ref: "#/$defs/City" }] }, { $ref: "#/$defs/City" }],
    [
      "all of several",
      {
        type: "object",
        properties: { a: { type: "string" } },
        required: ["a"],
        allOf: [{ properties: { b: { type: "string" } }, required: ["b"] }],
      },
      { type: "object", properties: { a: { type: "string" }, b: { type: "string" } }, required: ["a", "b"] },
    ],
    ["all of a reference among others", { allOf: [{ $ref: "#/$defs/A" }, { type: "object" }] }, { type: "object" }, "allOf"],
  ])("%s", (_name, schema, sent, ...lost) => {
    expect(cutSchema(schema)).toEqual({ schema: sent, lost: new Set(lost) });
  });

  test("a schema that is nested deeper than anybody's ends in anything", () => {
    let schema: object = { type: "string" };
    for (let depth = 0; depth < 5_000; depth += 1) schema = { items: schema };
    expect(JSON.stringify(cutSchema(schema).schema)).toHaveLength(65 * `{"items":}`.length + "{}".length);
  });
});
