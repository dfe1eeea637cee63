import { asObject } from "./json-value.ts";
import { sampleOf } from "./sample-json.ts";
import { tokensOf } from "./token.ts";

/** What a chat-like request comes down to, whichever dialect it was said in. */
export interface Conversation {
  readonly provider: string;
  readonly model: string;
  /** Who spoke last. */
  readonly lastSpeaker: "user" | "tool" | "assistant";
  /** What was said last. */
  readonly lastText: string;
  /** All that was said, for counting. */
  readonly allText: string;
  readonly tools: readonly OfferedTool[];
  /** The name of the tool that has to be called. */
  readonly toolChoice: "any" | "none" | { readonly name: string };
  /** The answer has to be JSON; `schema` is `undefined` where any will do. */
  readonly json: { readonly schema: unknown } | undefined;
  readonly maxTokens: number | undefined;
}

/** A function the caller offers, with the JSON schema of its arguments. */
export interface OfferedTool {
  readonly name: string;
  readonly schema: unknown;
}

/** What the simulator answers: words, or the call of a tool with `tokens` as its arguments. */
export interface Reply {
  readonly tool: string | undefined;
  readonly tokens: readonly string[];
  /** The tokens joined. */
  readonly text: string;
  /** The caller's bound cut it short. */
  readonly outOfTokens: boolean;
  readonly promptTokens: number;
}

/** How much of the caller's words is said back, in characters. */
const QUOTED_CHARACTERS = 200;

/** Decides what is said. */
export function replyTo(conversation: Conversation): Reply {
  const promptTokens = tokensOf(conversation.allText).length;
  const tool = toolToCall(conversation);
  if (tool !== undefined) {
    const text = JSON.stringify(sampleOf({ type: "object", ...asObject(tool.schema) }));
    return { tool: tool.name, tokens: tokensOf(text), text, outOfTokens: false, promptTokens };
  }
  const { json, maxTokens = Infinity } = conversation;
  const whole = tokensOf(json === undefined ? prose(conversation) : JSON.stringify(sampleOf(json.schema ?? ANY_OBJECT)));
  const tokens = whole.slice(0, maxTokens);
  return { tool: undefined, tokens, text: tokens.join(""), outOfTokens: tokens.length < whole.length, promptTokens };
}

const ANY_OBJECT = { type: "object", properties: { simulated: { type: "boolean" }, answer: { type: "string" } } };

function toolToCall(conversation: Conversation): OfferedTool | undefined {
  const { tools, toolChoice, lastSpeaker } = conversation;
  if (toolChoice === "none" || lastSpeaker !== "user") return undefined;
  return toolChoice === "any" ? tools[0] : tools.find((tool) => tool.name === toolChoice.name);
}

function prose(conversation: Conversation): string {
  const who = lastSaid(conversation.lastSpeaker);
  const said = conversation.lastText === "" ? `${who} nothing in words.` : `${who}: "${quoted(conversation.lastText)}"`;
  return `${introduction(conversation)} ${said}`;
}

function lastSaid(speaker: Conversation["lastSpeaker"]): string {
  if (speaker === "tool") return "The tool said";
  return speaker === "assistant" ? "I had said" : "You said";
}

/** `This is the simulator, standing in for gpt-4o of openai.` */
export function introduction(stoodIn: { readonly model: string; readonly provider: string }): string {
  return `This is the simulator, standing in for ${stoodIn.model} of ${stoodIn.provider}.`;
}

function quoted(text: string): string {
  const characters = Array.from(text.slice(0, 2 * QUOTED_CHARACTERS));
  const short = characters.slice(0, QUOTED_CHARACTERS).join("");
  return short.length < text.length ? `${short}…` : short;
}
