import { describe, expect, test } from "vitest";
import { fault, faultOf, gave, HELLO, use } from "../../../../support/messages-requests.ts";

describe("what is wrong is said, and what would be right", () => {
  test.each<[string, object, string]>([
    ["messages that are no list", { messages: "a" }, "messages: messages is no list"],
    ["none", { messages: [] }, "messages: messages says nothing"],
    ["one that is no object", { messages: [1] }, "messages.0: messages.0 is no object"],
    ["a role", { messages: [{ role: "tool", content: "a" }] }, "messages.0.role: messages.0.role is none of user, assistant, system"],
    [
      "a content",
      { messages: [{ role: "user", content: 1 }] },
      "messages.0.content: messages.0.content is neither a text nor a list of blocks",
    ],
    ["a block", { messages: [{ role: "user", content: [1] }] }, "messages.0.content.0: messages.0.content.0 is no block"],
    ["a text without text", { messages: [{ role: "user", content: [{ type: "text" }] }] }, "messages.0.content.0.text:"],
    [
      "the result of no call",
      { messages: [{ role: "user", content: [gave("x")] }] },
      "messages.0.content.0: messages.0.content.0 is the result of x, which was not called before it",
    ],
    [
      "a call without a result",
      { messages: [...HELLO.messages, { role: "assistant", content: [use("x")] }, { role: "user", content: "a" }] },
      "messages.1.content.0: messages.1.content.0 is a call (x) without a result, which follows it and names it",
    ],
    [
      "two results of one call",
      { messages: [...HELLO.messages, { role: "assistant", content: [use("x")] }, { role: "user", content: [gave("x"), gave("x")] }] },
      "messages.2.content.1: messages.2.content.1 is another result of x",
    ],
    [
      "a thought of the user's",
      { messages: [{ role: "user", content: [{ type: "thinking", thinking: "a" }] }] },
      "belongs into a message of the role assistant",
    ],
    ["an image without bytes", { messages: [{ role: "user", content: [{ type: "image", source: {} }] }] }, "messages.0.content.0.source:"],
    [
      "a call with no name",
      { messages: [...HELLO.messages, { role: "assistant", content: [{ type: "tool_use", id: "x" }] }] },
      "messages.1.content.0: messages.1.content.0 is a tool_use block without an id and a name",
    ],
    ["max_tokens", { max_tokens: "10" }, "max_tokens: max_tokens is no whole number of tokens above 0"],
    ["a temperature", { temperature: "hot" }, "temperature: temperature is no number"],
    ["stop sequences", { stop_sequences: [1] }, "stop_sequences: stop_sequences is no list of texts"],
    [
      "a budget over max_tokens",
      { max_tokens: 2000, thinking: { type: "enabled", budget_tokens: 2000 } },
      "thinking.budget_tokens: thinking.budget_tokens is 2000, and has to be below max_tokens, which is 2000",
    ],
    ["a way to think", { thinking: { type: "hard" } }, "thinking.type: thinking.type is none of adaptive, enabled, disabled"],
    ["a format", { output_config: { format: { type: "xml" } } }, "output_config.format:"],
    ["a tool without a name", { tools: [{}] }, "tools.0.name: tools.0.name is missing"],
    ["tools that are no list", { tools: {} }, "tools: tools is no list"],
    ["a choice", { tool_choice: { type: "some" } }, "tool_choice.type: tool_choice.type is none of auto, any, tool, none"],
  ])("%s", (_name, body, words) => {
    expect(fault(body)).toContain(words);
  });

  test("arguments that are nested too deep to be written are refused, and nothing is thrown", () => {
    const deep = `${"[".repeat(9000)}${"]".repeat(9000)}`;
    const content = `[{"type":"tool_use","id":"x","name":"f","input":{"a":${deep}}}]`;
    const body = `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":${content}}]}`;
    expect(faultOf(body)).toContain("messages.1.content.0.input: messages.1.content.0.input is nested too deep");
  });
});
