import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { sseText } from "../../src/simulator/sse-text.ts";
import type { Answer, Chunk } from "../../src/simulator/step.ts";

// Steps that tests script often. Each is plain data: spread it to change a part, `{ ...jsonAnswer({}), ending: "reset" }`.

/** A JSON answer of one piece. */
export function jsonAnswer(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(value) };
}

/** An error in OpenAI's shape: `errorStep(429, { "retry-after": "1" })`. */
export function errorStep(status: number, headers: Readonly<Record<string, string>> = {}, code: string | null = null): Answer {
  return jsonAnswer({ error: { message: `scripted ${status}`, type: "scripted", param: null, code } }, status, headers);
}

/** An event stream, one socket write per chunk: `eventStream([sseText({…}), ": ping\n\n", "data: [DONE]\n\n"])`. */
export function eventStream(chunks: readonly Chunk[]): Answer {
  return { headers: { "content-type": "text/event-stream" }, body: chunks };
}

/** A chat stream that says each text as one event, then its finish reason and `[DONE]`. */
export function chatStream(...texts: readonly string[]): Answer {
  return eventStream([
    chatChunk({ role: "assistant", content: "" }),
    ...texts.map((content) => chatChunk({ content })),
    chatChunk({}, "stop"),
    "data: [DONE]\n\n",
  ]);
}

/** One event of a chat stream. */
export function chatChunk(delta: Readonly<Record<string, unknown>>, finishReason: string | null = null): string {
  return sseText({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1,
    model: "scripted",
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  });
}

/** A whole chat completion that says `content`. */
export function chatCompletion(content: string): Answer {
  return jsonAnswer({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "scripted",
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  });
}

/** A page of a proxy in between, with a 200. */
export const HTML_PAGE: Answer = { headers: { "content-type": "text/html" }, body: "<!doctype html><title>Sign in</title>" };

/** A 200 with nothing in it. */
export const EMPTY_ANSWER: Answer = { headers: { "content-type": "application/json" } };

/** JSON that stops in the middle, cleanly framed. */
export const CUT_JSON: Answer = { headers: { "content-type": "application/json" }, body: '{"id":"chatcmpl-1","choices":[{"index":0,"mess' };

/** A stream that only keeps the connection alive, then ends. */
export function commentsOnly(count: number): Answer {
  return eventStream(Array.from({ length: count }, () => ": keep-alive\n\n"));
}

/** A redirect. */
export function redirectTo(location: string, status = 307): Answer {
  return { status, headers: { location } };
}

const ENCODERS = { gzip: gzipSync, br: brotliCompressSync, zstd: zstdCompressSync };

/** A JSON answer, its body encoded and named so. */
export function encodedJson(encoding: keyof typeof ENCODERS, value: unknown): Answer {
  return { headers: { "content-type": "application/json", "content-encoding": encoding }, body: ENCODERS[encoding](JSON.stringify(value)) };
}
