import { isObject, parseForeign } from "../core/json/foreign-json.ts";

/** The form of the text that a tool takes: `{ syntax: "lark", definition: "start: …" }`. */
export interface Grammar {
  readonly syntax: string;
  readonly definition: string;
}

/** The schema of a tool that takes plain text, for dialects whose tools take JSON: one string. Nobody enforces its grammar there; the model is told it. */
export function freeformSchema(grammar: Grammar | undefined): object {
  const told = grammar === undefined ? {} : { description: `Plain text by this ${grammar.syntax} grammar:\n${grammar.definition}` };
  return { type: "object", properties: { input: { type: "string", ...told } }, required: ["input"], additionalProperties: false };
}

/** The text of such a tool as the arguments of one that takes JSON. */
export function wrapFreeform(text: string): Readonly<Record<string, string>> {
  return { input: text };
}

/** The text that arguments hold: their `input`, or the only string there is where the model named it otherwise; what is no such object is the text itself. */
export function unwrapFreeform(args: string): string {
  const value = parseForeign(args);
  if (typeof value === "string") return value;
  if (!isObject(value)) return args;
  if (typeof value["input"] === "string") return value["input"];
  const [first, ...others] = Object.values(value);
  return typeof first === "string" && others.length === 0 ? first : args;
}
