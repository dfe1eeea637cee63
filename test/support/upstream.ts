import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { sseText } from "../../src/simulator/sse-text.ts";
import type { Answer } from "../../src/simulator/play/step.ts";

// What tests ask, and the steps that upstreams answer with. A step is plain data: spread it to change a part, `{ ...answering("x"), ending: "reset" }`.

/** A chat request. */
export function chat(model: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { model, messages: [{ role: "user", content: "Hello" }], ...more };
}

export const JSON_HEADERS = { "content-type": "application/json" };
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

/** An upstream that answers a chat with this text. */
export function answering(text: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { headers: { ...JSON_HEADERS, ...headers }, body: completion(text) };
}

/** A JSON answer. */
export function jsonAnswer(value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify(value) };
}

/** An upstream's error in OpenAI's shape. */
export function errorBody(message: string, code: string | null = null): string {
  return JSON.stringify({ error: { message, type: "error", param: null, code } });
}

/** An upstream that refuses with that error. */
export function refusing(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { ...JSON_HEADERS, ...headers }, body: errorBody(message) };
}

/** One `data:` event of a stream. */
export const event = (data: unknown): string => sseText(data);

/** A chunk of a streamed chat answer. */
export function chunk(delta: Readonly<Record<string, unknown>>, finishReason: string | null = null): string {
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

/** A redirect. */
export function redirectTo(location: string, status = 307): Answer {
  return { status, headers: { location } };
}

const ENCODERS = { gzip: gzipSync, br: brotliCompressSync, zstd: zstdCompressSync };

/** A JSON answer, its body encoded and named so. */
export function encodedJson(encoding: keyof typeof ENCODERS, value: unknown): Answer {
  return { headers: { ...JSON_HEADERS, "content-encoding": encoding }, body: ENCODERS[encoding](JSON.stringify(value)) };
}
