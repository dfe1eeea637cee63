import { type ForeignObject, isObject, objectOf, textOf } from "../../../core/json/foreign-json.ts";
import type { Ask } from "../../conversation.ts";
import { readCallSeal } from "../call-seal.ts";
import {
  AUDIO,
  type ContentOf,
  type ContentPart,
  FILE,
  IMAGE,
  noteCacheHint,
  type PartReaders,
  type Place,
  readContent,
  readOutput,
  REFUSAL,
  TEXT,
} from "../../openai/content-reader.ts";
import type { Asked } from "../../reading/asked.ts";
import { Turns } from "../../reading/turns.ts";
import { thinkingText } from "../answer-reader.ts";
import { placeSeal } from "../details.ts";
import { ThoughtReader, thoughtsOf } from "../thought-reader.ts";

/** https://platform.openai.com/docs/api-reference/chat/create, `messages` */
const PARTS: PartReaders = new Map([
  ["text", TEXT],
  ["refusal", REFUSAL],
  // Mistral's, as its answers have it.
  ["thinking", { of: ["assistant"], read: readThinking }],
  ["image_url", IMAGE],
  ["file", FILE],
  ["input_audio", AUDIO],
]);

/** Reads what was said: https://platform.openai.com/docs/api-reference/chat/create, `messages` */
export function readConversation(messages: unknown, asked: Asked): Pick<Ask, "system" | "turns"> {
  const reader = new MessageReader(asked);
  for (const [index, message] of asked.list(messages, "messages").entries()) {
    const param = `messages.${index}`;
    if (isObject(message)) reader.read(message, param);
    else asked.wrong(param, 'is no message: one is an object with a role, such as {"role": "user", "content": "…"}');
  }
  return reader.turns.finish("messages");
}

class MessageReader {
  readonly turns: Turns;
  readonly #asked: Asked;
  #unnamedCalls = 0;

  constructor(asked: Asked) {
    this.#asked = asked;
    this.turns = new Turns(asked);
  }

  read(message: ForeignObject, param: string): void {
    const { role } = message;
    this.turns.enter(param);
    noteCacheHint(message, param, this.#asked);
    switch (role) {
      case "system":
      case "developer":
        for (const part of this.#contentOf(message, "system", param)) if (part.kind === "text") this.turns.system(part.text);
        break;
      case "user":
        this.#noteName(message, param);
        for (const part of this.#contentOf(message, role, param)) this.turns.say(role, part);
        break;
      case "assistant":
        this.#noteName(message, param);
        this.#readAssistant(message, param);
        break;
      case "tool":
        this.#readResult(message, textOf(message["tool_call_id"]) ?? this.turns.unanswered(), param);
        break;
      case "function":
        this.#readResult(message, this.turns.unanswered(textOf(message["name"])), param);
        break;
      default:
        this.#asked.wrong(`${param}.role`, "is none of system, developer, user, assistant, tool");
    }
  }

  #noteName(message: ForeignObject, param: string): void {
    this.#asked.member(textOf(message["name"]), "speaker_name", `${param}.name`);
  }

  #readAssistant(message: ForeignObject, param: string): void {
    for (const thought of thoughtsOf(new ThoughtReader().read(message))) this.turns.say("assistant", thought);
    for (const part of this.#contentOf(message, "assistant", param)) this.turns.say("assistant", part);
    const refusal = this.#asked.member(textOf(message["refusal"]), "refusal_part", `${param}.refusal`);
    if (refusal !== undefined) this.turns.say("assistant", { kind: "refusal", text: refusal });
    // What was said in an earlier answer lies with the provider.
    if (isObject(message["audio"])) this.#asked.feature("state", `${param}.audio`);
    const { tool_calls: calls, function_call: call } = message;
    const listed = this.#asked.list(calls, `${param}.tool_calls`);
    for (const [index, each] of listed.entries()) this.#readCall(each, `${param}.tool_calls.${index}`);
    if (isObject(call)) this.#readCall({ function: call }, `${param}.function_call`);
  }

  #readCall(value: unknown, param: string): void {
    const call = objectOf(value);
    const isFreeform = call["type"] === "custom";
    const called = objectOf(call[isFreeform ? "custom" : "function"]);
    const name = textOf(called["name"]);
    const args = called[isFreeform ? "input" : "arguments"] ?? "";
    if (name === undefined) this.#asked.wrong(param, "names no tool: function.name is missing");
    if (typeof args !== "string" && !isObject(args))
      this.#asked.wrong(`${param}.function.arguments`, "is no text with the JSON of an object");
    if (name === undefined) return;
    this.turns.call(
      {
        kind: "call",
        id: textOf(call["id"]) ?? `call_unnamed_${this.#unnamedCalls++}`,
        name,
        args: typeof args === "string" ? args : JSON.stringify(args),
        seal: readCallSeal(call),
        ...(isFreeform ? { takes: "freeform" } : {}),
      },
      param,
    );
  }

  #contentOf({ content }: ForeignObject, of: ContentOf, param: string): readonly ContentPart[] {
    return readContent(content, PARTS, { of, param: `${param}.content`, asked: this.#asked });
  }

  #readResult({ content }: ForeignObject, callId: string | undefined, param: string): void {
    if (callId === undefined) {
      this.#asked.wrong(`${param}.tool_call_id`, "is missing: a result names its call");
      return;
    }
    const parts = readOutput(this.#contentOf({ content: content ?? "" }, "tool", param));
    this.turns.result({ kind: "result", callId, parts, failed: false }, param);
  }
}

function readThinking({ part }: Place): ContentPart | undefined {
  const text = thinkingText(part["thinking"]);
  return text === "" ? undefined : { kind: "thought", text, seal: placeSeal("content") };
}
