import { expect, test } from "vitest";
import * as z from "zod";
import { sampleOf } from "../../../src/simulator/sample-json.ts";

const tree = z.object({
  name: z.string(),
  get children() {
    return z.array(tree);
  },
  get parent() {
    return z.optional(tree);
  },
});

test.each([
  ["strings of a length", z.object({ short: z.string().max(2), long: z.string().min(20) })],
  [
    "strings of a format",
    z.object({ when: z.iso.datetime(), day: z.iso.date(), mail: z.email(), link: z.url(), id: z.uuid(), at: z.ipv4() }),
  ],
  [
    "numbers between bounds",
    z.object({ a: z.int().min(5).max(6), b: z.number().gt(0).lt(0.25), c: z.number().min(-3).max(-2), d: z.number().gt(1) }),
  ],
  ["multiples", z.object({ a: z.int().multipleOf(7), b: z.number().multipleOf(0.25).min(3) })],
  ["literals, enums and null", z.object({ a: z.literal("x"), b: z.enum(["y", "z"]), c: z.null(), d: z.string().nullable() })],
  ["unions", z.union([z.object({ kind: z.literal("a"), size: z.int() }), z.string()])],
  ["intersections", z.intersection(z.object({ a: z.string() }), z.object({ b: z.int().min(4) }))],
  [
    "lists and tuples",
    z.object({ list: z.array(z.int()).min(3), pair: z.tuple([z.string(), z.boolean()]), none: z.array(z.string()).max(0) }),
  ],
  ["records", z.record(z.string(), z.int())],
  ["schemas that hold themselves", tree],
  ["members that may be left out", z.strictObject({ a: z.string().optional(), b: z.boolean().default(true) })],
])("a sample fits %s", (_name, schema) => {
  expect(() => schema.parse(sampleOf(z.toJSONSchema(schema)))).not.toThrow();
});

test("required members without a schema are there", () => {
  expect(sampleOf({ type: "object", required: ["a"] })).toEqual({ a: "sample" });
});

test("a schema without a finite value still comes to an end", () => {
  expect(sampleOf({ $ref: "#" })).toBeNull();
});
