import { classifyError } from "../../../core/attempt/upstream-error.ts";
import { arrayOf, type ForeignObject, isObject, objectOf, parseForeign, textOf } from "../../../core/json/foreign-json.ts";
import type { SseEvent } from "../../../core/stream/sse.ts";
import { toldUsage } from "../../../core/usage/usage.ts";
import type { AnswerEvent } from "../../answer-event.ts";
import type { AnswerReader } from "../../dialect.ts";
import { openAiUsage } from "../../openai/usage.ts";
import { BETWEEN_SUMMARIES } from "../thought.ts";
import { readFinish } from "./finish.ts";
import { type ReadItem, readItemEnd, readItemStart } from "./item-reader.ts";

/** Events that are said again, or whose part is opened by what follows. */
const NOTHING_NEW: ReadonlySet<string> = new Set([
  "response.in_progress",
  "response.queued",
  "response.content_part.added",
  "response.content_part.done",
  "response.output_text.done",
  "response.refusal.done",
  "response.reasoning_summary_part.added",
  "response.reasoning_summary_part.done",
  "response.reasoning_summary_text.done",
  "response.reasoning_text.done",
]);

/**
 * Reads one answer of Responses: https://platform.openai.com/docs/api-reference/responses-streaming. Items are told apart by their `output_index`: some
 * servers give one item another id in each event (github.com/vercel/ai, pull request 18548).
 */
export class ResponsesReader implements AnswerReader {
  readonly #items = new Map<unknown, ReadItem>();
  #count = 0;
  #hasBegun = false;
  #calls: "made" | "none" = "none";
  #hasFailed = false;

  readEvent({ name, data }: SseEvent): readonly AnswerEvent[] {
    if (data === undefined) return [{ kind: "alive" }];
    const event = parseForeign(data);
    if (!isObject(event)) return name === "error" ? this.#fail(event ?? data) : [];
    return this.#readTyped(textOf(event["type"]) ?? name, event);
  }

  readWhole(answer: ForeignObject): readonly AnswerEvent[] {
    return [...this.#begin(answer), ...this.#readOutput(answer), ...this.#end(answer)];
  }

  #readTyped(type: string, event: ForeignObject): readonly AnswerEvent[] {
    switch (type) {
      case "response.output_text.delta":
        return this.#words("text", event, event["content_index"]);
      case "response.refusal.delta":
        return this.#words("refusal", event, event["content_index"]);
      case "response.reasoning_summary_text.delta":
      case "response.reasoning_text.delta":
        return this.#thought(event, type);
      case "response.function_call_arguments.delta":
      case "response.custom_tool_call_input.delta":
        return this.#arguments("arguments", event, event["delta"]);
      case "response.function_call_arguments.done":
        return this.#arguments("whole_arguments", event, event["arguments"]);
      case "response.custom_tool_call_input.done":
        return this.#arguments("whole_arguments", event, event["input"]);
      case "response.output_item.added":
        return this.#itemAdded(event);
      case "response.output_item.done":
        return this.#itemDone(event);
      case "response.output_text.annotation.added":
        return [{ kind: "unknown", what: "annotations" }];
      case "response.created":
        return this.#begin(objectOf(event["response"]));
      case "response.completed":
      case "response.incomplete":
        return this.#completed(objectOf(event["response"]));
      case "response.failed":
        return [...usageEvents(objectOf(event["response"])), ...this.#fail(event)];
      case "error":
        return this.#fail(event);
      default:
        return NOTHING_NEW.has(type) ? [] : [{ kind: "alive" }];
    }
  }

  #begin({ id, model }: ForeignObject): readonly AnswerEvent[] {
    if (this.#hasBegun) return [];
    this.#hasBegun = true;
    return [{ kind: "begin", id: textOf(id), model: textOf(model) }];
  }

  #words(kind: "text" | "refusal", event: ForeignObject, index: unknown): readonly AnswerEvent[] {
    const text = event["delta"];
    if (typeof text !== "string" || text === "") return [];
    const item = this.#itemOf(event);
    item.said = "words";
    item.open = `${item.part}.${typeof index === "number" ? index : 0}`;
    return [{ kind, part: item.open, text }];
  }

  /** A model that tells both its thoughts and a summary of them is heard in what it began with. */
  #thought(event: ForeignObject, said: string): readonly AnswerEvent[] {
    const text = event["delta"];
    if (typeof text !== "string" || text === "") return [];
    const item = this.#itemOf(event);
    if (item.said !== undefined && item.said !== said) return [];
    const isNext = item.said !== undefined && item.summary !== event["summary_index"];
    item.said = said;
    item.summary = event["summary_index"];
    return [{ kind: "thought", part: item.part, text: isNext ? BETWEEN_SUMMARIES + text : text }];
  }

  #arguments(kind: "arguments" | "whole_arguments", event: ForeignObject, text: unknown): readonly AnswerEvent[] {
    return typeof text === "string" && text !== "" ? [{ kind, part: this.#itemOf(event).part, text }] : [];
  }

  #itemAdded(event: ForeignObject): readonly AnswerEvent[] {
    const item = this.#newItem(keyOf(event));
    return this.#noted(readItemStart(objectOf(event["item"]), item));
  }

  #itemDone(event: ForeignObject): readonly AnswerEvent[] {
    const item = this.#itemOf(event);
    if (item.isDone) return [];
    return this.#noted(readItemEnd(objectOf(event["item"]), item));
  }

  /** The last word repeats all items, or has none of them; those of a server that said nothing else are read here. */
  #completed(response: ForeignObject): readonly AnswerEvent[] {
    const items = this.#items.size === 0 ? this.#readOutput(response) : [];
    return [...this.#begin(response), ...items, ...this.#end(response)];
  }

  #readOutput(response: ForeignObject): readonly AnswerEvent[] {
    return arrayOf(response["output"]).flatMap((item, index) => this.#noted(readItemEnd(objectOf(item), this.#newItem(index))));
  }

  #end(response: ForeignObject): readonly AnswerEvent[] {
    const usage = usageEvents(response);
    return response["status"] === "failed" ? [...usage, ...this.#fail(response)] : [...usage, readFinish(response, this.#calls)];
  }

  /** `error` comes before a `response.failed` that says the same. */
  #fail(value: unknown): readonly AnswerEvent[] {
    if (this.#hasFailed) return [];
    this.#hasFailed = true;
    return [{ kind: "fail", error: classifyError(value) }];
  }

  #noted(events: readonly AnswerEvent[]): readonly AnswerEvent[] {
    if (events.some(({ kind }) => kind === "call")) this.#calls = "made";
    return events;
  }

  #itemOf(event: ForeignObject): ReadItem {
    const key = keyOf(event);
    return this.#items.get(key) ?? this.#newItem(key);
  }

  #newItem(key: unknown): ReadItem {
    const item: ReadItem = {
      part: String(this.#count),
      said: undefined,
      summary: undefined,
      open: undefined,
      hasCall: false,
      isDone: false,
    };
    this.#count += 1;
    this.#items.set(key, item);
    return item;
  }
}

function keyOf(event: ForeignObject): unknown {
  return event["output_index"] ?? textOf(event["item_id"]) ?? objectOf(event["item"])["id"];
}

function usageEvents(response: ForeignObject): readonly AnswerEvent[] {
  const usage = toldUsage(openAiUsage, response["usage"]);
  return usage === undefined ? [] : [{ kind: "usage", usage }];
}
