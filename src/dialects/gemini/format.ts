import type { Ask, Format } from "../conversation.ts";
import { answerTool } from "../writing/answer-tool.ts";
import type { ToolNames } from "../writing/tool-names.ts";
import { isThird, type GeminiModel } from "./model.ts";
import { cutSchema } from "./schema.ts";
import { type Declaration, declaration } from "./tools.ts";

/** How an answer in JSON is asked for. */
export interface WrittenFormat {
  /** Members of `generationConfig`. */
  readonly members: object;
  /** `left_out`: the request's tools cannot stand beside it; a declaration: one that stands beside them, whose arguments are the answer. */
  readonly tools: "kept" | "left_out" | Declaration;
  /** The keywords of the schema that were taken out. */
  readonly lost: ReadonlySet<string>;
  /** Whether it is not asked for in the form that Gemini has for it. */
  readonly isAdapted: boolean;
}

const NOTHING_LOST: ReadonlySet<string> = new Set();
const NOT_WRITTEN: WrittenFormat = { members: {}, tools: "kept", lost: NOTHING_LOST, isAdapted: false };

/**
 * Before the third generation a model either calls tools or writes JSON: "Function calling with a response mime type: 'application/json' is unsupported". An answer
 * by a schema is then a call of a tool that has this schema; where the model has to call another tool there is no answer yet, and JSON of any shape the
 * conversation has to ask for, as OpenAI has it. https://github.com/googleapis/python-genai/issues/867
 */
export function writeFormat({ format, tools, toolChoice }: Ask, model: GeminiModel, names: ToolNames): WrittenFormat {
  if (format === undefined) return NOT_WRITTEN;
  if (tools.length === 0 || isThird(model)) return inConfig(format, "kept");
  if (toolChoice === "none") return inConfig(format, "left_out");
  const isForced = toolChoice === "required" || typeof toolChoice === "object";
  if (format.kind === "json" || isForced) return { ...NOT_WRITTEN, isAdapted: true };
  const told = answerTool(format, (name) => tools.some((tool) => names.upstream(tool.name) === name));
  const { schema, lost } = cutSchema(format.schema);
  return { members: {}, tools: declaration({ ...told, schema }), lost, isAdapted: true };
}

function inConfig(format: Format, tools: "kept" | "left_out"): WrittenFormat {
  const responseMimeType = "application/json";
  if (format.kind === "json") return { ...NOT_WRITTEN, tools, members: { responseMimeType } };
  const { schema, lost } = cutSchema(format.schema);
  return { members: { responseMimeType, responseJsonSchema: schema }, tools, lost, isAdapted: false };
}
