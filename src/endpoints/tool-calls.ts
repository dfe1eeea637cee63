import type { ToolCall } from "../core/governance/loop.ts";
import { arrayOf, objectOf, textOf } from "../core/json/foreign-json.ts";
import { type JsonMember, valueOf } from "../core/json/json-members.ts";

/** The tool calls of a conversation in OpenAI's chat form, in their order: https://platform.openai.com/docs/api-reference/chat/create. */
export function chatToolCalls(members: readonly JsonMember[]): readonly ToolCall[] {
  return arrayOf(valueOf(members, "messages")).flatMap((message) =>
    arrayOf(objectOf(message)["tool_calls"]).flatMap((call) => {
      const { function: called, custom } = objectOf(call);
      const { name, arguments: given, input } = objectOf(called ?? custom);
      return callOf(name, given ?? input);
    }),
  );
}

/** The same in Anthropic's form: https://docs.claude.com/en/api/messages. */
export function messageToolCalls(members: readonly JsonMember[]): readonly ToolCall[] {
  return arrayOf(valueOf(members, "messages"))
    .flatMap((message) => arrayOf(objectOf(message)["content"]))
    .map(objectOf)
    .flatMap(({ type, name, input }) => (type === "tool_use" ? callOf(name, input) : []));
}

/** The same in the form of Responses: https://platform.openai.com/docs/api-reference/responses/create. */
export function responseToolCalls(members: readonly JsonMember[]): readonly ToolCall[] {
  return arrayOf(valueOf(members, "input"))
    .map(objectOf)
    .flatMap(({ type, name, arguments: given, input }) =>
      type === "function_call" || type === "custom_tool_call" ? callOf(name, given ?? input) : [],
    );
}

/** Arguments are a text in some forms and a value in others. */
function callOf(name: unknown, given: unknown): readonly ToolCall[] {
  const named = textOf(name);
  return named === undefined ? [] : [{ name: named, arguments: typeof given === "string" ? given : JSON.stringify(given ?? null) }];
}
