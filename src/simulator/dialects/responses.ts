import { asList, asObject, asText, isObject, type JsonObject, textOf } from "../json-value.ts";
import { createdAt, type JsonRequest, jsonAnswer, streamAnswer, wantsStream } from "../path-request.ts";
import { Refusal } from "../play/refusal.ts";
import { type Conversation, type Reply, replyTo } from "../reply.ts";
import { type OutputItem, responseEvents } from "./response-events.ts";
import type { Answer } from "../play/step.ts";
import { tokenBound } from "../token.ts";

/** Responses: https://platform.openai.com/docs/api-reference/responses */
export function answerResponse(request: JsonRequest): Answer {
  const { call } = request;
  const reply = replyTo(readConversation(request));
  const item = outputItem(reply, call.id);
  const begun = begunResponse(request);
  const ended = endedResponse(begun, reply, item);
  return wantsStream(request) ? streamAnswer(request, responseEvents({ reply, item, begun, ended })) : jsonAnswer(call, ended);
}

/** How many tokens a request would take: https://platform.openai.com/docs/api-reference/responses/input-tokens */
export function countResponse(request: JsonRequest): Answer {
  const { promptTokens } = replyTo(readConversation(request));
  return jsonAnswer(request.call, { object: "response.input_tokens", input_tokens: promptTokens });
}

function readConversation({ body, call, model }: JsonRequest): Conversation {
  const { input } = body;
  if (input === undefined) throw Refusal.missing("input");
  const items = typeof input === "string" ? [{ role: "user", content: input }] : asList(input).map(asObject);
  const last = items.at(-1) ?? {};
  const texts = items.map((item) => textOf(item["content"] ?? item["output"]));
  const choice = body["tool_choice"];
  const format = asObject(asObject(body["text"])["format"]);
  return {
    provider: call.provider,
    model,
    lastSpeaker: last["type"] === "function_call_output" ? "tool" : last["role"] === "assistant" ? "assistant" : "user",
    lastText: texts.at(-1) ?? "",
    allText: [asText(body["instructions"]), ...texts].join("\n"),
    tools: asList(body["tools"]).flatMap((tool) =>
      isObject(tool) && tool["type"] === "function" ? [{ name: asText(tool["name"]), schema: tool["parameters"] }] : [],
    ),
    toolChoice: choice === "none" ? "none" : asObject(choice)["type"] === "function" ? { name: asText(asObject(choice)["name"]) } : "any",
    json:
      format["type"] === "json_schema"
        ? { schema: format["schema"] }
        : format["type"] === "json_object"
          ? { schema: undefined }
          : undefined,
    maxTokens: tokenBound(body["max_output_tokens"]),
  };
}

function outputItem(reply: Reply, callId: number): OutputItem {
  const status = reply.outOfTokens ? "incomplete" : "completed";
  if (reply.tool !== undefined) {
    const id = `fc_simulator_${callId}`;
    return { id, type: "function_call", status, call_id: `call_simulator_${callId}`, name: reply.tool, arguments: reply.text };
  }
  const content = [{ type: "output_text", text: reply.text, annotations: [], logprobs: [] }];
  return { id: `msg_simulator_${callId}`, type: "message", status, role: "assistant", content };
}

function begunResponse({ body, call, model }: JsonRequest): JsonObject {
  return {
    id: `resp_simulator_${call.id}`,
    object: "response",
    created_at: createdAt(call),
    status: "in_progress",
    background: false,
    error: null,
    incomplete_details: null,
    instructions: body["instructions"] ?? null,
    max_output_tokens: body["max_output_tokens"] ?? null,
    model,
    output: [],
    parallel_tool_calls: body["parallel_tool_calls"] ?? true,
    previous_response_id: body["previous_response_id"] ?? null,
    reasoning: { effort: null, summary: null },
    service_tier: "default",
    store: body["store"] ?? true,
    temperature: body["temperature"] ?? 1,
    text: body["text"] ?? { format: { type: "text" } },
    tool_choice: body["tool_choice"] ?? "auto",
    tools: body["tools"] ?? [],
    top_p: body["top_p"] ?? 1,
    truncation: body["truncation"] ?? "disabled",
    usage: null,
    user: body["user"] ?? null,
    metadata: body["metadata"] ?? {},
  };
}

function endedResponse(begun: JsonObject, reply: Reply, item: OutputItem): JsonObject {
  return {
    ...begun,
    status: reply.outOfTokens ? "incomplete" : "completed",
    incomplete_details: reply.outOfTokens ? { reason: "max_output_tokens" } : null,
    output: [item],
    usage: {
      input_tokens: reply.promptTokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: reply.tokens.length,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: reply.promptTokens + reply.tokens.length,
    },
  };
}
