import { isObject, objectOf, textOf } from "../../../core/json/foreign-json.ts";
import type { Tool, ToolChoice } from "../../conversation.ts";
import type { Grammar } from "../../freeform.ts";
import type { AskNotes } from "./ask-notes.ts";

type Members = Readonly<Record<string, unknown>>;

/** Types of tools that the caller runs. Every other is the provider's own, or one that only its models know. */
const CALLERS_TOOLS: ReadonlySet<unknown> = new Set(["function", "custom"]);

/** What of a function means something to the provider's own machinery alone: programs that call it, a search that finds it. */
const FOR_ITS_MODELS = ["output_schema", "allowed_callers", "defer_loading"];

/** The declared tools: https://platform.openai.com/docs/api-reference/responses/create, `tools`. */
export function readTools(tools: unknown, notes: AskNotes): readonly Tool[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) {
    notes.wrong("tools", "it is a list");
    return [];
  }
  return tools.flatMap((tool: unknown, index) => readTool(tool, `tools.${index}`, notes) ?? []);
}

function readTool(tool: unknown, param: string, notes: AskNotes): Tool | undefined {
  const type = isObject(tool) ? textOf(tool["type"]) : undefined;
  if (!isObject(tool) || type === undefined) {
    notes.wrong(param, 'a tool is an object with a type, such as {"type": "function", "name": "…", "parameters": {…}}');
    return undefined;
  }
  if (!CALLERS_TOOLS.has(type)) {
    notes.ask("hosted_tool", param, type);
    return undefined;
  }
  const name = textOf(tool["name"]);
  if (name === undefined) {
    const isNested = isObject(tool["function"]);
    notes.wrong(`${param}.name`, isNested ? "the name stands beside the type here, in no function" : "a tool has a name");
    return undefined;
  }
  return type === "custom" ? readCustom(tool, name, param, notes) : readFunction(tool, name, param, notes);
}

function readFunction(tool: Members, name: string, param: string, notes: AskNotes): Tool {
  const isStrict = tool["strict"] === true;
  if (isStrict) notes.ask("tool_strict", `${param}.strict`);
  for (const member of FOR_ITS_MODELS)
    if (tool[member] !== undefined && tool[member] !== null && tool[member] !== false) notes.ask("unknown_member", `${param}.${member}`);
  return {
    name,
    description: textOf(tool["description"]),
    schema: tool["parameters"] ?? undefined,
    // What is not strict is so everywhere else without a word.
    strict: isStrict ? true : undefined,
    takes: "json",
  };
}

function readCustom(tool: Members, name: string, param: string, notes: AskNotes): Tool {
  notes.ask("freeform_tool", param, name);
  const grammar = grammarOf(objectOf(tool["format"]));
  if (grammar !== undefined) notes.ask("freeform_grammar", `${param}.format`);
  const told: Tool = { name, description: textOf(tool["description"]), schema: undefined, strict: undefined, takes: "freeform" };
  return grammar === undefined ? told : { ...told, grammar };
}

function grammarOf(format: Members): Grammar | undefined {
  const syntax = textOf(format["syntax"]);
  const definition = textOf(format["definition"]);
  return format["type"] === "grammar" && syntax !== undefined && definition !== undefined ? { syntax, definition } : undefined;
}

/** Which tools are to be called, and which of them may be. */
export interface ReadToolChoice {
  readonly choice: ToolChoice | undefined;
  readonly allowed: readonly string[] | undefined;
}

const NO_CHOICE: ReadToolChoice = { choice: undefined, allowed: undefined };

/** `tool_choice`: a word, a tool, or some of those declared. */
export function readToolChoice(value: unknown, notes: AskNotes): ReadToolChoice {
  if (value === undefined || value === null) return NO_CHOICE;
  if (value === "auto" || value === "none" || value === "required") return { choice: value, allowed: undefined };
  if (!isObject(value) || textOf(value["type"]) === undefined) {
    notes.wrong("tool_choice", 'it is auto, none, required, or an object such as {"type": "function", "name": "…"}');
    return NO_CHOICE;
  }
  const type = textOf(value["type"]);
  if (type === "allowed_tools") return readAllowed(value, notes);
  if (!CALLERS_TOOLS.has(type)) {
    notes.ask("hosted_tool", "tool_choice", type);
    return NO_CHOICE;
  }
  const name = textOf(value["name"]);
  if (name === undefined) notes.wrong("tool_choice.name", "it names the tool");
  return name === undefined ? NO_CHOICE : { choice: { tool: name }, allowed: undefined };
}

function readAllowed({ mode, tools }: Members, notes: AskNotes): ReadToolChoice {
  if (!Array.isArray(tools)) {
    notes.wrong("tool_choice.tools", 'it is a list of tools, such as {"type": "function", "name": "…"}');
    return NO_CHOICE;
  }
  notes.ask("allowed_tools", "tool_choice");
  const allowed = tools.flatMap((tool: unknown, index) => {
    const { type, name } = objectOf(tool);
    if (CALLERS_TOOLS.has(type) && typeof name === "string") return [name];
    notes.ask("hosted_tool", `tool_choice.tools.${index}`, textOf(type));
    return [];
  });
  return { choice: mode === "required" ? "required" : "auto", allowed };
}
