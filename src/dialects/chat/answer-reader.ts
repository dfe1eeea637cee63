import { classifyError, saysError } from "../../core/attempt/upstream-error.ts";
import { arrayOf, type ForeignObject, isObject, objectOf, parseForeign, textOf } from "../../core/json/foreign-json.ts";
import type { SseEvent } from "../../core/stream/sse.ts";
import { toldUsage } from "../../core/usage/usage.ts";
import type { AnswerEvent } from "../answer-event.ts";
import type { AnswerReader } from "../dialect.ts";
import { openAiUsage } from "../openai/usage.ts";
import { CallReader } from "./call-reader.ts";
import { placeSeal } from "./details.ts";
import { readFinish } from "./finish.ts";
import { ThoughtReader } from "./thought-reader.ts";

const NOTHING: readonly AnswerEvent[] = [];
const ALIVE: readonly AnswerEvent[] = [{ kind: "alive" }];

/** What messages may bear that the neutral answer has no place for. */
const UNKNOWN = ["audio", "images"] as const;

/** Reads an answer of chat completions, of OpenAI or of the many that copy it: https://platform.openai.com/docs/api-reference/chat-streaming */
export class ChatReader implements AnswerReader {
  readonly #thoughts = new ThoughtReader();
  readonly #calls = new CallReader();
  #hasBegun = false;

  readEvent({ name, data }: SseEvent): readonly AnswerEvent[] {
    if (data === undefined) return ALIVE;
    if (data === "" || data.startsWith("[DONE]")) return NOTHING;
    const chunk = parseForeign(data);
    if (name === "error") return [failed(chunk ?? data)];
    return isObject(chunk) ? this.readWhole(chunk) : NOTHING;
  }

  /** A whole answer is read as a chunk that says everything. */
  readWhole(answer: ForeignObject): readonly AnswerEvent[] {
    if (saysError(answer["error"]) || answer["type"] === "error" || answer["object"] === "error") return [failed(answer)];
    const choices = arrayOf(answer["choices"]);
    const events: AnswerEvent[] = [];
    if (!this.#hasBegun) this.#begin(answer, choices, events);
    for (const value of choices) {
      const choice = objectOf(value);
      if ((choice["index"] ?? 0) === 0) this.#readChoice(choice, events);
    }
    // Groq tells usage in a member of its own: https://console.groq.com/docs/api-reference
    readUsage(answer["usage"] ?? objectOf(answer["x_groq"])["usage"], events);
    return events;
  }

  /** Azure sends a first chunk that is about the request, without id, model and choices. */
  #begin(answer: ForeignObject, choices: readonly unknown[], events: AnswerEvent[]): void {
    const id = textOf(answer["id"]);
    const model = textOf(answer["model"]);
    if (id === undefined && model === undefined && choices.length === 0) return;
    this.#hasBegun = true;
    events.push({ kind: "begin", id, model });
  }

  #readChoice(choice: ForeignObject, events: AnswerEvent[]): void {
    this.#readMessage(objectOf(choice["delta"] ?? choice["message"]), events);
    const word = textOf(choice["finish_reason"]);
    if (word === undefined) return;
    events.push({ kind: "finish", reason: readFinish(word), word });
    // Moonshot tells usage in the last choice: github.com/earendil-works/pi, issue 2017
    readUsage(choice["usage"], events);
  }

  #readMessage(message: ForeignObject, events: AnswerEvent[]): void {
    const { content, tool_calls: calls, function_call: call } = message;
    events.push(...this.#thoughts.read(message));
    if (typeof content === "string") this.#say("text", content, events);
    else if (Array.isArray(content)) for (const part of content) this.#readPart(objectOf(part), events);
    this.#say("refusal", message["refusal"], events);
    if (Array.isArray(calls) && calls.length > 0) {
      this.#thoughts.close();
      events.push(...this.#calls.read(calls));
    }
    if (call !== undefined) events.push(...this.#calls.readFunctionCall(call));
    for (const what of UNKNOWN) if (message[what] !== undefined && message[what] !== null) events.push({ kind: "unknown", what });
  }

  #say(kind: "text" | "refusal", words: unknown, events: AnswerEvent[]): void {
    const text = textOf(words);
    if (text === undefined) return;
    this.#thoughts.close();
    events.push({ kind, part: "text", text });
  }

  /** Mistral's contents are lists where the model thinks: https://docs.mistral.ai/api */
  #readPart(part: ForeignObject, events: AnswerEvent[]): void {
    const { type } = part;
    if (type === "thinking") {
      const text = thinkingText(part["thinking"]);
      if (text !== "") events.push(...this.#thoughts.say(text, placeSeal("content")));
    } else if (type === "text") this.#say("text", part["text"], events);
    else if (type === "refusal") this.#say("refusal", part["refusal"], events);
    else events.push({ kind: "unknown", what: textOf(type) ?? "part" });
  }
}

/** The words of a `thinking` part: texts, and references between them. */
export function thinkingText(thinking: unknown): string {
  if (typeof thinking === "string") return thinking;
  return arrayOf(thinking)
    .map((part) => textOf(objectOf(part)["text"]) ?? "")
    .join("");
}

function failed(error: unknown): AnswerEvent {
  return { kind: "fail", error: classifyError(error) };
}

function readUsage(value: unknown, events: AnswerEvent[]): void {
  const usage = toldUsage(openAiUsage, value);
  if (usage !== undefined) events.push({ kind: "usage", usage });
}
