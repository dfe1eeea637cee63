import type { AnswerGiven } from "../../core/translation.ts";
import { argumentsObject } from "../call-arguments.ts";
import type { AnswerWriter } from "../dialect.ts";
import { wrapFreeform } from "../freeform.ts";
import type { AnswerEnd, OpenedPart, OrderedEvent, WholeAnswer, WholePart } from "../ordered-event.ts";
import { callSealBlock, type ThoughtBlock, thoughtBlock } from "./blocks.ts";
import { messagesErrorEvent } from "./error.ts";
import { writeStopReason } from "./finish.ts";
import { writeUsage } from "./usage.ts";

const PING = 'event: ping\ndata: {"type": "ping"}\n\n';

/** What a delta is called, and the member that has its words. */
const DELTAS = {
  text: ["text_delta", "text"],
  refusal: ["text_delta", "text"],
  thought: ["thinking_delta", "thinking"],
  call: ["input_json_delta", "partial_json"],
} as const satisfies Record<OpenedPart["kind"], readonly [string, string]>;

/** Writes an answer's stream as Anthropic's clients read it: one block open at a time, numbered without gaps, usage in the last event but one. */
export class MessagesWriter implements AnswerWriter {
  readonly #given: AnswerGiven;
  #index = 0;
  /** What stands before the words of the open block's deltas; `undefined`: none is open. */
  #deltaHead: string | undefined;

  constructor(given: AnswerGiven) {
    this.#given = given;
  }

  write(event: OrderedEvent): string {
    switch (event.kind) {
      case "piece":
        return this.#begin(event.part) + (isFreeform(event.part) ? "" : this.#delta(event.text));
      case "begin":
        return eventOf("message_start", { message: messageOf(event, this.#given, []) });
      case "open":
        // Words begin with their first piece: a thought that has none is another block.
        return event.part.kind === "call" ? this.#begin(event.part) : "";
      case "close":
        return this.#close(event.part);
      case "alive":
        return PING;
      case "end":
        return this.#end(event.end);
    }
  }

  fail(error: { readonly code: string; readonly message: string }): string {
    return this.#stop() + messagesErrorEvent(error);
  }

  #begin(part: OpenedPart): string {
    if (this.#deltaHead !== undefined) return "";
    const sealed = part.kind === "call" && part.seal !== undefined ? this.#emptyThought(callSealBlock(part.seal)) : "";
    const start = this.#start(emptyBlock(part));
    const [type, member] = DELTAS[part.kind];
    this.#deltaHead = `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#index},"delta":{"type":"${type}","${member}":`;
    return sealed + start;
  }

  #delta(words: string): string {
    return `${this.#deltaHead}${JSON.stringify(words)}}}\n\n`;
  }

  #close(part: WholePart): string {
    if (part.kind === "thought") {
      const block = thoughtBlock(part);
      return this.#deltaHead === undefined ? this.#emptyThought(block) : this.#sign(block);
    }
    // A plain text is no JSON in pieces, and every tool of these callers takes JSON.
    const whole = isFreeform(part) ? this.#delta(JSON.stringify(wrapFreeform(part.text))) : "";
    const stop = whole + this.#stop();
    // A proof of words stands behind them, as an empty thought.
    return part.kind === "call" || part.seal === undefined ? stop : stop + this.#emptyThought(thoughtBlock({ text: "", seal: part.seal }));
  }

  /** A thought without words. */
  #emptyThought(block: ThoughtBlock): string {
    if (block.type === "thinking") return this.#begin({ kind: "thought" }) + this.#sign(block);
    const start = this.#start(block);
    this.#deltaHead = "";
    return start + this.#stop();
  }

  /** Clients take a signature from its delta alone. */
  #sign(block: ThoughtBlock): string {
    if (block.type === "redacted_thinking") return this.#stop();
    const delta = { type: "signature_delta", signature: block.signature };
    return eventOf("content_block_delta", { index: this.#index, delta }) + this.#stop();
  }

  #start(block: object): string {
    return eventOf("content_block_start", { index: this.#index, content_block: block });
  }

  #stop(): string {
    if (this.#deltaHead === undefined) return "";
    this.#deltaHead = undefined;
    return eventOf("content_block_stop", { index: this.#index++ });
  }

  #end(end: AnswerEnd): string {
    const delta = { stop_reason: writeStopReason(end), stop_sequence: end.stopSequence ?? null };
    return eventOf("message_delta", { delta, usage: writeUsage(end.usage) }) + eventOf("message_stop", {});
  }
}

/** A whole answer as a message. */
export function writeMessage(answer: WholeAnswer, given: AnswerGiven): object {
  const { end } = answer;
  return {
    ...messageOf(answer, given, answer.parts.flatMap(blocksOf)),
    stop_reason: writeStopReason(end),
    stop_sequence: end.stopSequence ?? null,
    usage: writeUsage(end.usage),
  };
}

function eventOf(type: string, members: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`;
}

/** A message as it begins: what it cost is not known yet, and its clients need numbers. */
function messageOf(begun: Pick<WholeAnswer, "id" | "model">, given: AnswerGiven, content: readonly object[]): object {
  return {
    id: begun.id ?? given.id,
    type: "message",
    role: "assistant",
    model: begun.model ?? given.model,
    content,
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 0 },
  };
}

function isFreeform(part: OpenedPart): boolean {
  return part.kind === "call" && part.takes === "freeform";
}

function emptyBlock(part: OpenedPart): object {
  switch (part.kind) {
    case "text":
    case "refusal":
      return { type: "text", text: "" };
    case "thought":
      return { type: "thinking", thinking: "", signature: "" };
    case "call":
      return { type: "tool_use", id: part.id, name: part.name, input: {} };
  }
}

function blocksOf(part: WholePart): readonly object[] {
  switch (part.kind) {
    case "text":
    case "refusal": {
      const text = part.text === "" ? [] : [{ type: "text", text: part.text }];
      return part.seal === undefined ? text : [...text, thoughtBlock({ text: "", seal: part.seal })];
    }
    case "thought":
      return [thoughtBlock(part)];
    case "call": {
      const call = { type: "tool_use", id: part.id, name: part.name, input: argumentsObject({ args: part.text, takes: part.takes }) };
      return part.seal === undefined ? [call] : [callSealBlock(part.seal), call];
    }
  }
}
