import { isObject, objectOf } from "../../core/json/foreign-json.ts";
import type { Ask, Tool } from "../conversation.ts";
import { freeformSchema } from "../freeform.ts";
import type { ToolNames } from "../writing/tool-names.ts";
import { cutSchema } from "./schema.ts";

/** A function that the model may call. */
export interface Declaration {
  readonly name: string;
  readonly description?: string;
  readonly parametersJsonSchema?: unknown;
}

/** A request's tools in Gemini's words. */
export interface WrittenTools {
  readonly tools: readonly object[] | undefined;
  readonly toolConfig: object | undefined;
  /** The keywords of schemas that were taken out. */
  readonly lost: ReadonlySet<string>;
}

/** Writes the tools and which of them may be called. `answer`: one more, which answers where none of the others is called. */
export function writeTools(ask: Ask, names: ToolNames, answer: Declaration | undefined): WrittenTools {
  const lost = new Set<string>();
  const declared = ask.tools.map((tool) => declarationOf(tool, names, lost));
  const all = answer === undefined ? declared : [...declared, answer];
  if (all.length === 0) return { tools: undefined, toolConfig: undefined, lost };
  return { tools: [{ functionDeclarations: all }], toolConfig: toolConfigOf(ask, names, answer), lost };
}

/** A declaration with a schema that Gemini takes. */
export function declaration({ name, description, schema }: Pick<Tool, "name" | "description" | "schema">): Declaration {
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(takesNothing(schema) ? {} : { parametersJsonSchema: schema }),
  };
}

function declarationOf(tool: Tool, names: ToolNames, lost: Set<string>): Declaration {
  const cut = cutSchema(tool.takes === "freeform" ? freeformSchema(tool.grammar) : tool.schema);
  for (const keyword of cut.lost) lost.add(keyword);
  return declaration({ name: names.upstream(tool.name), description: tool.description, schema: cut.schema });
}

/** A function without parameters has no schema: one of an object without properties was refused by older models. */
function takesNothing(schema: unknown): boolean {
  if (!isObject(schema)) return true;
  const { type, properties, ...more } = schema;
  const isEmpty = Object.keys(objectOf(properties)).length === 0;
  return isEmpty && (type === undefined || type === "object") && !["$ref", "anyOf", "oneOf"].some((key) => key in more) && !isOpen(more);
}

function isOpen({ additionalProperties }: Readonly<Record<string, unknown>>): boolean {
  return additionalProperties !== undefined && additionalProperties !== false;
}

/** https://ai.google.dev/api/caching#FunctionCallingConfig: names may only be given where it is ANY (a call) or VALIDATED (a call or words). */
function toolConfigOf({ toolChoice, allowedTools }: Ask, names: ToolNames, answer: Declaration | undefined): object | undefined {
  const allowed = allowedTools?.map((name) => names.upstream(name));
  if (answer !== undefined) return calling("ANY", allowed === undefined ? undefined : [...allowed, answer.name]);
  if (toolChoice === undefined && allowed === undefined) return undefined;
  if (toolChoice === "none") return calling("NONE", undefined);
  if (typeof toolChoice === "object") return calling("ANY", [names.upstream(toolChoice.tool)]);
  if (toolChoice === "required") return calling("ANY", allowed);
  return calling(allowed === undefined ? "AUTO" : "VALIDATED", allowed);
}

function calling(mode: "AUTO" | "NONE" | "ANY" | "VALIDATED", allowedFunctionNames: readonly string[] | undefined): object {
  return { functionCallingConfig: allowedFunctionNames === undefined ? { mode } : { mode, allowedFunctionNames } };
}
