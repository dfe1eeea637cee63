import { asList, asObject, asText, isObject, type JsonObject, textOf } from "../json-value.ts";
import { createdAt, type JsonRequest, jsonAnswer, type StreamEvent, streamAnswer, wantsStream } from "../path-request.ts";
import { Refusal } from "../play/refusal.ts";
import { type Conversation, type Reply, replyTo } from "../reply.ts";
import { sseText } from "../sse-text.ts";
import type { Answer } from "../play/step.ts";
import { tokenBound } from "../token.ts";

/** More choices than this are refused. */
const MAX_CHOICES = 8;

/** Chat completions: https://platform.openai.com/docs/api-reference/chat */
export function answerChat(request: JsonRequest): Answer {
  const { body, call } = request;
  const reply = replyTo(readConversation(request));
  const choices = choiceCount(body["n"]);
  const head = { id: `chatcmpl-simulator-${call.id}`, created: createdAt(call), model: request.model, service_tier: "default" };
  const usage = chatUsage(reply, choices);
  if (wantsStream(request)) {
    const withUsage = asObject(body["stream_options"])["include_usage"] === true;
    return streamAnswer(
      request,
      chatEvents(reply, { choices, head, usage: withUsage ? usage : undefined, callId: `call_simulator_${call.id}` }),
    );
  }
  return jsonAnswer(call, {
    ...head,
    object: "chat.completion",
    choices: Array.from({ length: choices }, (_, index) => ({
      index,
      message: { role: "assistant", ...spoken(reply, `call_simulator_${call.id}`), refusal: null, annotations: [] },
      logprobs: null,
      finish_reason: finishReason(reply),
    })),
    usage,
    system_fingerprint: "fp_simulator",
  });
}

function readConversation({ body, call, model }: JsonRequest): Conversation {
  const messages = body["messages"];
  if (!Array.isArray(messages)) throw Refusal.missing("messages");
  if (messages.length === 0) throw Refusal.invalid("messages", "Invalid 'messages': empty array. Expected an array with minimum length 1.");
  const last = asObject(messages.at(-1));
  const format = asObject(body["response_format"]);
  return {
    provider: call.provider,
    model,
    lastSpeaker: last["role"] === "tool" || last["role"] === "function" ? "tool" : last["role"] === "assistant" ? "assistant" : "user",
    lastText: textOf(last["content"]),
    allText: messages.map((message) => textOf(asObject(message)["content"])).join("\n"),
    tools: asList(body["tools"]).flatMap((tool) => {
      const offered = asObject(tool)["function"];
      return isObject(offered) ? [{ name: asText(offered["name"]), schema: offered["parameters"] }] : [];
    }),
    toolChoice: readToolChoice(body["tool_choice"]),
    json: readFormat(format),
    maxTokens: tokenBound(body["max_completion_tokens"] ?? body["max_tokens"]),
  };
}

function readToolChoice(choice: unknown): Conversation["toolChoice"] {
  if (choice === "none") return "none";
  const name = asObject(asObject(choice)["function"])["name"];
  return typeof name === "string" ? { name } : "any";
}

function readFormat(format: JsonObject): Conversation["json"] {
  if (format["type"] === "json_schema") return { schema: asObject(format["json_schema"])["schema"] };
  return format["type"] === "json_object" ? { schema: undefined } : undefined;
}

function choiceCount(n: unknown): number {
  if (n === undefined || n === null) return 1;
  if (typeof n === "number" && Number.isInteger(n) && n >= 1 && n <= MAX_CHOICES) return n;
  throw Refusal.invalid("n", `Invalid 'n': the simulator takes a whole number from 1 to ${MAX_CHOICES}.`);
}

function finishReason(reply: Reply): string {
  if (reply.tool !== undefined) return "tool_calls";
  return reply.outOfTokens ? "length" : "stop";
}

/** Usage in the shape of chat and legacy completions. */
export function chatUsage(reply: Reply, choices: number): JsonObject {
  const completion = reply.tokens.length * choices;
  return {
    prompt_tokens: reply.promptTokens,
    completion_tokens: completion,
    total_tokens: reply.promptTokens + completion,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
  };
}

function spoken(reply: Reply, callId: string): JsonObject {
  if (reply.tool === undefined) return { content: reply.text };
  return { content: null, tool_calls: [{ id: callId, type: "function", function: { name: reply.tool, arguments: reply.text } }] };
}

interface ChatStream {
  readonly choices: number;
  readonly head: JsonObject;
  /** `undefined`: not asked for, so no chunk names it. */
  readonly usage: JsonObject | undefined;
  readonly callId: string;
}

function chatEvents(reply: Reply, stream: ChatStream): readonly StreamEvent[] {
  const chunk = (choices: readonly JsonObject[], usage: JsonObject | null): string =>
    sseText({
      ...stream.head,
      object: "chat.completion.chunk",
      system_fingerprint: "fp_simulator",
      choices,
      ...(stream.usage === undefined ? {} : { usage }),
    });
  const events = Array.from({ length: stream.choices }, (_, index) => {
    const said = (delta: JsonObject, finish_reason: string | null = null): string =>
      chunk([{ index, delta, logprobs: null, finish_reason }], null);
    const opening = reply.tool === undefined ? { content: "" } : toolOpening(reply.tool, stream.callId);
    return [
      { text: said({ role: "assistant", ...opening, refusal: null }), timed: false },
      ...reply.tokens.map((token) => ({ text: said(reply.tool === undefined ? { content: token } : toolArguments(token)), timed: true })),
      { text: said({}, finishReason(reply)), timed: false },
    ];
  }).flat();
  const usage = stream.usage === undefined ? [] : [{ text: chunk([], stream.usage), timed: false }];
  return [...events, ...usage, { text: sseText("[DONE]"), timed: false }];
}

function toolOpening(name: string, id: string): JsonObject {
  return { content: null, tool_calls: [{ index: 0, id, type: "function", function: { name, arguments: "" } }] };
}

function toolArguments(piece: string): JsonObject {
  return { tool_calls: [{ index: 0, function: { arguments: piece } }] };
}
