import { SseSplitter } from "../../src/core/stream/sse.ts";
import type { AnswerEvent } from "../../src/dialects/answer-event.ts";
import { gemini } from "../../src/dialects/gemini/index.ts";
import { wholeAnswer } from "../../src/dialects/order.ts";

// Answers of Gemini's, and what is read of them.

/** The bytes of a text. */
export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What is read of a stream that comes in these pieces. */
export function readBytes(...pieces: readonly Uint8Array[]): readonly AnswerEvent[] {
  const splitter = new SseSplitter();
  const reader = gemini.reader();
  return pieces.flatMap((piece) => splitter.push(piece)).flatMap((event) => reader.readEvent(event));
}

/** A stream of these chunks. */
export function streamOf(...chunks: readonly unknown[]): Uint8Array {
  return encode(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`).join(""));
}

/** A chunk with these parts. */
export function chunk(parts: readonly unknown[], more: object = {}): object {
  return { candidates: [{ content: { parts, role: "model" }, index: 0, ...more }], responseId: "r-1", modelVersion: "gemini-3-flash" };
}

/** What the last chunk says. */
export const STOP = { finishReason: "STOP" };
/** A part that calls a function. */
export const called = (name: string, args?: unknown, more: object = {}): object => ({ functionCall: { name, args, ...more } });

/** An answer's parts, each as its kind, what is in it, and what seals it. */
export function partsOf(events: readonly AnswerEvent[]): readonly (readonly unknown[])[] {
  return wholeAnswer(events).parts.map((part) =>
    [...(part.kind === "call" ? ["call", part.id, part.name] : [part.kind]), part.text, part.seal?.value].filter(
      (each) => each !== undefined,
    ),
  );
}
