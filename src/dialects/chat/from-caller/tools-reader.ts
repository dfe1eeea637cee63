import { arrayOf, type ForeignObject, isObject, objectOf, textOf } from "../../../core/json/foreign-json.ts";
import type { Ask, Tool } from "../../conversation.ts";
import type { Grammar } from "../../freeform.ts";
import type { Asked } from "./asked.ts";
import { noteCacheHint } from "./content-reader.ts";

/** The declared tools, `functions` as they were called before too: https://platform.openai.com/docs/api-reference/chat/create, `tools` */
export function readTools(request: ForeignObject, asked: Asked): readonly Tool[] {
  const { tools, functions } = request;
  for (const name of ["tools", "functions"]) {
    const list = request[name];
    if (list !== undefined && list !== null && !Array.isArray(list)) asked.wrong(name, "is no list");
  }
  return [
    ...arrayOf(tools).flatMap((tool, index) => readTool(tool, `tools.${index}`, asked) ?? []),
    ...arrayOf(functions).flatMap((called, index) => readFunction(objectOf(called), `functions.${index}`, asked) ?? []),
  ];
}

function readTool(tool: unknown, param: string, asked: Asked): Tool | undefined {
  if (!isObject(tool)) {
    asked.wrong(param, 'is no tool: one is {"type": "function", "function": {"name": "…", "parameters": {…}}}');
    return undefined;
  }
  noteCacheHint(tool, param, asked);
  // Some leave out the type, or have an empty one.
  const type = textOf(tool["type"]) ?? "function";
  if (type === "function") {
    if (!isObject(tool["function"])) asked.wrong(`${param}.function`, "is missing: name, description and parameters stand in it");
    return isObject(tool["function"]) ? readFunction(tool["function"], `${param}.function`, asked) : undefined;
  }
  if (type === "custom") return readCustom(objectOf(tool["custom"]), param, asked);
  asked.feature("hosted_tool", param, type);
  return undefined;
}

function readFunction(called: ForeignObject, param: string, asked: Asked): Tool | undefined {
  const name = nameOf(called, param, asked);
  const isStrict = called["strict"] === true;
  if (isStrict) asked.feature("tool_strict", `${param}.strict`);
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
  const name = nameOf(custom, `${param}.custom`, asked);
  const grammar = grammarOf(objectOf(custom["format"]));
  if (name === undefined) return undefined;
  asked.feature("freeform_tool", param, name);
  if (grammar !== undefined) asked.feature("freeform_grammar", `${param}.custom.format`);
  const tool = { name, description: textOf(custom["description"]), schema: undefined, strict: undefined, takes: "freeform" } as const;
  return grammar === undefined ? tool : { ...tool, grammar };
}

function nameOf(called: ForeignObject, param: string, asked: Asked): string | undefined {
  const name = textOf(called["name"]);
  if (name === undefined) asked.wrong(`${param}.name`, "is missing: a tool has a name");
  return name;
}

/** The grammar stands in a member of its own, unlike in Responses. */
function grammarOf(format: ForeignObject): Grammar | undefined {
  const { syntax, definition } = objectOf(format["grammar"]);
  return format["type"] === "grammar" && typeof syntax === "string" && typeof definition === "string" ? { syntax, definition } : undefined;
}

type Choice = Pick<Ask, "toolChoice" | "allowedTools">;

const NO_CHOICE: Choice = { toolChoice: undefined, allowedTools: undefined };

/** `tool_choice`, or `function_call` as it was called before. */
export function readToolChoice(request: ForeignObject, asked: Asked): Choice {
  const { tool_choice: choice, function_call: call } = request;
  if (choice !== undefined && choice !== null) return readChoice(choice, asked);
  if (call === undefined || call === null) return NO_CHOICE;
  return readChoice(isObject(call) ? { type: "function", function: call } : call, asked);
}

function readChoice(choice: unknown, asked: Asked): Choice {
  if (choice === "auto" || choice === "none" || choice === "required") return { ...NO_CHOICE, toolChoice: choice };
  // Mistral's word.
  if (choice === "any") return { ...NO_CHOICE, toolChoice: "required" };
  const { type, allowed_tools: allowed } = objectOf(choice);
  if (type === "allowed_tools") return readAllowed(objectOf(allowed), asked);
  const name = toolName(choice);
  if (name !== undefined) return { ...NO_CHOICE, toolChoice: { tool: name } };
  if (type === "function" || type === "custom" || textOf(type) === undefined)
    asked.wrong("tool_choice", 'is none of auto, none, required, {"type": "function", "function": {"name": "…"}}');
  else asked.feature("hosted_tool", "tool_choice", textOf(type));
  return NO_CHOICE;
}

function readAllowed({ mode, tools }: ForeignObject, asked: Asked): Choice {
  asked.feature("allowed_tools", "tool_choice");
  if (!Array.isArray(tools)) asked.wrong("tool_choice.allowed_tools.tools", "is no list of tools");
  const allowedTools = arrayOf(tools).flatMap((tool, index) => {
    const name = toolName(tool);
    if (name === undefined) asked.feature("hosted_tool", `tool_choice.allowed_tools.tools.${index}`, textOf(objectOf(tool)["type"]));
    return name === undefined ? [] : [name];
  });
  return { toolChoice: mode === "required" ? "required" : "auto", allowedTools };
}

/** The tool that is named, of the caller's own. */
function toolName(tool: unknown): string | undefined {
  const { function: called, custom } = objectOf(tool);
  return textOf(objectOf(called)["name"]) ?? textOf(objectOf(custom)["name"]);
}
