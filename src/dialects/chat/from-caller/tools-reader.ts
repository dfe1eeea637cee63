import { type ForeignObject, isObject, objectOf } from "../../../core/json/foreign-json.ts";
import type { Ask, Tool } from "../../conversation.ts";
import { readFunction, readToolChoice as readChoice, readTools as readDeclared } from "../../openai/tools-reader.ts";
import type { Asked } from "../../reading/asked.ts";

/** The declared tools, `functions` as they were called before too: https://platform.openai.com/docs/api-reference/chat/create, `tools` */
export function readTools({ tools, functions }: ForeignObject, asked: Asked): readonly Tool[] {
  const declared = readDeclared(tools, "inside", asked);
  const called = asked.list(functions, "functions");
  return [...declared, ...called.flatMap((each, index) => readFunction(objectOf(each), `functions.${index}`, asked) ?? [])];
}

/** `tool_choice`, or `function_call` as it was called before. */
export function readToolChoice(request: ForeignObject, asked: Asked): Pick<Ask, "toolChoice" | "allowedTools"> {
  const { tool_choice: choice, function_call: call } = request;
  const called = isObject(call) ? { type: "function", function: call } : call;
  return readChoice(choice ?? called, "inside", asked);
}
