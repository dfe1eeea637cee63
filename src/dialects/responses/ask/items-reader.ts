import { type ForeignObject, isObject, textOf } from "../../../core/json/foreign-json.ts";
import type { Feature } from "../../conversation.ts";
import { callSealOf, readSealOrNone, type Seal } from "../../seal.ts";
import { OWN_SEAL, thoughtText } from "../thought.ts";
import {
  AUDIO,
  type ContentOf,
  type ContentPart,
  FILE,
  IMAGE,
  type PartReaders,
  readContent,
  readOutput,
  REFUSAL,
  TEXT,
} from "../../openai/content-reader.ts";
import type { Asked } from "../../reading/asked.ts";
import { Turns } from "../../reading/turns.ts";

/** https://platform.openai.com/docs/api-reference/responses/create, `input`; `text` is what some clients send. */
const PARTS: PartReaders = new Map([
  ["input_text", TEXT],
  ["output_text", TEXT],
  ["text", TEXT],
  ["refusal", REFUSAL],
  ["input_image", IMAGE],
  ["input_file", FILE],
  ["input_audio", AUDIO],
]);

/**
 * Items that nobody but the provider can take, by what they stand for: https://platform.openai.com/docs/api-reference/responses/create, `input`. Those of tools
 * that it runs or alone declares (`web_search_call`, `shell_call_output`, `mcp_list_tools`), and those of what lies with it or is its cipher. All other items that
 * are not read are unknown parts, by their name too: `agent_message`, `additional_tools`.
 */
const OF_PROVIDERS_TOOLS = /_call(_output)?$|^(mcp|tool_search|program)/;
const OF_PROVIDERS_STORE = /^(item_reference|compaction)/;

/** Reads the items of a request into turns. */
export class ItemsReader {
  readonly #asked: Asked;
  readonly turns: Turns;
  /** Of the call that comes next, said in a reasoning item before it. */
  #callSeal: Seal | undefined;

  constructor(asked: Asked) {
    this.#asked = asked;
    this.turns = new Turns(asked);
  }

  /** Reads `input`. */
  read(input: unknown): void {
    if (typeof input === "string") {
      this.turns.enter("input");
      if (input !== "") this.turns.say("user", { kind: "text", text: input });
    } else if (Array.isArray(input)) {
      for (const [index, item] of input.entries()) this.#readItem(item, `input.${index}`);
    } else if (input !== undefined && input !== null) this.#asked.wrong("input", "is neither a text nor a list of items");
  }

  #readItem(item: unknown, param: string): void {
    if (!isObject(item)) {
      this.#asked.wrong(param, 'is no item: one is an object, such as {"role": "user", "content": "…"}');
      return;
    }
    const type = typeOf(item);
    if (type === undefined) {
      this.#asked.wrong(`${param}.type`, "is missing: an item says what it is, such as message, function_call, function_call_output");
      return;
    }
    this.turns.enter(param);
    // A tool of a namespace is no tool of its own: its name means something there alone.
    if (textOf(item["namespace"]) !== undefined) this.#asked.feature("unknown_part", param, `${type} with a namespace`);
    switch (type) {
      case "message":
        return this.#readMessage(item, param);
      case "function_call":
      case "custom_tool_call":
        return this.#readCall(item, type, param);
      case "function_call_output":
      case "custom_tool_call_output":
        return this.#readCallOutput(item, param);
      case "reasoning":
        return this.#readReasoning(item);
      default:
        this.#asked.feature(featureOf(type), param, type);
    }
  }

  #readMessage({ role, content }: ForeignObject, param: string): void {
    const read = (of: ContentOf): readonly ContentPart[] =>
      readContent(content, PARTS, { of, param: `${param}.content`, asked: this.#asked });
    if (role === "user" || role === "assistant") {
      for (const part of read(role)) this.turns.say(role, part);
    } else if (role === "system" || role === "developer") {
      const texts = read("system").flatMap((part) => (part.kind === "text" ? [part.text] : []));
      this.turns.system(texts.join("\n\n"));
    } else this.#asked.wrong(`${param}.role`, "is none of user, assistant, system, developer");
  }

  #readCall(item: ForeignObject, type: "function_call" | "custom_tool_call", param: string): void {
    const id = textOf(item["call_id"]);
    const name = textOf(item["name"]);
    const written = item[type === "function_call" ? "arguments" : "input"] ?? "";
    if (id === undefined) this.#asked.wrong(`${param}.call_id`, "is missing: a call has an id");
    if (name === undefined) this.#asked.wrong(`${param}.name`, "is missing: a call names its tool");
    if (typeof written !== "string") this.#asked.wrong(param, "calls a tool with something that is no text");
    if (id === undefined || name === undefined || typeof written !== "string") return;
    const seal = this.#callSeal;
    this.#callSeal = undefined;
    const takes = type === "custom_tool_call" ? { takes: "freeform" as const } : {};
    this.turns.call({ kind: "call", id, name, args: written, seal, ...takes }, param);
  }

  #readReasoning(item: ForeignObject): void {
    const seal = readSealOrNone(textOf(item["encrypted_content"]), OWN_SEAL);
    this.#callSeal = callSealOf(seal);
    const text = thoughtText(item);
    if (this.#callSeal === undefined && (text !== "" || seal !== undefined)) this.turns.say("assistant", { kind: "thought", text, seal });
  }

  #readCallOutput(item: ForeignObject, param: string): void {
    const callId = textOf(item["call_id"]);
    if (callId === undefined) this.#asked.wrong(`${param}.call_id`, "is missing: an output names its call");
    else {
      const parts = readOutput(readContent(item["output"] ?? "", PARTS, { of: "tool", param: `${param}.output`, asked: this.#asked }));
      this.turns.result({ kind: "result", callId, parts, failed: false }, param);
    }
  }
}

function featureOf(type: string): Feature {
  if (OF_PROVIDERS_TOOLS.test(type)) return "hosted_tool";
  return OF_PROVIDERS_STORE.test(type) ? "state" : "unknown_part";
}

/** Messages and references to items may leave their type out. */
function typeOf(item: ForeignObject): string | undefined {
  const type = textOf(item["type"]);
  if (type !== undefined) return type;
  if (item["role"] !== undefined) return "message";
  return item["id"] === undefined ? undefined : "item_reference";
}
