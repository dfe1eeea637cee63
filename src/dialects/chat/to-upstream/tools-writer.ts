import type { Ask, Tool } from "../../conversation.ts";
import { freeformSchema } from "../../freeform.ts";
import { lawfulSchema } from "../../openai/schema.ts";
import { isOpenAi } from "../../openai/model-family.ts";
import type { Writing } from "./writing.ts";

/** Writes the tools and which of them may be called; members about tools are refused where there are none. */
export function writeTools(ask: Ask, writing: Writing): object {
  const { tools, toolChoice, parallelCalls } = ask;
  if (tools.length === 0) return {};
  const knowsAllowed = isOpenAi(writing.family);
  const allowed = ask.allowedTools === undefined ? undefined : new Set(ask.allowedTools);
  // Others than OpenAI know no choice among tools: those that may not be called are not shown.
  const shown = allowed === undefined || knowsAllowed ? tools : tools.filter(({ name }) => allowed.has(name));
  if (shown.length === 0) return {};
  return {
    tools: shown.map((tool) => writeTool(tool, writing)),
    ...(toolChoice === undefined ? {} : { tool_choice: writeChoice(ask, writing, knowsAllowed ? ask.allowedTools : undefined) }),
    ...(parallelCalls === false ? { parallel_tool_calls: false } : {}),
  };
}

function writeTool({ name, description, schema, strict, takes, grammar }: Tool, { names }: Writing): object {
  return {
    type: "function",
    function: {
      name: names.upstream(name),
      description,
      parameters: takes === "freeform" ? freeformSchema(grammar) : lawfulSchema(schema),
      strict: strict === true ? true : undefined,
    },
  };
}

function writeChoice({ toolChoice }: Ask, { names }: Writing, allowedTools: readonly string[] | undefined): unknown {
  const named = (name: string): object => ({ type: "function", function: { name: names.upstream(name) } });
  if (typeof toolChoice === "object") return named(toolChoice.tool);
  if (allowedTools === undefined || toolChoice === "none") return toolChoice;
  return { type: "allowed_tools", allowed_tools: { mode: toolChoice, tools: allowedTools.map(named) } };
}
