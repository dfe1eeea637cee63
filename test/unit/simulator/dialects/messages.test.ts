import { afterAll, beforeAll, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../../../src/simulator/server.ts";

let simulator: Simulator;

beforeAll(async () => void (simulator = await startSimulator({ tokenDelayMs: 0 })));
afterAll(() => simulator.close());

const HELLO = 'This is the simulator, standing in for claude-sonnet-4-6 of anthropic. You said: "Hello"';
const REQUEST = { model: "claude-sonnet-4-6", max_tokens: 100, messages: [{ role: "user", content: "Hello" }] };
const TOOLS = [{ name: "weather", input_schema: { type: "object", properties: { city: { type: "string" } } } }];

async function ask(body: object): Promise<Response> {
  return fetch(`${simulator.url}/anthropic/v1/messages`, { method: "POST", body: JSON.stringify(body) });
}

async function askEvents(body: object): Promise<{ name: string; data: Record<string, unknown> }[]> {
  const text = await (await ask({ ...body, stream: true })).text();
  return text
    .split("\n\n")
    .filter((event) => event !== "")
    .map((event) => {
      const [, name = "", data = ""] = /^event: (.*)\ndata: (.*)$/.exec(event) ?? [];
      return { name, data: JSON.parse(data) };
    });
}

test("a message is a text block with its stop reason and usage", async () => {
  expect(await (await ask(REQUEST)).json()).toMatchObject({
    type: "message",
    role: "assistant",
    model: "claude-sonnet-4-6",
    content: [{ type: "text", text: HELLO }],
    stop_reason: "end_turn",
    usage: { input_tokens: 1, output_tokens: 14 },
  });
});

test("a streamed message tells its events in order, each named as its data is", async () => {
  const events = await askEvents(REQUEST);
  expect(events.every(({ name, data }) => data["type"] === name)).toBe(true);
  expect([...new Set(events.map(({ name }) => name))]).toEqual([
    "message_start",
    "content_block_start",
    "ping",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
  ]);
  const deltas = events.filter(({ name }) => name === "content_block_delta").map(({ data }) => (data["delta"] as { text: string }).text);
  expect(deltas.join("")).toBe(HELLO);
  expect(events.at(-2)?.data).toMatchObject({ delta: { stop_reason: "end_turn" }, usage: { output_tokens: 14 } });
});

test("a request is counted as it would be answered, without a bound on the answer", async () => {
  const { max_tokens: _bound, ...request } = REQUEST;
  const count = { method: "POST", body: JSON.stringify(request) };
  const response = await fetch(`${simulator.url}/anthropic/v1/messages/count_tokens`, count);
  expect(await response.json()).toEqual({ input_tokens: 1 });
  const refused = await fetch(`${simulator.url}/anthropic/v1/messages/count_tokens`, { method: "POST", body: '{"model":"m"}' });
  expect(await refused.json()).toMatchObject({ type: "error", error: { type: "invalid_request_error" } });
  expect((await ask(request)).status).toBe(400);
});

test("a tool is used, whole and streamed, and its result is answered in words", async () => {
  expect(await (await ask({ ...REQUEST, tools: TOOLS })).json()).toMatchObject({
    content: [{ type: "tool_use", name: "weather", input: { city: "sample" } }],
    stop_reason: "tool_use",
  });
  const events = await askEvents({ ...REQUEST, tools: TOOLS });
  const json = events
    .filter(({ name }) => name === "content_block_delta")
    .map(({ data }) => (data["delta"] as { partial_json: string }).partial_json);
  expect(JSON.parse(json.join(""))).toEqual({ city: "sample" });
  const result = { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: "sunny" }] };
  const answer = await (await ask({ ...REQUEST, tools: TOOLS, messages: [...REQUEST.messages, result] })).json();
  expect(answer).toMatchObject({ content: [{ text: expect.stringContaining('The tool said: "sunny"') }] });
});

test.each([
  ["auto", "first"],
  ["any", "first"],
  ["tool", "second"],
])("tool_choice %s uses the %s tool", async (type, name) => {
  const tools = ["first", "second"].map((each) => ({ name: each, input_schema: { type: "object" } }));
  const answer = await (await ask({ ...REQUEST, tools, tool_choice: { type, name: "second" } })).json();
  expect(answer).toMatchObject({ content: [{ type: "tool_use", name, input: {} }] });
});

test("tool_choice none uses none, and a bound on tokens is kept", async () => {
  const answer = await (await ask({ ...REQUEST, tools: TOOLS, tool_choice: { type: "none" }, max_tokens: 3 })).json();
  expect(answer).toMatchObject({ content: [{ type: "text", text: "This is the" }], stop_reason: "max_tokens" });
});

test.each([
  ["no max_tokens", { ...REQUEST, max_tokens: undefined }, "max_tokens: Field required"],
  ["no messages", { ...REQUEST, messages: undefined }, "messages: Field required"],
])("a body with %s is refused in Anthropic's shape", async (_name, body, message) => {
  const answer = await ask(body);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toEqual({ type: "error", error: { type: "invalid_request_error", message }, request_id: null });
});
