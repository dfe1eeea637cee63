import { asList, asObject, asText, isObject, type JsonObject, textOf } from "../json-value.ts";
import { type JsonRequest, jsonAnswer, type StreamEvent, streamAnswer, wantsStream } from "../path-request.ts";
import { Refusal } from "../play/refusal.ts";
import { type Conversation, type Reply, replyTo } from "../reply.ts";
import { sseText } from "../sse-text.ts";
import type { Answer } from "../play/step.ts";
import { tokenBound } from "../token.ts";

/** Anthropic's messages: https://docs.anthropic.com/en/api/messages */
export function answerMessages(request: JsonRequest): Answer {
  const { call } = request;
  if (tokenBound(request.body["max_tokens"]) === undefined) throw Refusal.invalid("max_tokens", "max_tokens: Field required");
  const reply = replyTo(readConversation(request));
  const head = { id: `msg_simulator_${call.id}`, type: "message", role: "assistant", model: request.model };
  const toolId = `toolu_simulator_${call.id}`;
  if (wantsStream(request)) return streamAnswer(request, messageEvents(reply, head, toolId));
  const content =
    reply.tool === undefined ? { type: "text", text: reply.text } : { ...toolUse(reply.tool, toolId), input: JSON.parse(reply.text) };
  return jsonAnswer(call, {
    ...head,
    content: [content],
    stop_reason: stopReason(reply),
    stop_sequence: null,
    usage: { ...inputUsage(reply), output_tokens: reply.tokens.length },
  });
}

/** How many tokens a request would take: https://docs.anthropic.com/en/api/messages-count-tokens */
export function countMessages(request: JsonRequest): Answer {
  const { promptTokens } = replyTo(readConversation(request));
  return jsonAnswer(request.call, { input_tokens: promptTokens });
}

function readConversation({ body, call, model }: JsonRequest): Conversation {
  const messages = body["messages"];
  if (!Array.isArray(messages)) throw Refusal.invalid("messages", "messages: Field required");
  if (messages.length === 0) throw Refusal.invalid("messages", "messages: at least one message is required");
  const last = asObject(messages.at(-1));
  const toolSpoke = asList(last["content"]).some((block) => asObject(block)["type"] === "tool_result");
  const choice = asObject(body["tool_choice"]);
  const format = asObject(asObject(body["output_config"])["format"] ?? body["output_format"]);
  return {
    provider: call.provider,
    model,
    lastSpeaker: toolSpoke ? "tool" : last["role"] === "assistant" ? "assistant" : "user",
    lastText: textOf(last["content"]),
    allText: [textOf(body["system"]), ...messages.map((message) => textOf(asObject(message)["content"]))].join("\n"),
    tools: asList(body["tools"]).flatMap((tool) =>
      isObject(tool) && "input_schema" in tool ? [{ name: asText(tool["name"]), schema: tool["input_schema"] }] : [],
    ),
    toolChoice: choice["type"] === "none" ? "none" : choice["type"] === "tool" ? { name: asText(choice["name"]) } : "any",
    json: format["type"] === "json_schema" ? { schema: format["schema"] } : undefined,
    maxTokens: tokenBound(body["max_tokens"]),
  };
}

function stopReason(reply: Reply): string {
  if (reply.tool !== undefined) return "tool_use";
  return reply.outOfTokens ? "max_tokens" : "end_turn";
}

function inputUsage(reply: Reply): JsonObject {
  return { input_tokens: reply.promptTokens, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, service_tier: "standard" };
}

function toolUse(name: string, id: string): JsonObject {
  return { type: "tool_use", id, name };
}

function messageEvents(reply: Reply, head: JsonObject, toolId: string): readonly StreamEvent[] {
  const event = (data: JsonObject & { readonly type: string }): StreamEvent => ({
    text: sseText(data, data.type),
    timed: data.type === "content_block_delta",
  });
  const opening = reply.tool === undefined ? { type: "text", text: "" } : { ...toolUse(reply.tool, toolId), input: {} };
  return [
    event({
      type: "message_start",
      message: { ...head, content: [], stop_reason: null, stop_sequence: null, usage: { ...inputUsage(reply), output_tokens: 1 } },
    }),
    event({ type: "content_block_start", index: 0, content_block: opening }),
    event({ type: "ping" }),
    ...reply.tokens.map((token) => {
      const delta = reply.tool === undefined ? { type: "text_delta", text: token } : { type: "input_json_delta", partial_json: token };
      return event({ type: "content_block_delta", index: 0, delta });
    }),
    event({ type: "content_block_stop", index: 0 }),
    event({
      type: "message_delta",
      delta: { stop_reason: stopReason(reply), stop_sequence: null },
      usage: { output_tokens: reply.tokens.length },
    }),
    event({ type: "message_stop" }),
  ];
}
