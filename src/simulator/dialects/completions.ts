import { chatUsage } from "./chat.ts";
import { asList, asObject, asText } from "../json-value.ts";
import { createdAt, type JsonRequest, jsonAnswer, type StreamEvent, streamAnswer, wantsStream } from "../path-request.ts";
import { Refusal } from "../play/refusal.ts";
import { replyTo } from "../reply.ts";
import { sseText } from "../sse-text.ts";
import type { Answer } from "../play/step.ts";
import { tokenBound } from "../token.ts";

/** Legacy completions: https://platform.openai.com/docs/api-reference/completions */
export function answerCompletion(request: JsonRequest): Answer {
  const { body, call, model } = request;
  if (body["prompt"] === undefined) throw Refusal.missing("prompt");
  const prompt = asText(body["prompt"]) || asList(body["prompt"]).map(asText).join("\n");
  const reply = replyTo({
    provider: call.provider,
    model,
    lastSpeaker: "user",
    lastText: prompt,
    allText: prompt,
    tools: [],
    toolChoice: "none",
    json: undefined,
    maxTokens: tokenBound(body["max_tokens"]),
  });
  const head = { id: `cmpl-simulator-${call.id}`, object: "text_completion", created: createdAt(call), model };
  const said = (text: string, finish_reason: string | null): object => ({ text, index: 0, logprobs: null, finish_reason });
  const finish = reply.outOfTokens ? "length" : "stop";
  if (!wantsStream(request)) return jsonAnswer(call, { ...head, choices: [said(reply.text, finish)], usage: chatUsage(reply, 1) });

  const withUsage = asObject(body["stream_options"])["include_usage"] === true;
  const chunk = (choices: readonly object[], usage: object | null, timed: boolean): StreamEvent => ({
    text: sseText({ ...head, choices, ...(withUsage ? { usage } : {}) }),
    timed,
  });
  return streamAnswer(request, [
    ...reply.tokens.map((token) => chunk([said(token, null)], null, true)),
    chunk([said("", finish)], null, false),
    ...(withUsage ? [chunk([], chatUsage(reply, 1), false)] : []),
    { text: sseText("[DONE]"), timed: false },
  ]);
}
