import type { AnswerGiven } from "../../core/translation.ts";
import type { AnswerWriter } from "../dialect.ts";
import { openAiErrorEvent } from "../openai/error.ts";
import type { AnswerEnd, OpenedCall, OpenedPart, OrderedEvent, WholeAnswer, WholePart } from "../ordered-event.ts";
import { writeCallSeal } from "./call-seal.ts";
import { writeDetails } from "./details.ts";
import { writeFinish } from "./finish.ts";
import { writeUsage } from "./usage.ts";

/** A comment, which clients pass over. */
const PING = ": ping\n\n";

const DONE = "data: [DONE]\n\n";

/** The members that words of a kind are in. */
const MEMBERS = { text: "content", thought: "reasoning_content", refusal: "refusal" } as const;

/** Writes an answer's stream as clients of OpenAI's read it: the role first, calls one after the other, one reason at the end. */
export class ChatWriter implements AnswerWriter {
  readonly #given: AnswerGiven;
  /** What stands in front of a chunk's `choices`. */
  #head = "";
  /** What stands before and after each piece of the open part. */
  #before = "";
  #after = "";
  #sealed = 0;

  constructor(given: AnswerGiven) {
    this.#given = given;
  }

  write(event: OrderedEvent): string {
    switch (event.kind) {
      case "piece":
        return this.#before + JSON.stringify(event.text) + this.#after;
      case "begin": {
        const common = JSON.stringify(commonOf("chat.completion.chunk", event, this.#given));
        this.#head = `data: ${common.slice(0, -1)},"choices":[`;
        return this.#delta('{"role":"assistant","content":""}');
      }
      case "open":
        return this.#open(event.part);
      case "close":
        return this.#close(event.part);
      case "alive":
        return PING;
      case "end":
        return this.#end(event.end);
    }
  }

  fail(error: { readonly code: string; readonly message: string }): string {
    return openAiErrorEvent(error);
  }

  #open(part: OpenedPart): string {
    if (part.kind !== "call") {
      this.#around(`{"${MEMBERS[part.kind]}":`, "}");
      return "";
    }
    const { ordinal } = part;
    const [type, member] = formOf(part);
    this.#around(`{"tool_calls":[{"index":${ordinal},"${type}":{"${member}":`, "}}]}");
    return this.#delta(JSON.stringify({ tool_calls: [{ index: ordinal, ...callOf(part, "") }] }));
  }

  #around(before: string, after: string): void {
    this.#before = `${this.#head}{"index":0,"delta":${before}`;
    this.#after = `${after},"finish_reason":null}]}\n\n`;
  }

  /** Seals are known when their part is whole. */
  #close(part: WholePart): string {
    const details = detailsOf(part, this.#sealed);
    if (details.length === 0) return "";
    this.#sealed += 1;
    return this.#delta(JSON.stringify({ reasoning_details: details }));
  }

  #delta(delta: string): string {
    return `${this.#head}{"index":0,"delta":${delta},"finish_reason":null}]}\n\n`;
  }

  #end(end: AnswerEnd): string {
    const finish = `${this.#head}{"index":0,"delta":{},"finish_reason":"${writeFinish(end)}"}]}\n\n`;
    const usage = this.#given.usage === "shown" ? writeUsage(end.usage) : undefined;
    return finish + (usage === undefined ? "" : `${this.#head}],"usage":${JSON.stringify(usage)}}\n\n`) + DONE;
  }
}

/** A whole answer as a completion. */
export function writeCompletion(answer: WholeAnswer, given: AnswerGiven): object {
  const usage = writeUsage(answer.end.usage);
  return {
    ...commonOf("chat.completion", answer, given),
    choices: [{ index: 0, message: messageOf(answer.parts), logprobs: null, finish_reason: writeFinish(answer.end) }],
    ...(usage === undefined ? {} : { usage }),
  };
}

function commonOf(object: string, begun: Pick<WholeAnswer, "id" | "model">, given: AnswerGiven): object {
  return { id: begun.id ?? given.id, object, created: given.createdAt, model: begun.model ?? given.model };
}

function messageOf(parts: readonly WholePart[]): object {
  const words = (kind: WholePart["kind"]): string =>
    parts
      .filter((part) => part.kind === kind)
      .map(({ text }) => text)
      .join("");
  const calls = parts.flatMap((part) => (part.kind === "call" ? [callOf(part, part.text)] : []));
  const details = parts.reduce<readonly object[][]>((all, part) => {
    const more = detailsOf(part, all.length);
    return more.length === 0 ? all : [...all, [...more]];
  }, []);
  const [text, thought, refusal] = [words("text"), words("thought"), words("refusal")];
  return {
    role: "assistant",
    content: text === "" && (calls.length > 0 || refusal !== "") ? null : text,
    refusal: refusal === "" ? null : refusal,
    ...(thought === "" ? {} : { reasoning_content: thought }),
    ...(details.length === 0 ? {} : { reasoning_details: details.flat() }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

/** What a call's type is called, and the member of that which holds its arguments. */
function formOf({ takes }: OpenedCall): readonly ["custom", "input"] | readonly ["function", "arguments"] {
  return takes === "freeform" ? ["custom", "input"] : ["function", "arguments"];
}

function callOf(call: OpenedCall, args: string): object {
  const [type, member] = formOf(call);
  return { id: call.id, type, [type]: { name: call.name, [member]: args }, ...writeCallSeal(call.seal) };
}

/** Seals of words stand beside the thoughts'. */
function detailsOf(part: WholePart, index: number): readonly object[] {
  if (part.kind === "call") return [];
  return writeDetails({ text: part.kind === "thought" ? part.text : "", seal: part.seal }, index);
}
