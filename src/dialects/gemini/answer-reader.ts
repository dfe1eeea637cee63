import { arrayOf, type ForeignObject, isObject, objectOf, parseForeign, textOf, writeForeign } from "../../core/json/foreign-json.ts";
import { classifyError, saysError } from "../../core/attempt/upstream-error.ts";
import type { SseEvent } from "../../core/stream/sse.ts";
import { toldUsage } from "../../core/usage/usage.ts";
import type { AnswerEvent } from "../answer-event.ts";
import type { AnswerReader } from "../dialect.ts";
import { digest } from "../writing/digest.ts";
import { endingOf } from "./finish.ts";
import { GEMINI_SEAL } from "./model-turn.ts";
import { geminiUsage } from "./usage.ts";

/** What a part may say of itself besides what it holds. */
const BESIDE_CONTENT: ReadonlySet<string> = new Set(["thought", "thoughtSignature", "partMetadata", "mediaResolution", "videoMetadata"]);
/** Members of a candidate that nobody asked for and that tell something of its text. */
const TOLD_BESIDE = ["groundingMetadata", "citationMetadata", "urlContextMetadata"];

/** Reads one answer of Gemini's. A chunk of a stream is an answer with some of the parts. */
export class GeminiReader implements AnswerReader {
  #hasBegun = false;
  #hasEnded = false;
  #calls = 0;
  /** All that was told of the tokens so far: each chunk tells it again, and of some only the first. */
  #usage: ForeignObject = {};

  readEvent({ name, data }: SseEvent): readonly AnswerEvent[] {
    if (data === undefined) return [{ kind: "alive" }];
    const value = parseForeign(data);
    if (name === "error") return [{ kind: "fail", error: classifyError(value ?? data) }];
    if (isObject(value)) return this.#read(value, data);
    return saysError(objectOf(arrayOf(value)[0])["error"]) ? [{ kind: "fail", error: classifyError(value) }] : [];
  }

  readWhole(answer: ForeignObject): readonly AnswerEvent[] {
    return this.#read(answer, undefined);
  }

  /** `text`: as it came. */
  #read(answer: ForeignObject, text: string | undefined): readonly AnswerEvent[] {
    if (saysError(answer["error"])) return [{ kind: "fail", error: classifyError(answer) }];
    const events: AnswerEvent[] = [];
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      events.push({ kind: "begin", id: textOf(answer["responseId"]), model: textOf(answer["modelVersion"]) });
    }
    // One answer is asked for: of others nothing is wanted.
    const candidate = objectOf(arrayOf(answer["candidates"])[0]);
    for (const part of arrayOf(objectOf(candidate["content"])["parts"])) this.#readPart(objectOf(part), { answer, text }, events);
    for (const what of TOLD_BESIDE) if (isObject(candidate[what])) events.push({ kind: "unknown", what });
    const usage = answer["usageMetadata"];
    if (isObject(usage)) this.#usage = { ...this.#usage, ...usage };
    this.#readEnding(answer, candidate, events);
    return events;
  }

  #readPart(part: ForeignObject, from: Source, events: AnswerEvent[]): void {
    const { text = isSignatureAlone(part) ? "" : undefined, functionCall: call } = part;
    const signature = textOf(part["thoughtSignature"]);
    if (typeof text === "string") {
      const kind = part["thought"] === true ? "thought" : "text";
      if (text !== "") events.push({ kind, part: kind, text });
      if (signature === undefined) return;
      events.push({ kind: "seal", part: kind, of: kind, seal: { ...GEMINI_SEAL, value: signature } });
      // What is signed is whole: what follows has a signature of its own.
      events.push({ kind: "close", part: kind });
    } else if (isObject(call) && textOf(call["name"]) !== undefined) this.#readCall(call, signature, from, events);
    else for (const what of Object.keys(part)) if (!BESIDE_CONTENT.has(what)) events.push({ kind: "unknown", what });
  }

  /** A call comes whole. */
  #readCall(call: ForeignObject, signature: string | undefined, from: Source, events: AnswerEvent[]): void {
    const ordinal = this.#calls;
    this.#calls += 1;
    const part = `call:${ordinal}`;
    const id = textOf(call["id"]) ?? madeId(from, ordinal);
    const seal = signature === undefined ? undefined : { ...GEMINI_SEAL, value: signature };
    events.push({ kind: "call", part, id, name: textOf(call["name"]) ?? "", seal });
    const args = isObject(call["args"]) ? writeForeign(call["args"]) : undefined;
    if (args !== undefined) events.push({ kind: "arguments", part, text: args });
    events.push({ kind: "close", part });
  }

  #readEnding(answer: ForeignObject, candidate: ForeignObject, events: AnswerEvent[]): void {
    const ending = endingOf(answer, candidate);
    this.#hasEnded ||= ending !== undefined;
    const usage = this.#hasEnded ? toldUsage(geminiUsage, this.#usage) : undefined;
    if (usage !== undefined) events.push({ kind: "usage", usage });
    if (ending !== undefined) events.push(ending);
  }
}

/** Whether a part holds nothing but what it says of itself. */
function isSignatureAlone(part: ForeignObject): boolean {
  return Object.keys(part).every((key) => BESIDE_CONTENT.has(key));
}

/** Where a call stands. */
interface Source {
  readonly answer: ForeignObject;
  readonly text: string | undefined;
}

/**
 * An id for a call that has none: the answer's own and which of its calls it is, so that no two calls of a conversation have the same. An answer without an id is
 * told from others by all it says, the length of the conversation with it.
 */
function madeId({ answer, text }: Source, ordinal: number): string {
  const of = textOf(answer["responseId"])?.replaceAll(/[^A-Za-z0-9_-]/g, "_") ?? digest(text ?? JSON.stringify(answer));
  return `call_${of}_${ordinal}`;
}
