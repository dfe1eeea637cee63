import { jsonMembers } from "../../src/core/json/json-members.ts";
import type { AnswerGiven } from "../../src/core/translation.ts";
import { SseSplitter } from "../../src/core/stream/sse.ts";
import type { AnswerEvent } from "../../src/dialects/answer-event.ts";
import { chat } from "../../src/dialects/chat/index.ts";
import type { Ask } from "../../src/dialects/conversation.ts";
import { Order, wholeAnswer } from "../../src/dialects/order.ts";
import type { WholeAnswer } from "../../src/dialects/ordered-event.ts";
import { NOTHING_ASKED } from "./conversations.ts";

// Requests and answers of chat completions, read and written.

export const GIVEN: AnswerGiven = { id: "default_01", model: "asked-model", createdAt: 1_700_000_000, usage: "shown" };

export const HELLO = { role: "user", content: "Hello." } as const;

/** What is read of a request's body, or what is wrong with it. */
export function readBody(body: object): ReturnType<typeof chat.readAsk> {
  const members = jsonMembers(new TextEncoder().encode(JSON.stringify(body)));
  if (!members.ok) throw new Error("the body is JSON");
  return chat.readAsk(members.value);
}

/** The request that a body makes. */
export function askOf(body: object): Ask {
  const read = readBody({ messages: [HELLO], ...body });
  if (!read.ok) throw new Error(`${read.error.param}: ${read.error.message}`);
  return read.value;
}

/** Each feature that a body asks for and where: `"seed at seed"`. */
export function featuresOf(body: object): readonly string[] {
  return askOf(body).asked.map(({ feature, param, called }) => `${feature} at ${param}${called === undefined ? "" : ` (${called})`}`);
}

type Written = Readonly<Record<string, unknown>>;

/** The body that is written for a request, as JSON has it, and what was changed. */
export function written(
  ask: Partial<Ask>,
  target: { readonly model?: string; readonly maxOutputTokens?: number; readonly streamUsage?: boolean } = {},
) {
  const result = chat.writeAsk(
    { ...NOTHING_ASKED, turns: [{ role: "user", parts: [{ kind: "text", text: "Hello." }] }], ...ask },
    { model: "a-model", maxOutputTokens: undefined, streamUsage: true, ...target },
  );
  if (!result.ok) throw new Error(result.error.message);
  const { body, adapted, changed } = result.value;
  return { body: JSON.parse(JSON.stringify(body)) as Written, adapted, changed };
}

/** The messages that are written for these turns. */
export function messagesOf(ask: Partial<Ask>, model = "a-model"): readonly Written[] {
  return written(ask, { model }).body["messages"] as readonly Written[];
}

/** A chunk whose only choice has this delta. */
export function delta(value: object, finish: string | null = null): object {
  return {
    id: "c1",
    object: "chat.completion.chunk",
    created: 1,
    model: "m",
    choices: [{ index: 0, delta: value, finish_reason: finish }],
  };
}

/** A chunk with calls in its delta. */
export function calls(...entries: readonly object[]): object {
  return delta({ tool_calls: entries });
}

/** Bytes of a stream of these chunks. */
export function streamOf(chunks: readonly object[]): Uint8Array {
  return new TextEncoder().encode(`${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("")}data: [DONE]\n\n`);
}

/** What is read of a stream of these chunks. */
export function eventsOf(...chunks: readonly object[]): readonly AnswerEvent[] {
  const reader = chat.reader();
  return new SseSplitter().push(streamOf(chunks)).flatMap((event) => reader.readEvent(event));
}

/** The answer that a stream of these chunks makes. */
export function answerOf(...chunks: readonly object[]): WholeAnswer {
  return wholeAnswer(eventsOf(...chunks));
}

/** An answer's parts, each as a word: `text:Hello`, `f(call_1, {"a":1})`. */
export function saidIn({ parts }: WholeAnswer): readonly string[] {
  return parts.map((part) => (part.kind === "call" ? `${part.name}(${part.id}, ${part.text})` : `${part.kind}:${part.text}`));
}

/** The parts of a whole answer with this message. */
export function wholeOf(message: object, finish = "stop"): WholeAnswer {
  return wholeAnswer(chat.reader().readWhole({ id: "c1", model: "m", choices: [{ index: 0, message, finish_reason: finish }] }));
}

/** The text that a caller's stream is written in for these events. */
export function writtenStream(events: readonly AnswerEvent[], given: AnswerGiven = GIVEN): string {
  const order = new Order();
  const writer = chat.writer(given);
  return [...events.flatMap((event) => order.take(event)), ...order.end()].map((event) => writer.write(event)).join("");
}

/** The deltas of a written stream. */
export function deltasOf(text: string): readonly Written[] {
  return chunksOf(text).flatMap((chunk) => (chunk["choices"] as readonly Written[]).map((choice) => choice["delta"] as Written));
}

/** The chunks of a written stream. */
export function chunksOf(text: string): readonly Written[] {
  return text
    .split("\n\n")
    .filter((event) => event.startsWith("data: {"))
    .map((event) => JSON.parse(event.slice("data: ".length)) as Written);
}
