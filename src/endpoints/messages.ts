import type { AnswerFacts, Endpoint, EventReading } from "../core/endpoint.ts";
import { arrayOf, type ForeignObject, objectOf, textOf } from "../core/json/foreign-json.ts";
import { isTrue, stringOf, valueOf } from "../core/json/json-members.ts";
import { toldUsage } from "../core/usage/usage.ts";
import { messagesErrorBody, messagesErrorEvent } from "../dialects/messages/error.ts";
import { messagesUsage } from "../dialects/messages/usage.ts";
import { readUserId } from "../dialects/messages/user-id.ts";
import { messageContinuation } from "./continuation.ts";
import { DONE, factsOf, QUIET, readEventWith } from "./openai-dialect.ts";
import { readSession } from "./request-session.ts";
import { messageToolCalls } from "./tool-calls.ts";

/** https://docs.claude.com/en/api/messages and /messages-streaming. */
export const messages: Endpoint = {
  path: "/v1/messages",
  kind: "chat",
  requestBody: "json",
  answer: "json",
  answerMembers: ["content"],
  asksForStreamUsage: false,
  streamsSayFinished: true,
  wordMembers: ["text", "thinking", "partial_json"],
  continuation: messageContinuation,
  toolCalls: messageToolCalls,
  readRequest(members) {
    const facts = { stream: isTrue(members, "stream"), ...readSession(members) };
    const userId = textOf(objectOf(valueOf(members, "metadata"))["user_id"]);
    return userId === undefined ? facts : { ...facts, user: readUserId(userId).user };
  },
  readAnswer(members) {
    return readMessage({
      model: stringOf(members, "model"),
      content: valueOf(members, "content"),
      stop_reason: stringOf(members, "stop_reason"),
      usage: valueOf(members, "usage"),
    });
  },
  readEvent(event) {
    return readEventWith(event, (value) => readTyped(textOf(value["type"]) ?? event.name, value));
  },
  errorBody: messagesErrorBody,
  errorEvents: messagesErrorEvent,
};

function readTyped(type: string, event: ForeignObject): EventReading {
  switch (type) {
    case "message_start":
      return readStart(objectOf(event["message"]));
    case "content_block_start":
      return readBlock(objectOf(event["content_block"]));
    case "content_block_delta":
      return readDelta(objectOf(event["delta"]));
    case "message_delta": {
      const facts = readMessage({ stop_reason: objectOf(event["delta"])["stop_reason"], usage: event["usage"] });
      return { kind: facts.finishReason === undefined ? "quiet" : "finish", facts };
    }
    case "message_stop":
      return DONE;
    default:
      return QUIET;
  }
}

/** A stream's message as it begins: empty, but for the later parts of an answer whose tools call each other, which come whole in this one event. */
function readStart(message: ForeignObject): EventReading {
  const facts = readMessage(message);
  if (facts.finishReason !== undefined) return { kind: "finish", facts };
  return { kind: arrayOf(message["content"]).length > 0 ? "content" : "quiet", facts };
}

/** What a message, or a part of one, says of itself. */
function readMessage(message: ForeignObject): AnswerFacts {
  const content = arrayOf(message["content"]).map(objectOf);
  const calls = content.filter(isToolUse).length;
  return factsOf({
    model: textOf(message["model"]),
    usage: toldUsage(messagesUsage, message["usage"]),
    finishReason: textOf(message["stop_reason"]),
    toolCalls: calls > 0 ? calls : undefined,
    text: textOf(content.map((block) => textOf(block["text"]) ?? "").join("")),
  });
}

/** A block's beginning: text and thinking begin empty, all others (a tool's call or result, redacted thinking) are content as they are. */
function readBlock(block: ForeignObject): EventReading {
  if (isToolUse(block)) return { kind: "content", facts: { toolCalls: 1 } };
  const type = textOf(block["type"]);
  if (type !== "text" && type !== "thinking") return type === undefined ? QUIET : { kind: "content" };
  const text = textOf(block["text"]);
  if (text !== undefined) return { kind: "content", facts: { text } };
  return textOf(block["thinking"]) === undefined ? QUIET : { kind: "content" };
}

function readDelta(delta: ForeignObject): EventReading {
  switch (delta["type"]) {
    case "text_delta": {
      const text = textOf(delta["text"]);
      return text === undefined ? QUIET : { kind: "content", facts: { text } };
    }
    case "thinking_delta":
      return textOf(delta["thinking"]) === undefined ? QUIET : { kind: "content" };
    default:
      return { kind: "content" };
  }
}

/** `tool_use`, and `server_tool_use` and `mcp_tool_use`, which Anthropic runs itself. */
function isToolUse(block: ForeignObject): boolean {
  return textOf(block["type"])?.endsWith("tool_use") ?? false;
}
