import { isObject, textOf } from "../../../core/json/foreign-json.ts";
import type { Feature } from "../../conversation.ts";
import type { Seal } from "../../seal.ts";
import { callSealOf, readEncrypted } from "../reasoning-seal.ts";
import { thoughtText } from "../thought-text.ts";
import type { AskNotes } from "./ask-notes.ts";
import { readContent, readOutput } from "./content-reader.ts";
import { TurnsBuilder } from "./turns-builder.ts";

type Members = Readonly<Record<string, unknown>>;

/**
 * Items that nobody but the provider can take, by what they stand for: https://platform.openai.com/docs/api-reference/responses/create, `input`. Those of tools
 * that it runs or alone declares (`web_search_call`, `shell_call_output`, `mcp_list_tools`), and those of what lies with it or is its cipher. All other items that
 * are not read are unknown parts, by their name too: `agent_message`, `additional_tools`.
 */
const OF_PROVIDERS_TOOLS = /_call(_output)?$|^(mcp|tool_search|program)/;
const OF_PROVIDERS_STORE = /^(item_reference|compaction)/;

/** Reads the items of a request into turns. */
export class ItemsReader {
  readonly #notes: AskNotes;
  readonly turns: TurnsBuilder;
  /** Of the call that comes next, said in a reasoning item before it. */
  #callSeal: Seal | undefined;

  constructor(notes: AskNotes) {
    this.#notes = notes;
    this.turns = new TurnsBuilder(notes);
  }

  /** Reads `input`. */
  read(input: unknown): void {
    if (typeof input === "string") {
      if (input !== "") this.turns.say("user", { kind: "text", text: input }, "input");
    } else if (Array.isArray(input)) {
      for (const [index, item] of input.entries()) this.#readItem(item, `input.${index}`);
    } else if (input !== undefined && input !== null) this.#notes.wrong("input", "it is a text or a list of items");
  }

  #readItem(item: unknown, param: string): void {
    if (!isObject(item)) {
      this.#notes.wrong(param, 'an item is an object, such as {"role": "user", "content": "…"}');
      return;
    }
    const type = typeOf(item);
    if (type === undefined) {
      this.#notes.wrong(`${param}.type`, "an item says what it is: message, function_call, function_call_output, …");
      return;
    }
    // A tool of a namespace is no tool of its own: its name means something there alone.
    if (textOf(item["namespace"]) !== undefined) this.#notes.ask("unknown_part", param, `${type} with a namespace`);
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
        return this.#readReasoning(item, param);
      default:
        this.#notes.ask(featureOf(type), param, type);
    }
  }

  #readMessage({ role, content }: Members, param: string): void {
    const of = `${param}.content`;
    if (role === "user" || role === "assistant") {
      for (const part of readContent(content, role, of, this.#notes)) this.turns.say(role, part, param);
    } else if (role === "system" || role === "developer") {
      const texts = readContent(content, "system", of, this.#notes).flatMap((part) => (part.kind === "text" ? [part.text] : []));
      this.turns.system(texts.join("\n\n"), param);
    } else this.#notes.wrong(`${param}.role`, "it is user, assistant, system or developer");
  }

  #readCall(item: Members, type: "function_call" | "custom_tool_call", param: string): void {
    const id = textOf(item["call_id"]);
    const name = textOf(item["name"]);
    const written = item[type === "function_call" ? "arguments" : "input"] ?? "";
    if (id === undefined) this.#notes.wrong(`${param}.call_id`, "a call has an id, which is a text");
    if (name === undefined) this.#notes.wrong(`${param}.name`, "a call names its tool");
    if (typeof written !== "string") this.#notes.wrong(param, "what a tool is called with is a text");
    if (id === undefined || name === undefined || typeof written !== "string") return;
    const seal = this.#callSeal;
    this.#callSeal = undefined;
    const takes = type === "custom_tool_call" ? { takes: "freeform" as const } : {};
    this.turns.call({ kind: "call", id, name, args: written, seal, ...takes }, param);
  }

  #readReasoning(item: Members, param: string): void {
    const seal = readEncrypted(textOf(item["encrypted_content"]));
    this.#callSeal = callSealOf(seal);
    const text = thoughtText(item);
    if (this.#callSeal === undefined && (text !== "" || seal !== undefined))
      this.turns.say("assistant", { kind: "thought", text, seal }, param);
  }

  #readCallOutput(item: Members, param: string): void {
    const callId = textOf(item["call_id"]);
    if (callId === undefined) this.#notes.wrong(`${param}.call_id`, "an output names its call");
    else {
      const parts = readOutput(item["output"] ?? "", `${param}.output`, this.#notes);
      this.turns.result({ kind: "result", callId, parts, failed: false }, param);
    }
  }
}

function featureOf(type: string): Feature {
  if (OF_PROVIDERS_TOOLS.test(type)) return "hosted_tool";
  return OF_PROVIDERS_STORE.test(type) ? "state" : "unknown_part";
}

/** Messages and references to items may leave their type out. */
function typeOf(item: Members): string | undefined {
  const type = textOf(item["type"]);
  if (type !== undefined) return type;
  if (item["role"] !== undefined) return "message";
  return item["id"] === undefined ? undefined : "item_reference";
}
