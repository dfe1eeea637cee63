import { type ForeignObject, isObject, objectOf, textOf } from "../../../core/json/foreign-json.ts";
import type { Ask, Tool, ToolChoice } from "../../conversation.ts";
import type { Asked } from "../../reading/asked.ts";

type Tools = Pick<Ask, "tools" | "toolChoice" | "parallelCalls">;

/** The members of a tool that are read, or that only say how its arguments are streamed, which others do in any case. */
const TOOL_MEMBERS: ReadonlySet<string> = new Set([
  "type",
  "name",
  "description",
  "input_schema",
  "strict",
  "cache_control",
  "allowed_callers",
  "eager_input_streaming",
]);

/** Reads a request's tools and whether they are to be called. */
export function readTools(body: ForeignObject, asked: Asked): Tools {
  const { tools: list, tool_choice: choice } = body;
  const tools = asked.list(list, "tools").flatMap((tool, index) => readTool(tool, `tools.${index}`, asked));
  const { disable_parallel_tool_use: one } = objectOf(choice);
  const parallelCalls = one === true ? asked.member(false, "parallel_calls", "tool_choice.disable_parallel_tool_use") : undefined;
  return { tools, toolChoice: readChoice(choice, asked), parallelCalls };
}

function readTool(value: unknown, param: string, asked: Asked): readonly Tool[] {
  if (!isObject(value)) {
    asked.wrong(param, "is no object");
    return [];
  }
  const type = value["type"];
  const isOwn = type === undefined || type === null || type === "" || type === "custom";
  if (!isOwn || isForCodeOnly(value["allowed_callers"])) {
    asked.feature("hosted_tool", param, textOf(isOwn ? value["name"] : type));
    return [];
  }
  const name = textOf(value["name"]);
  if (name === undefined) {
    asked.wrong(`${param}.name`, "is missing: a tool has a name");
    return [];
  }
  asked.member(value["cache_control"], "cache_hint", `${param}.cache_control`);
  if (value["strict"] === true) asked.feature("tool_strict", `${param}.strict`);
  for (const [member, given] of Object.entries(value)) {
    if (!TOOL_MEMBERS.has(member) && given !== null && given !== false) asked.feature("unknown_member", `${param}.${member}`);
  }
  const strict = typeof value["strict"] === "boolean" ? value["strict"] : undefined;
  return [{ name, description: textOf(value["description"]), schema: value["input_schema"] ?? undefined, strict, takes: "json" }];
}

/** Whether a tool is called by code alone that the provider runs. */
function isForCodeOnly(callers: unknown): boolean {
  return Array.isArray(callers) && callers.length > 0 && !callers.includes("direct");
}

function readChoice(value: unknown, asked: Asked): ToolChoice | undefined {
  if (value === undefined || value === null) return undefined;
  const { type, name } = objectOf(value);
  switch (type) {
    case "auto":
    case "none":
      return type;
    case "any":
      return "required";
    case "tool":
      return typeof name === "string" ? { tool: name } : asked.wrong("tool_choice.name", "is missing: it names the tool");
    default:
      return asked.wrong("tool_choice.type", "is none of auto, any, tool, none");
  }
}
