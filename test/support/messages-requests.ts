import { jsonMembers } from "../../src/core/json/json-members.ts";
import type { Ask } from "../../src/dialects/conversation.ts";
import { messages } from "../../src/dialects/messages/index.ts";

// Requests of Anthropic's callers, and what is read of them.

function read(body: object): ReturnType<typeof messages.readAsk> {
  return readText(JSON.stringify({ model: "m", ...body }));
}

/** What is read of a request, which is JSON. */
export function readText(text: string): ReturnType<typeof messages.readAsk> {
  const members = jsonMembers(new TextEncoder().encode(text));
  if (!members.ok) throw new Error("a request is JSON");
  return messages.readAsk(members.value);
}

/** A conversation that says as little as can be. */
export const HELLO = { messages: [{ role: "user", content: "Hello." }] };

/** What is read of a request with these members. */
export function ask(body: object): Ask {
  const found = read({ ...HELLO, ...body });
  if (!found.ok) throw new Error(`${found.error.param}: ${found.error.message}`);
  return found.value;
}

/** What a request asks for, each as a word: `hosted_tool tools.0`. */
export function asked(body: object): readonly string[] {
  return ask(body).asked.map(({ feature, param, called }) => [feature, param, ...(called === undefined ? [] : [called])].join(" "));
}

/** What is wrong with a request of these members. */
export function fault(body: object): string {
  return faultOf(JSON.stringify({ ...HELLO, ...body }));
}

/** What is wrong with a request, which is JSON. */
export function faultOf(text: string): string {
  const found = readText(text);
  return found.ok ? "read" : `${found.error.param}: ${found.error.message}`;
}

/** The block of a call. */
export const use = (id: string, name = "f", input: unknown = {}): object => ({ type: "tool_use", id, name, input });
/** The block of its result. */
export const gave = (id: string, content?: unknown, more: object = {}): object => ({
  type: "tool_result",
  tool_use_id: id,
  content,
  ...more,
});
