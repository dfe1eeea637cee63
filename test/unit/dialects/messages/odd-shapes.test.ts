import fc from "fast-check";
import { expect, test } from "vitest";
import { MessagesReader } from "../../../../src/dialects/messages/answer-reader.ts";
import { messages } from "../../../../src/dialects/messages/index.ts";
import { wholeAnswer } from "../../../../src/dialects/order.ts";
import { gave, readText, use } from "../../../support/messages-requests.ts";

// Whatever comes: nothing is thrown, and what was understood can be written for every model and is understood again.

const IMAGE = { type: "image", source: { type: "base64", media_type: "image/png", data: "aGk=" } };

/** A request with something of everything, a part of which is replaced. */
const REQUEST = {
  model: "m",
  max_tokens: 4000,
  system: [{ type: "text", text: "Be kind.", cache_control: { type: "ephemeral" } }],
  messages: [
    { role: "user", content: [{ type: "text", text: "a" }, IMAGE] },
    { role: "system", content: "Be brief." },
    {
      role: "assistant",
      content: [{ type: "thinking", thinking: "hm", signature: "EqQB" }, { type: "text", text: "b" }, use("1"), use("2")],
    },
    {
      role: "user",
      content: [gave("1", [{ type: "text", text: "c" }, IMAGE]), gave("2", "d", { is_error: true }), { type: "text", text: "e" }],
    },
  ],
  tools: [
    { name: "f", description: "d", input_schema: { type: "object", properties: { a: { oneOf: [{ type: "string" }] } } }, strict: true },
  ],
  tool_choice: { type: "auto", disable_parallel_tool_use: true },
  thinking: { type: "enabled", budget_tokens: 2000 },
  output_config: { format: { type: "json_schema", schema: { type: "object", properties: {} } } },
  stop_sequences: ["END"],
  temperature: 0.5,
  metadata: { user_id: "u" },
};

const EVENTS = [
  { type: "message_start", message: { id: "a", model: "m", content: [], usage: { input_tokens: 1 } } },
  { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "", signature: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature: "EqQB" } },
  { type: "content_block_stop", index: 0 },
  { type: "content_block_start", index: 1, content_block: { type: "tool_use", id: "1", name: "f", input: {} } },
  { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: "{}" } },
  { type: "content_block_stop", index: 1 },
  { type: "message_delta", delta: { stop_reason: "tool_use" }, usage: { output_tokens: 1 } },
  { type: "message_stop" },
];

const MODELS = [
  "plain-model",
  "claude-3-5-sonnet-20241022",
  "claude-sonnet-4-5",
  "claude-opus-4-6",
  "claude-opus-4-8",
  "claude-opus-5",
  "claude-opus-5-5",
];

/** How many values a value holds, itself among them. */
function sizeOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce((sum: number, each) => sum + sizeOf(each), 1);
}

/** The value with its n-th part replaced. */
function replaced(value: unknown, n: number, by: unknown): unknown {
  if (n === 0) return by;
  if (typeof value !== "object" || value === null) return value;
  let left = n - 1;
  const change = (each: unknown): unknown => {
    const at = left;
    left -= sizeOf(each);
    return at >= 0 && at < sizeOf(each) ? replaced(each, at, by) : each;
  };
  if (Array.isArray(value)) return value.map(change);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, change(each)]));
}

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom("", " ", "text", "system", "assistant", "tool_use", "tool_result", 0, -1, 1e9),
);

test("requests", () => {
  fc.assert(
    fc.property(
      fc.nat(sizeOf(REQUEST) - 1),
      odd,
      fc.nat(sizeOf(REQUEST) - 1),
      odd,
      fc.constantFrom(...MODELS),
      (...[n, one, m, other, model]) => {
        const request = replaced(replaced(REQUEST, n, one), m, other);
        fc.pre(typeof request === "object" && request !== null && !Array.isArray(request));
        const read = readText(JSON.stringify(request));
        if (!read.ok) {
          expect(read.error.message.length).toBeGreaterThan(10);
          return;
        }
        const written = messages.writeAsk(read.value, { model, maxOutputTokens: undefined, streamUsage: true });
        if (!written.ok) return;
        const again = readText(JSON.stringify(written.value.body));
        expect(again.ok ? [] : again.error).toEqual([]);
      },
    ),
    { numRuns: 3_000 },
  );
});

test("answers", () => {
  fc.assert(
    fc.property(fc.nat(sizeOf(EVENTS) - 1), odd, fc.nat(sizeOf(EVENTS) - 1), odd, (n, one, m, other) => {
      const events = replaced(replaced(EVENTS, n, one), m, other);
      const reader = new MessagesReader();
      const said = (Array.isArray(events) ? events : [events]).flatMap((event) =>
        reader.readEvent({ name: "x", data: JSON.stringify(event), raw: new Uint8Array() }),
      );
      wholeAnswer(said);
      new MessagesReader().readWhole({ content: events });
    }),
    { numRuns: 3_000 },
  );
});
