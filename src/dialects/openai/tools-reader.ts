import { arrayOf, type ForeignObject, isObject, objectOf, textOf } from "../../core/json/foreign-json.ts";
import type { Ask, Tool } from "../conversation.ts";
import type { Grammar } from "../freeform.ts";
import type { Asked } from "../reading/asked.ts";
import { noteCacheHint } from "./content-reader.ts";

/** Where the facts of a thing with a type stand: in a member of the type's name, as in chat, or beside the type, as in Responses. */
export type Facts = "inside" | "beside";

/** Types of tools that the caller runs. Every other is the provider's own, or one that only its models know. */
const CALLERS_TOOLS: ReadonlySet<unknown> = new Set(["function", "custom"]);

/** What of a function means something to the provider's own machinery alone: programs that call it, a search that finds it. */
const FOR_ITS_MODELS = ["output_schema", "allowed_callers", "defer_loading"];

const EXAMPLES: Readonly<Record<Facts, readonly [tool: string, choice: string]>> = {
  inside: ['{"type": "function", "function": {"name": "…", "parameters": {…}}}', '{"type": "function", "function": {"name": "…"}}'],
  beside: ['{"type": "function", "name": "…", "parameters": {…}}', '{"type": "function", "name": "…"}'],
};

/** The declared tools: https://platform.openai.com/docs/api-reference/chat/create and …/responses/create, `tools` */
export function readTools(tools: unknown, facts: Facts, asked: Asked): readonly Tool[] {
  return asked.list(tools, "tools").flatMap((tool, index) => readTool(tool, facts, `tools.${index}`, asked) ?? []);
}

function readTool(tool: unknown, facts: Facts, param: string, asked: Asked): Tool | undefined {
  // In chat some leave out the type, or have an empty one.
  const type = textOf(objectOf(tool)["type"]) ?? (facts === "inside" ? "function" : undefined);
  if (!isObject(tool) || type === undefined) return asked.wrong(param, `is no tool: one is ${EXAMPLES[facts][0]}`);
  noteCacheHint(tool, param, asked);
  if (!CALLERS_TOOLS.has(type)) {
    asked.feature("hosted_tool", param, type);
    return undefined;
  }
  const told = facts === "inside" ? tool[type] : tool;
  const place = facts === "inside" ? `${param}.${type}` : param;
  if (!isObject(told)) return asked.wrong(place, "is missing: name, description and parameters stand in it");
  if (type === "function") return readFunction(told, place, asked);
  asked.feature("freeform_tool", param, textOf(told["name"]));
  return readCustom(told, place, asked);
}

/** Reads a function that may be called. */
export function readFunction(called: ForeignObject, param: string, asked: Asked): Tool | undefined {
  const name = nameOf(called, param, asked);
  const isStrict = called["strict"] === true;
  if (isStrict) asked.feature("tool_strict", `${param}.strict`);
  for (const member of FOR_ITS_MODELS) if (called[member] !== false) asked.member(called[member], "unknown_member", `${param}.${member}`);
  if (name === undefined) return undefined;
  return {
    name,
    description: textOf(called["description"]),
    schema: called["parameters"] ?? undefined,
    // What is not strict is so everywhere else without a word.
    strict: isStrict ? true : undefined,
    takes: "json",
  };
}

function readCustom(custom: ForeignObject, param: string, asked: Asked): Tool | undefined {
  const name = nameOf(custom, param, asked);
  const grammar = grammarOf(objectOf(custom["format"]));
  if (grammar !== undefined) asked.feature("freeform_grammar", `${param}.format`);
  if (name === undefined) return undefined;
  const tool = { name, description: textOf(custom["description"]), schema: undefined, strict: undefined, takes: "freeform" } as const;
  return grammar === undefined ? tool : { ...tool, grammar };
}

function nameOf(called: ForeignObject, param: string, asked: Asked): string | undefined {
  const elsewhere = isObject(called["function"]) ? "the name stands beside the type here, in no function" : "a tool has a name";
  return textOf(called["name"]) ?? asked.wrong(`${param}.name`, `is missing: ${elsewhere}`);
}

/** In chat the grammar stands in a member of its own. */
function grammarOf(format: ForeignObject): Grammar | undefined {
  const { syntax, definition } = isObject(format["grammar"]) ? format["grammar"] : format;
  return format["type"] === "grammar" && typeof syntax === "string" && typeof definition === "string" ? { syntax, definition } : undefined;
}

type Choice = Pick<Ask, "toolChoice" | "allowedTools">;

/** `tool_choice`: a word, a tool, or some of those declared. */
export function readToolChoice(choice: unknown, facts: Facts, asked: Asked): Choice {
  const none: Choice = { toolChoice: undefined, allowedTools: undefined };
  if (choice === undefined || choice === null) return none;
  if (choice === "auto" || choice === "none" || choice === "required") return { ...none, toolChoice: choice };
  // Mistral's word.
  if (choice === "any") return { ...none, toolChoice: "required" };
  const told = objectOf(choice);
  const type = textOf(told["type"]);
  if (type === "allowed_tools") return readAllowed(told, facts, asked);
  const name = toolName(told, facts);
  if (name !== undefined) return { ...none, toolChoice: { tool: name } };
  if (type === undefined || CALLERS_TOOLS.has(type)) asked.wrong("tool_choice", `is none of auto, none, required, ${EXAMPLES[facts][1]}`);
  else asked.feature("hosted_tool", "tool_choice", type);
  return none;
}

function readAllowed(choice: ForeignObject, facts: Facts, asked: Asked): Choice {
  const { mode, tools } = facts === "inside" ? objectOf(choice["allowed_tools"]) : choice;
  const param = facts === "inside" ? "tool_choice.allowed_tools.tools" : "tool_choice.tools";
  asked.feature("allowed_tools", "tool_choice");
  if (!Array.isArray(tools)) asked.wrong(param, "is no list of tools");
  const allowedTools = arrayOf(tools).flatMap((each, index) => {
    const tool = objectOf(each);
    const name = toolName(tool, facts);
    if (name === undefined) asked.feature("hosted_tool", `${param}.${index}`, textOf(tool["type"]));
    return name === undefined ? [] : [name];
  });
  return { toolChoice: mode === "required" ? "required" : "auto", allowedTools };
}

/** The tool that is named, of the caller's own. */
function toolName(tool: ForeignObject, facts: Facts): string | undefined {
  if (facts === "beside") return CALLERS_TOOLS.has(tool["type"]) ? textOf(tool["name"]) : undefined;
  return textOf(objectOf(tool["function"])["name"]) ?? textOf(objectOf(tool["custom"])["name"]);
}
