import type { AnswerGiven } from "../../../core/translation.ts";
import type { AnswerWriter } from "../../dialect.ts";
import type { AnswerEnd, OpenedCall, OpenedPart, OpenedWords, OrderedEvent, WholePart } from "../../ordered-event.ts";
import { responsesErrorEvents } from "../error.ts";
import { argumentsOf, callItem, callSealItem, contentPart, itemId, itemsOf, messageItem, thoughtItem } from "./items.ts";
import { endOf, responseOf } from "./response.ts";

/** A comment, which every client passes over. */
const PING = ": ping\n\n";

/** What the events of a part's words begin with. */
const WORDS = {
  text: "output_text",
  refusal: "refusal",
  thought: "reasoning_summary_text",
} as const satisfies Record<OpenedWords["kind"], string>;

/** The item that is open. */
interface OpenItem {
  readonly id: string;
  /** What its deltas and their `.done` are called: `response.output_text`. */
  readonly words: string;
  /** Where it is: `"item_id":"msg_1","output_index":0,"content_index":0`. */
  readonly place: string;
  /** What stands before the words of a delta. */
  readonly head: string;
}

/**
 * Writes an answer's stream as OpenAI's clients read it: one item open at a time, every one begun before its words and told whole behind them, which is all
 * that Codex reads, and all of them again in the last event. https://platform.openai.com/docs/api-reference/responses-streaming
 */
export class ResponsesWriter implements AnswerWriter {
  readonly #given: AnswerGiven;
  #begun: { readonly id: string | undefined; readonly model: string | undefined } = { id: undefined, model: undefined };
  #sequence = 0;
  readonly #output: object[] = [];
  #open: OpenItem | undefined;

  constructor(given: AnswerGiven) {
    this.#given = given;
  }

  write(event: OrderedEvent): string {
    switch (event.kind) {
      case "piece":
        return this.#piece(event.part, event.text);
      case "begin":
        return this.#begin(event);
      case "open":
        // Words begin with their first piece: a seal alone is another item.
        return event.part.kind === "call" ? this.#openCall(event.part) : "";
      case "close":
        return this.#close(event.part);
      case "alive":
        return PING;
      case "end":
        return this.#end(event.end);
    }
  }

  /** What is open stays so: an item that is told whole is acted on, a call before all. */
  fail(error: { readonly code: string; readonly message: string }): string {
    const { id = this.#given.id, model = this.#given.model } = this.#begun;
    return responsesErrorEvents(error, { facts: { id, model }, sequence: this.#sequence === 0 ? undefined : this.#sequence - 1 });
  }

  #begin({ id, model }: { readonly id: string | undefined; readonly model: string | undefined }): string {
    this.#begun = { id, model };
    const response = responseOf(this.#begun, this.#given, []);
    return this.#event("response.created", { response }) + this.#event("response.in_progress", { response });
  }

  #piece(part: OpenedPart, text: string): string {
    const opened = this.#open === undefined && part.kind !== "call" ? this.#openWords(part.kind) : "";
    return `${opened}${this.#open?.head}${JSON.stringify(text)},"sequence_number":${this.#sequence++}}\n\n`;
  }

  #openWords(kind: OpenedWords["kind"]): string {
    const id = itemId({ kind }, this.#given.id, this.#output.length);
    const added = this.#added(kind === "thought" ? thoughtItem("", undefined, id) : messageItem([], id, "in_progress"));
    this.#opened(id, WORDS[kind], kind === "thought" ? { summary_index: 0 } : { content_index: 0 });
    return added + this.#placed(`${partOf(kind)}.added`, { part: contentPart(kind, "") });
  }

  #openCall(part: OpenedCall): string {
    const sealed = part.seal === undefined ? "" : this.#whole(callSealItem(part.seal, this.#given.id, this.#output.length));
    const id = itemId(part, this.#given.id, this.#output.length);
    const added = this.#added(callItem(part, "", id, "in_progress"));
    this.#opened(id, part.takes === "freeform" ? "custom_tool_call_input" : "function_call_arguments", {});
    return sealed + added;
  }

  #close(part: WholePart): string {
    const told = this.#open === undefined ? "" : this.#wordsDone(part);
    // A call's seal went before it.
    const [item, ...seals] = itemsOf(part.kind === "call" ? { ...part, seal: undefined } : part, this.#given.id, this.#output.length);
    if (item === undefined) return "";
    const done = this.#open === undefined ? this.#whole(item) : told + this.#done(item);
    return seals.reduce<string>((text, seal) => text + this.#whole(seal), done);
  }

  #wordsDone(part: WholePart): string {
    const { kind, text } = part;
    const done = `${this.#open?.words}.done`;
    if (kind === "call") return this.#placed(done, argumentsOf(part.takes, text));
    const words = kind === "refusal" ? { refusal: text } : { text, logprobs: kind === "text" ? [] : undefined };
    return this.#placed(done, words) + this.#placed(`${partOf(kind)}.done`, { part: contentPart(kind, text) });
  }

  #end(end: AnswerEnd): string {
    const told = endOf(end);
    return this.#event(`response.${told.status}`, { response: responseOf(this.#begun, this.#given, this.#output, told) });
  }

  #whole(item: object): string {
    return this.#added(item) + this.#done(item);
  }

  #added(item: object): string {
    return this.#event("response.output_item.added", { output_index: this.#output.length, item });
  }

  #done(item: object): string {
    const done = this.#event("response.output_item.done", { output_index: this.#output.length, item });
    this.#output.push(item);
    this.#open = undefined;
    return done;
  }

  #opened(id: string, name: string, index: object): void {
    const words = `response.${name}`;
    const place = JSON.stringify({ item_id: id, output_index: this.#output.length, ...index }).slice(1, -1);
    // Clients' types have probabilities of each piece of text; none are told.
    const beside = name === WORDS.text ? '"logprobs":[],' : "";
    const head = `event: ${words}.delta\ndata: {"type":"${words}.delta",${place},${beside}"delta":`;
    this.#open = { id, words, place, head };
  }

  /** An event of the open item's. */
  #placed(type: string, members: object): string {
    return `event: ${type}\ndata: {"type":"${type}",${this.#open?.place},${JSON.stringify(members).slice(1, -1)},"sequence_number":${this.#sequence++}}\n\n`;
  }

  #event(type: string, members: object): string {
    return `event: ${type}\ndata: ${JSON.stringify({ type, ...members, sequence_number: this.#sequence++ })}\n\n`;
  }
}

/** What the part of words is called in its events. */
function partOf(kind: OpenedWords["kind"]): string {
  return kind === "thought" ? "response.reasoning_summary_part" : "response.content_part";
}
