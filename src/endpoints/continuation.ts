import type { Continuation, Insertion } from "../core/endpoint.ts";
import { arrayOf, objectOf, parseForeign, textOf } from "../core/json/foreign-json.ts";
import { findMember, memberText, memberValue, type JsonMember } from "../core/json/json-members.ts";
import type { SseEvent } from "../core/stream/sse.ts";
import { dataEvent } from "./openai-dialect.ts";

/** How the three text dialects are finished by another target. Responses has no place here: its events count themselves and its last one repeats the whole text. */

/** Chat: the text becomes a last message of the assistant's. */
export const chatContinuation: Continuation = {
  prefill: prefillMessages,
  begins: (_event, { kind }) => kind === "quiet",
  withText(event, text) {
    const chunk = objectOf(parseForeign(event.data ?? ""));
    const choices = arrayOf(chunk["choices"]).map((value) => {
      const choice = objectOf(value);
      return { ...choice, delta: { ...objectOf(choice["delta"]), content: text } };
    });
    return dataEvent({ ...chunk, choices });
  },
};

/** Completions: the text is put behind the prompt. */
export const completionContinuation: Continuation = {
  prefill(members, said) {
    const prompt = findMember(members, "prompt");
    if (prompt === undefined || typeof memberValue(prompt) !== "string") return undefined;
    return { offset: prompt.valueEnd - 1, text: JSON.stringify(said).slice(1, -1) };
  },
  begins: (_event, { kind }) => kind === "quiet",
  withText(event, text) {
    const chunk = objectOf(parseForeign(event.data ?? ""));
    return dataEvent({ ...chunk, choices: arrayOf(chunk["choices"]).map((choice) => ({ ...objectOf(choice), text })) });
  },
};

/** Messages: the same as in chat; the caller has had the events that open the message and its block. */
export const messageContinuation: Continuation = {
  prefill: prefillMessages,
  begins: (event) => ["message_start", "content_block_start", "ping"].includes(typeOf(event)),
  withText(event, text) {
    const value = objectOf(parseForeign(event.data ?? ""));
    if (typeOf(event) !== "content_block_delta") return event.raw;
    const data = { ...value, delta: { ...objectOf(value["delta"]), text } };
    return new TextEncoder().encode(`event: content_block_delta\ndata: ${JSON.stringify(data)}\n\n`);
  },
};

function typeOf(event: SseEvent): string {
  return textOf(objectOf(parseForeign(event.data ?? ""))["type"]) ?? event.name;
}

function prefillMessages(members: readonly JsonMember[], said: string): Insertion | undefined {
  const messages = findMember(members, "messages");
  if (messages === undefined) return undefined;
  const text = memberText(messages);
  if (!text.startsWith("[")) return undefined;
  const comma = /^\[\s*\]$/.test(text) ? "" : ",";
  return { offset: messages.valueEnd - 1, text: `${comma}${JSON.stringify({ role: "assistant", content: said })}` };
}
