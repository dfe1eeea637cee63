import { classifyError } from "../../core/attempt/upstream-error.ts";
import { arrayOf, type ForeignObject, isObject, objectOf, parseForeign, textOf, writeForeign } from "../../core/json/foreign-json.ts";
import type { SseEvent } from "../../core/stream/sse.ts";
import { toldUsage } from "../../core/usage/usage.ts";
import type { AnswerEvent } from "../answer-event.ts";
import type { AnswerReader } from "../dialect.ts";
import { readSealOrNone } from "../seal.ts";
import { readStopReason } from "./finish.ts";
import { messagesUsage } from "./usage.ts";

const NOTHING: readonly AnswerEvent[] = [];
const ALIVE: readonly AnswerEvent[] = [{ kind: "alive" }];

/** Another answer inside this one, as broken proxies send: the parts of both have the same numbers. github.com/vercel/ai, issue 18402 */
const SPLICED: readonly AnswerEvent[] = [
  { kind: "fail", error: { status: 500, code: null, message: "Another message began inside of this one." } },
];

/** A block of the answer. `skipped`: one that the neutral answer has no place for, its deltas neither. */
interface Block {
  readonly kind: "text" | "thought" | "call" | "skipped";
  /** What the events call it. Texts with nothing between them are one part: citations cut a text into many blocks. */
  readonly part: string;
  /** The arguments that a call began with: they count where no pieces come behind them. */
  readonly args?: string;
}

const SKIPPED: Block = { kind: "skipped", part: "" };

/** Reads an answer of the Messages API: https://platform.claude.com/docs/en/build-with-claude/streaming */
export class MessagesReader implements AnswerReader {
  #begun: { readonly id: string | undefined } | undefined;
  #isSpliced = false;
  /** By their `index`, which a stream of two messages has twice. */
  readonly #blocks = new Map<unknown, Block>();
  /** The text block that more text goes on in. */
  #text: Block | undefined;

  readEvent({ name, data }: SseEvent): readonly AnswerEvent[] {
    if (data === undefined || data === "" || this.#isSpliced) return NOTHING;
    const event = parseForeign(data);
    if (name === "error") return [{ kind: "fail", error: classifyError(event ?? data) }];
    return isObject(event) ? this.#readTyped(textOf(event["type"]) ?? name, event) : NOTHING;
  }

  readWhole(answer: ForeignObject): readonly AnswerEvent[] {
    if (answer["type"] === "error") return [{ kind: "fail", error: classifyError(answer) }];
    return this.#readStart(answer);
  }

  #readTyped(type: string, event: ForeignObject): readonly AnswerEvent[] {
    switch (type) {
      case "content_block_delta":
        return this.#readDelta(event["index"], objectOf(event["delta"]));
      case "content_block_start":
        return this.#readBlock(event["index"], objectOf(event["content_block"]));
      case "content_block_stop":
        return this.#readStop(event["index"]);
      case "message_start":
        return this.#readStart(objectOf(event["message"]));
      case "message_delta":
        return [...usageOf(event["usage"]), ...finishOf(objectOf(event["delta"]))];
      case "message_stop":
        return NOTHING;
      case "ping":
        return ALIVE;
      case "error":
        return [{ kind: "fail", error: classifyError(event) }];
      default:
        return [{ kind: "unknown", what: type }];
    }
  }

  /** A message: empty in a stream, but for the later parts of an answer whose tools call each other, which come whole in this one event. */
  #readStart(message: ForeignObject): readonly AnswerEvent[] {
    const id = textOf(message["id"]);
    if (this.#begun !== undefined) {
      this.#isSpliced = id !== this.#begun.id;
      return this.#isSpliced ? SPLICED : usageOf(message["usage"]);
    }
    this.#begun = { id };
    const events: AnswerEvent[] = [{ kind: "begin", id, model: textOf(message["model"]) }];
    for (const [index, block] of arrayOf(message["content"]).entries())
      events.push(...this.#readBlock(index, objectOf(block)), ...this.#readStop(index));
    return [...events, ...usageOf(message["usage"]), ...finishOf(message)];
  }

  #readBlock(index: unknown, block: ForeignObject): readonly AnswerEvent[] {
    switch (block["type"]) {
      case "text": {
        this.#text ??= { kind: "text", part: String(index) };
        this.#blocks.set(index, this.#text);
        return said("text", this.#text.part, block["text"]);
      }
      case "thinking":
      case "redacted_thinking": {
        const part = this.#open(index, "thought");
        return [
          ...said("thought", part, block["thinking"]),
          ...sealed(part, block["signature"], "proof"),
          ...sealed(part, block["data"], "cipher"),
        ];
      }
      case "tool_use": {
        const input = objectOf(block["input"]);
        const part = this.#open(index, "call", Object.keys(input).length === 0 ? undefined : writeForeign(input));
        return [{ kind: "call", part, id: textOf(block["id"]), name: textOf(block["name"]) ?? "", seal: undefined }];
      }
      default:
        this.#blocks.set(index, SKIPPED);
        return [{ kind: "unknown", what: textOf(block["type"]) ?? "block" }];
    }
  }

  #open(index: unknown, kind: Block["kind"], args?: string): string {
    const block = { kind, part: String(index), ...(args === undefined ? {} : { args }) };
    this.#blocks.set(index, block);
    this.#text = undefined;
    return block.part;
  }

  #readDelta(index: unknown, delta: ForeignObject): readonly AnswerEvent[] {
    const block = this.#blocks.get(index);
    if (block === undefined || block.kind === "skipped") return NOTHING;
    switch (delta["type"]) {
      case "text_delta":
        return said("text", block.part, delta["text"]);
      case "thinking_delta":
        return said("thought", block.part, delta["thinking"]);
      case "signature_delta":
        return sealed(block.part, delta["signature"], "proof");
      case "input_json_delta": {
        const text = textOf(delta["partial_json"]);
        return text === undefined ? NOTHING : [{ kind: "arguments", part: block.part, text }];
      }
      default:
        return [{ kind: "unknown", what: textOf(delta["type"]) ?? "delta" }];
    }
  }

  /** A text stays open: the next block may be more of it. */
  #readStop(index: unknown): readonly AnswerEvent[] {
    const block = this.#blocks.get(index);
    if (block === undefined || block.kind === "skipped" || block.kind === "text") return NOTHING;
    const { part, args } = block;
    return args === undefined
      ? [{ kind: "close", part }]
      : [
          { kind: "whole_arguments", part, text: args },
          { kind: "close", part },
        ];
  }
}

function said(kind: "text" | "thought", part: string, words: unknown): readonly AnswerEvent[] {
  const text = textOf(words);
  return text === undefined ? NOTHING : [{ kind, part, text }];
}

function sealed(part: string, signature: unknown, place: "proof" | "cipher"): readonly AnswerEvent[] {
  const seal = readSealOrNone(textOf(signature), { dialect: "messages", kind: place });
  return seal === undefined ? NOTHING : [{ kind: "seal", part, of: "thought", seal }];
}

function usageOf(value: unknown): readonly AnswerEvent[] {
  const usage = toldUsage(messagesUsage, value);
  return usage === undefined ? NOTHING : [{ kind: "usage", usage }];
}

function finishOf(said: ForeignObject): readonly AnswerEvent[] {
  const word = textOf(said["stop_reason"]);
  if (word === undefined) return NOTHING;
  const stopSequence = textOf(said["stop_sequence"]);
  const finish = { kind: "finish", reason: readStopReason(word), word } as const;
  return [stopSequence === undefined ? finish : { ...finish, stopSequence }];
}
