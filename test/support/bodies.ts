/** A chat request. */
export function chat(model: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { model, messages: [{ role: "user", content: "Hello" }], ...more };
}

/** One `data:` event of a stream. */
export function event(data: unknown): string {
  return `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
}

/** A chunk of a streamed chat answer. */
export function chunk(delta: Record<string, unknown>, finishReason: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason: finishReason }];
  return event({ id: "c1", object: "chat.completion.chunk", created: 1, model: "served-model", choices });
}

export const ROLE = chunk({ role: "assistant", content: "" });
export const FINISH = chunk({}, "stop");
export const DONE = event("[DONE]");
export const USAGE = event({
  id: "c1",
  object: "chat.completion.chunk",
  created: 1,
  model: "served-model",
  choices: [],
  usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 },
});
export const COMMENT = ": keep-alive\n\n";

/** Headers of an event stream. */
export const STREAM_HEADERS = { "content-type": "text/event-stream" };

/** A whole chat answer. */
export function completion(text: string): string {
  return JSON.stringify({
    id: "c1",
    object: "chat.completion",
    created: 1,
    model: "served-model",
    choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
    usage: { prompt_tokens: 9, completion_tokens: 10, total_tokens: 19 },
  });
}

export const JSON_HEADERS = { "content-type": "application/json" };

/** An upstream's error in OpenAI's shape. */
export function errorBody(message: string, code: string | null = null): string {
  return JSON.stringify({ error: { message, type: "error", param: null, code } });
}
