import { describe, expect, test } from "vitest";
import { judge } from "../../../../src/dialects/losses.ts";
import { writeMessage } from "../../../../src/dialects/messages/answer-writer.ts";
import type { WholePart } from "../../../../src/dialects/ordered-event.ts";
import type { Seal } from "../../../../src/dialects/seal.ts";
import { objectOf } from "../../../../src/core/json/foreign-json.ts";
import { said } from "../../../support/messages-asks.ts";
import { ask, gave, HELLO } from "../../../support/messages-requests.ts";

// A seal that a caller of Anthropic's got with an answer comes back with the history, to whom it belongs and to nobody else.

const OWN: Seal = { dialect: "messages", kind: "proof", value: "EqQBCgIYAhIM+/8=" };
const OWN_CIPHER: Seal = { dialect: "messages", kind: "cipher", value: "EmwKAhgB" };
const OPENAI: Seal = { dialect: "responses", kind: "cipher", value: "gAAAAABo" };
const GEMINI: Seal = { dialect: "gemini", kind: "proof", value: "CvUBAdHtim+/" };

const thought = (text: string, seal: Seal | undefined): WholePart => ({ kind: "thought", text, seal });
const text = (words: string, seal?: Seal): WholePart => ({ kind: "text", text: words, seal });
const call = (id: string, seal?: Seal): WholePart => ({ kind: "call", ordinal: 0, id, name: "f", text: "{}", seal });

/** What the assistant's turn is, and what is sent to Anthropic for it, when the answer of these parts comes back in the history. */
function returned(...parts: readonly WholePart[]): { readonly read: readonly unknown[]; readonly sent: readonly unknown[] } {
  const usage = {
    input_tokens: null,
    cached_input_tokens: null,
    cache_write_tokens: null,
    cache_write_1h_tokens: null,
    output_tokens: null,
    reasoning_tokens: null,
  };
  const answer = { id: "a", model: "m", parts, end: { reason: "stop", stopSequence: undefined, usage } } as const;
  const message = objectOf(writeMessage(answer, { id: "r", model: "m", createdAt: 0, usage: "shown" }));
  const results = parts.flatMap((part) => (part.kind === "call" ? [gave(part.id)] : []));
  const next = [...results, { type: "text", text: "Go on." }];
  const { turns } = ask({
    messages: [...HELLO.messages, { role: "assistant", content: message["content"] }, { role: "user", content: next }],
  });
  const [, assistant] = Array.from(said(turns) as readonly object[]).map((each) => objectOf(each));
  const content = assistant?.["content"];
  return { read: turns[1]?.parts ?? [], sent: Array.isArray(content) ? content : [] };
}

describe("a seal comes back", () => {
  test("case 4, 59: Anthropic's own, where it stood, and goes to Anthropic as it was", () => {
    const { read, sent } = returned(thought("hm", OWN), text("a"), thought("", OWN_CIPHER), call("1"));
    expect(read).toMatchObject([{ seal: OWN }, { text: "a" }, { seal: OWN_CIPHER }, { kind: "call", seal: undefined }]);
    expect(sent).toMatchObject([
      { type: "thinking", thinking: "hm", signature: OWN.value },
      { type: "text" },
      { type: "redacted_thinking", data: OWN_CIPHER.value },
      { type: "tool_use" },
    ]);
  });

  test("case 5, 6: Gemini's, of each call its own, and not to Anthropic", () => {
    const { read, sent } = returned(text("a", GEMINI), call("1", GEMINI), call("2"));
    expect(read).toMatchObject([
      { kind: "text", text: "a" },
      { kind: "thought", text: "", seal: GEMINI },
      { kind: "call", id: "1", seal: GEMINI },
      { kind: "call", id: "2", seal: undefined },
    ]);
    expect(sent).toMatchObject([{ type: "text" }, { type: "tool_use" }, { type: "tool_use" }]);
    expect(JSON.stringify(sent)).not.toContain(GEMINI.value);
  });

  test("case 6, 40: OpenAI's, with its summary or without, and not to Anthropic", () => {
    const { read, sent } = returned(thought("summary", OPENAI), thought("", OPENAI), text("a"));
    expect(read).toMatchObject([
      { kind: "thought", text: "summary", seal: OPENAI },
      { kind: "thought", text: "", seal: OPENAI },
      { kind: "text" },
    ]);
    expect(sent).toEqual([{ type: "text", text: "a" }]);
  });

  test("a thought that nobody signed has none, and its words are not Anthropic's", () => {
    const { read, sent } = returned(thought("hm", undefined), text("a"));
    expect(read).toMatchObject([{ kind: "thought", text: "hm", seal: undefined }, { kind: "text" }]);
    expect(sent).toEqual([{ type: "text", text: "a" }]);
  });
});

test("case 49: several answers, and what Anthropic cannot promise, are refused before anybody is asked", () => {
  const features = [
    "choices",
    "logprobs",
    "audio_input",
    "audio_output",
    "image_output",
    "hosted_tool",
    "state",
    "assistant_first",
  ] as const;
  for (const feature of features) {
    expect(judge({ asked: [{ feature, param: "n" }] }, "messages", "told").refused).toMatchObject([{ param: "n" }]);
  }
});
