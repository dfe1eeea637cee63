import type { Ask, Tool } from "../../conversation.ts";
import { lawfulSchema } from "../../openai/schema.ts";
import type { ToolNames } from "../../writing/tool-names.ts";

/** `tools`, `tool_choice` and `parallel_tool_calls`, of which the last two are refused without the first. */
export function writeTools(ask: Ask, names: ToolNames): object {
  if (ask.tools.length === 0) return {};
  return {
    tools: ask.tools.map((tool) => toolOf(tool, names)),
    tool_choice: choiceOf(ask, names),
    parallel_tool_calls: ask.parallelCalls,
  };
}

function toolOf({ name, description, schema, strict, takes, grammar }: Tool, names: ToolNames): object {
  const told = { name: names.upstream(name), description };
  if (takes === "json") {
    // Left out, it is tried to be strict here, and what a call may leave out is asked for always: https://platform.openai.com/docs/guides/function-calling#strict-mode
    return { type: "function", ...told, parameters: lawfulSchema(schema ?? {}), strict: strict ?? false };
  }
  return { type: "custom", ...told, format: grammar === undefined ? undefined : { type: "grammar", ...grammar } };
}

function choiceOf({ toolChoice, allowedTools, tools }: Ask, names: ToolNames): unknown {
  const named = (name: string): object => {
    const isFreeform = tools.some((tool) => tool.name === name && tool.takes === "freeform");
    return { type: isFreeform ? "custom" : "function", name: names.upstream(name) };
  };
  if (typeof toolChoice === "object") return named(toolChoice.tool);
  if (allowedTools === undefined || toolChoice === "none") return toolChoice;
  return { type: "allowed_tools", mode: toolChoice ?? "auto", tools: allowedTools.map(named) };
}
