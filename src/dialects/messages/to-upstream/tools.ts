import type { Ask, Format, Tool } from "../../conversation.ts";
import { freeformSchema } from "../../freeform.ts";
import { answerTool as answeringTool } from "../../writing/answer-tool.ts";
import { type NameRule, renamedPlaces, type ToolNames } from "../../writing/tool-names.ts";
import type { Writing } from "./conversation.ts";
import { areGrammars, argumentsSchema, grammarSchema } from "./schema.ts";
import type { Notes } from "../../writing/notes.ts";

/** "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'" */
export const NAME_RULE: NameRule = { longest: 128, lawful: /^[a-zA-Z0-9_-]+$/, unlawfulCharacters: /[^a-zA-Z0-9_-]/g };

/** Tools whose arguments a grammar holds, in one request: https://platform.claude.com/docs/en/build-with-claude/structured-outputs#schema-complexity-limits */
const MOST_STRICT_TOOLS = 20;

/** A request's tools, and how an answer by a schema is got. */
export interface WrittenTools {
  readonly tools: readonly WrittenTool[] | undefined;
  readonly toolChoice: object | undefined;
  /** `output_config.format`, for models that have it. */
  readonly format: object | undefined;
  /** The tool whose arguments are the answer, for the others, and for schemas that no grammar holds. */
  readonly answerTool: string | undefined;
  /** Whether a tool has to be called, which no model does that thinks. */
  readonly isForced: boolean;
}

interface WrittenTool {
  readonly name: string;
  readonly description?: string;
  readonly input_schema: object;
  readonly strict?: true;
}

/** Writes the tools, which of them are to be called, and what the answer is to look like. */
export function writeTools(ask: Ask, writing: Writing): WrittenTools {
  const { notes, names } = writing;
  const { allowedTools } = ask;
  const format = ask.format?.kind === "schema" ? ask.format : undefined;
  const hasGrammar = writing.traits.structured && areGrammars([format?.schema]);
  const strict = ask.tools.filter((tool) => tool.strict === true).map(({ schema }) => schema);
  const mayBeStrict = hasGrammar && strict.length <= MOST_STRICT_TOOLS && areGrammars([format?.schema, strict]);
  if (strict.length > 0 && !mayBeStrict) notes.tellAll("tool_strict");
  if (ask.tools.some(({ takes }) => takes === "freeform")) notes.tellAll("freeform_tool");
  notes.adapted.push(...renamedPlaces(ask, names));
  const declared = ask.tools.flatMap((tool, index) => {
    if (allowedTools !== undefined && !allowedTools.includes(tool.name)) return [];
    return [toolOf(tool, { place: `tools.${index}`, mayBeStrict }, writing)];
  });
  const others = declared.length > 0 ? declared : calledBefore(ask, names);
  const byGrammar = hasGrammar || !writing.traits.forcedTools;
  const answerTool = format === undefined || byGrammar ? undefined : answerToolOf(format, others, ask, notes);
  const tools = answerTool === undefined ? others : [...others, answerTool];
  const toolChoice = tools.length === 0 ? undefined : choiceOf(ask, { declared: declared.length, answerTool: answerTool?.name }, names);
  const isForced = toolChoice?.type === "any" || toolChoice?.type === "tool";
  if (isForced && !writing.traits.forcedTools)
    notes.wrong("tool_choice", "this model cannot be made to call a tool (tool_choice); let it choose, or name a target whose model can");
  return {
    tools: tools.length === 0 ? undefined : tools,
    toolChoice,
    format: format !== undefined && byGrammar ? formatOf(format, notes) : undefined,
    answerTool: answerTool?.name,
    isForced,
  };
}

function toolOf(
  tool: Tool,
  { place, mayBeStrict }: { readonly place: string; readonly mayBeStrict: boolean },
  { names, notes }: Writing,
): WrittenTool {
  const isStrict = mayBeStrict && tool.strict === true;
  const written = argumentsSchema(tool.takes === "freeform" ? freeformSchema(tool.grammar) : tool.schema);
  const grammar = isStrict ? grammarSchema(written.schema) : written;
  if (written.isLoosened || grammar.isLoosened) notes.adapted.push(`${place}.schema`);
  return {
    name: names.upstream(tool.name),
    ...(tool.description === undefined ? {} : { description: tool.description }),
    input_schema: grammar.schema,
    ...(isStrict ? { strict: true } : {}),
  };
}

/** Tools that were called and are declared no more: "Requests which include `tool_use` or `tool_result` blocks must define tools". */
function calledBefore({ turns }: Ask, names: ToolNames): readonly WrittenTool[] {
  const called = turns.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === "call" ? [names.upstream(part.name)] : [])));
  return [...new Set(called)].map((name) => ({ name, input_schema: argumentsSchema(undefined).schema }));
}

interface Choice {
  readonly type: "auto" | "none" | "any" | "tool";
  readonly name?: string;
  readonly disable_parallel_tool_use?: true;
}

function choiceOf(
  { toolChoice, parallelCalls }: Ask,
  { declared, answerTool }: { readonly declared: number; readonly answerTool: string | undefined },
  names: ToolNames,
): Choice | undefined {
  const one = parallelCalls === false ? { disable_parallel_tool_use: true as const } : {};
  const mayCall = declared > 0 && toolChoice !== "none";
  if (answerTool !== undefined) return mayCall ? { type: "any", ...one } : { type: "tool", name: answerTool };
  if (!mayCall) return { type: "none" };
  if (toolChoice === undefined) return parallelCalls === false ? { type: "auto", ...one } : undefined;
  if (typeof toolChoice === "object") return { type: "tool", name: names.upstream(toolChoice.tool), ...one };
  return { type: toolChoice === "required" ? "any" : "auto", ...one };
}

function formatOf({ schema }: Extract<Format, { readonly kind: "schema" }>, notes: Notes): object {
  const written = grammarSchema(schema);
  if (written.isLoosened) notes.tell("json_schema");
  return { type: "json_schema", schema: written.schema };
}

/** Where another tool has to be called, the answer comes later. */
function answerToolOf(
  format: Extract<Format, { readonly kind: "schema" }>,
  others: readonly WrittenTool[],
  { toolChoice }: Ask,
  notes: Notes,
): WrittenTool | undefined {
  notes.tell("json_schema");
  if (toolChoice === "required" || typeof toolChoice === "object") return undefined;
  const told = answeringTool(format, (name) => others.some((other) => other.name === name));
  return { ...told, input_schema: argumentsSchema(format.schema).schema };
}
