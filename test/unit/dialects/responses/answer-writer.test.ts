import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import type { Usage } from "../../../../src/core/usage/usage.ts";
import { SseSplitter } from "../../../../src/core/stream/sse.ts";
import type { AnswerEvent } from "../../../../src/dialects/answer-event.ts";
import { Order, wholeAnswer } from "../../../../src/dialects/order.ts";
import { responses } from "../../../../src/dialects/responses/index.ts";
import { GRAMMARS } from "../../../support/grammars.ts";

type Members = Readonly<Record<string, unknown>>;

const GIVEN = { id: "req_1", model: "asked", createdAt: 1_700_000_000, usage: "shown" as const };
const USAGE: Usage = {
  input_tokens: 20,
  cached_input_tokens: 4,
  cache_write_tokens: 3,
  cache_write_1h_tokens: null,
  output_tokens: 10,
  reasoning_tokens: 6,
};
const gemini = { dialect: "gemini", kind: "proof", value: "CiQB" } as const;
const claude = { dialect: "messages", kind: "proof", value: "EqQ=" } as const;

const begin: AnswerEvent = { kind: "begin", id: "a_1", model: "served" };
const usage: AnswerEvent = { kind: "usage", usage: { counters: { told: 1 }, reader: { pick: () => ({}), usageOf: () => USAGE } } };
const text = (part: string, words: string): AnswerEvent => ({ kind: "text", part, text: words });
const thought = (words: string): AnswerEvent => ({ kind: "thought", part: "r", text: words });
const refusal = (words: string): AnswerEvent => ({ kind: "refusal", part: "n", text: words });
const call = (part: string, name: string, more: object = {}): AnswerEvent => ({
  kind: "call",
  part,
  id: `call_${part}`,
  name,
  seal: undefined,
  ...more,
});
const args = (part: string, words: string): AnswerEvent => ({ kind: "arguments", part, text: words });
const finish = (reason: "stop" | "length" | "filtered" | "calls"): AnswerEvent => ({ kind: "finish", reason, word: reason });

/** All that an answer can hold. */
const EVERYTHING: readonly AnswerEvent[] = [
  begin,
  thought("let "),
  thought("me"),
  { kind: "seal", part: "r", of: "thought", seal: claude },
  text("t", "Hel"),
  text("t", 'lo "\u2028😀'),
  refusal("No."),
  call("1", "f", { seal: gemini }),
  args("1", '{"a"'),
  args("1", ":1}"),
  { kind: "close", part: "1" },
  call("2", "patch", { takes: "freeform" }),
  args("2", "*** Begin"),
  usage,
  finish("calls"),
];

function stream(events: readonly AnswerEvent[]): string {
  const order = new Order();
  const writer = responses.writer(GIVEN);
  return [...events.flatMap((event) => order.take(event)), ...order.end()].map((event) => writer.write(event)).join("");
}

function eventsOf(written: string): readonly Members[] {
  const events = new SseSplitter().push(new TextEncoder().encode(written));
  return events.flatMap(({ data }) => (data === undefined ? [] : [JSON.parse(data) as Members]));
}

const typesOf = (written: string): readonly unknown[] => eventsOf(written).map(({ type }) => type);

/** The items that a client like Codex keeps: it reads those that are done, and no deltas. https://github.com/openai/codex, codex-rs/codex-api/src/sse/responses.rs */
const itemsOf = (written: string): readonly unknown[] =>
  eventsOf(written).flatMap(({ type, item }) => (type === "response.output_item.done" ? [item] : []));

const ITEMS = [
  {
    id: "rs_req_1_0",
    type: "reasoning",
    summary: [{ type: "summary_text", text: "let me" }],
    encrypted_content: "to11.messages.proof.EqQ=",
  },
  {
    id: "msg_req_1_1",
    type: "message",
    status: "completed",
    role: "assistant",
    content: [{ type: "output_text", annotations: [], logprobs: [], text: 'Hello "\u2028😀' }],
  },
  { id: "msg_req_1_2", type: "message", status: "completed", role: "assistant", content: [{ type: "refusal", refusal: "No." }] },
  { id: "rs_req_1_3", type: "reasoning", summary: [], encrypted_content: "to11.gemini.proof.call.CiQB" },
  { id: "fc_req_1_4", type: "function_call", status: "completed", call_id: "call_1", name: "f", arguments: '{"a":1}' },
  { id: "ctc_req_1_5", type: "custom_tool_call", status: "completed", call_id: "call_2", name: "patch", input: "*** Begin" },
];

const WRITTEN_USAGE = {
  input_tokens: 20,
  input_tokens_details: { cached_tokens: 4, cache_write_tokens: 3 },
  output_tokens: 10,
  output_tokens_details: { reasoning_tokens: 6 },
  total_tokens: 30,
};

describe("a stream", () => {
  test("has every item whole where it is done, and all of them in its last event, with the same id and all usage (case 22)", () => {
    const written = stream(EVERYTHING);
    expect(GRAMMARS.responses(written)).toEqual([]);
    expect(itemsOf(written)).toEqual(ITEMS);
    expect(eventsOf(written)[0]?.["response"]).toEqual({
      id: "a_1",
      object: "response",
      created_at: 1_700_000_000,
      status: "in_progress",
      incomplete_details: null,
      usage: null,
      error: null,
      instructions: null,
      max_output_tokens: null,
      metadata: {},
      model: "served",
      output: [],
      parallel_tool_calls: true,
      previous_response_id: null,
      store: false,
      temperature: null,
      tool_choice: "auto",
      tools: [],
      top_p: null,
    });
    expect(eventsOf(written).at(-1)).toMatchObject({
      type: "response.completed",
      response: { id: "a_1", status: "completed", output: ITEMS, usage: WRITTEN_USAGE, store: false },
    });
  });

  test("counts its items from 0 whatever the upstream's parts were called, and opens each before its words (case 24)", () => {
    const written = stream([begin, text("7", "a"), text("3", "b"), call("1", "f"), finish("stop")]);
    const places = eventsOf(written).flatMap(({ type, output_index: index }) =>
      typeof index !== "number" ? [] : [`${index} ${String(type).replace("response.", "")}`],
    );
    const message = [
      "output_item.added",
      "content_part.added",
      "output_text.delta",
      "output_text.done",
      "content_part.done",
      "output_item.done",
    ];
    expect(places).toEqual([
      ...message.map((type) => `0 ${type}`),
      ...message.map((type) => `1 ${type}`),
      "2 output_item.added",
      "2 function_call_arguments.delta",
      "2 function_call_arguments.done",
      "2 output_item.done",
    ]);
  });

  test("of thoughts has the events of a summary", () => {
    expect(typesOf(stream([begin, thought("a"), finish("stop")])).slice(2, -1)).toEqual([
      "response.output_item.added",
      "response.reasoning_summary_part.added",
      "response.reasoning_summary_text.delta",
      "response.reasoning_summary_text.done",
      "response.reasoning_summary_part.done",
      "response.output_item.done",
    ]);
  });

  test("a thought that nobody sealed has a mark in the place of its seal, without which clients forget it", () => {
    expect(itemsOf(stream([begin, thought("a"), finish("stop")]))).toMatchObject([{ encrypted_content: "to11.none.proof." }]);
  });

  test("OpenAI's own cipher is as it was, though no word was thought aloud", () => {
    const seal = { dialect: "responses", kind: "cipher", value: "gAAA" } as const;
    const written = stream([begin, { kind: "seal", part: "r", of: "thought", seal }, text("t", "a"), finish("stop")]);
    expect(GRAMMARS.responses(written)).toEqual([]);
    expect(itemsOf(written)[0]).toEqual({ id: "rs_req_1_0", type: "reasoning", summary: [], encrypted_content: "gAAA" });
  });

  test.each<[string, readonly AnswerEvent[]]>([
    ["behind them", [text("t", "a"), { kind: "seal", part: "t", of: "text", seal: gemini }]],
    ["alone", [text("s", "a"), { kind: "close", part: "s" }, { kind: "seal", part: "t", of: "text", seal: gemini }]],
  ])("a seal of words, %s, is an item of its own", (_name, events) => {
    const written = stream([begin, ...events, finish("stop")]);
    expect(GRAMMARS.responses(written)).toEqual([]);
    expect(itemsOf(written)).toEqual([
      {
        id: "msg_req_1_0",
        type: "message",
        status: "completed",
        role: "assistant",
        content: [{ type: "output_text", annotations: [], logprobs: [], text: "a" }],
      },
      { id: "rs_req_1_1", type: "reasoning", summary: [], encrypted_content: "to11.gemini.proof.CiQB" },
    ]);
  });

  test.each([
    ["stop", "response.completed", null],
    ["length", "response.incomplete", { reason: "max_output_tokens" }],
    ["filtered", "response.incomplete", { reason: "content_filter" }],
  ] as const)("that ends by %s", (reason, type, details) => {
    const last = eventsOf(stream([begin, text("t", "a"), finish(reason)])).at(-1);
    expect(last).toMatchObject({ type, response: { status: type.replace("response.", ""), incomplete_details: details } });
  });

  test("without usage has counts all the same: Codex reads no response without them", () => {
    expect(eventsOf(stream([begin, text("t", "a"), finish("stop")])).at(-1)).toMatchObject({
      response: {
        usage: {
          input_tokens: 0,
          input_tokens_details: { cached_tokens: 0 },
          output_tokens: 0,
          output_tokens_details: { reasoning_tokens: 0 },
          total_tokens: 0,
        },
      },
    });
  });

  test("without an id or a model has those of the request", () => {
    expect(eventsOf(stream([text("t", "a")]))[0]).toMatchObject({ response: { id: "req_1", model: "asked" } });
  });

  test("passes each piece at once, in one event (case 51)", () => {
    const writer = responses.writer(GIVEN);
    const order = new Order();
    const took = (event: AnswerEvent): readonly unknown[] =>
      typesOf(
        order
          .take(event)
          .map((each) => writer.write(each))
          .join(""),
      );
    took(begin);
    took(text("t", "a"));
    expect([text("t", "b"), text("t", "c")].map(took)).toEqual([["response.output_text.delta"], ["response.output_text.delta"]]);
  });

  test("says that it lives in a comment, which counts as no event (case 56)", () => {
    const written = stream([begin, { kind: "alive" }, text("t", "a"), finish("stop")]);
    expect(written).toContain("\n\n: ping\n\n");
    expect(GRAMMARS.responses(written)).toEqual([]);
  });
});

describe("a stream that breaks", () => {
  function broken(...events: readonly AnswerEvent[]): readonly Members[] {
    const order = new Order();
    const writer = responses.writer(GIVEN);
    const begun = events.flatMap((event) => order.take(event)).map((event) => writer.write(event));
    return eventsOf(begun.join("") + writer.fail({ code: "context_length_exceeded", message: "It broke." }));
  }

  test("says so in an error that clients raise, then in what Codex understands, counted on (case 31)", () => {
    const events = broken(begin, text("t", "a"));
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, index) => index));
    expect(events.slice(-2)).toMatchObject([
      { type: "error", code: "context_length_exceeded", message: "It broke.", error: { code: "context_length_exceeded" } },
      {
        type: "response.failed",
        response: { id: "a_1", model: "served", status: "failed", error: { code: "context_length_exceeded", message: "It broke." } },
      },
    ]);
  });

  test("never says of half a call that it is done: clients make it there", () => {
    const types = broken(begin, call("1", "f"), args("1", '{"path": "/')).map(({ type }) => type);
    expect(types).not.toContain("response.output_item.done");
  });

  test("before it began has the request's own names", () => {
    expect(broken()).toMatchObject([
      { type: "error", sequence_number: 0 },
      { type: "response.failed", sequence_number: 1, response: { id: "req_1", model: "asked" } },
    ]);
  });
});

test("a whole answer has the items of the stream that says the same, and is stored nowhere", () => {
  expect(responses.writeWhole(wholeAnswer(EVERYTHING), GIVEN)).toMatchObject({
    id: "a_1",
    status: "completed",
    output: ITEMS,
    usage: WRITTEN_USAGE,
    store: false,
  });
});

describe("OpenAI's SDK", () => {
  const client = (written: string, type = "text/event-stream"): OpenAI =>
    new OpenAI({ apiKey: "k", maxRetries: 0, fetch: async () => new Response(written, { headers: { "content-type": type } }) });

  test("puts a stream together as it was said", async () => {
    const stream_ = client(stream(EVERYTHING)).responses.stream({ model: "m", input: "Hi" });
    const snapshots: string[] = [];
    stream_.on("response.output_text.delta", ({ snapshot }) => snapshots.push(snapshot));
    const response = await stream_.finalResponse();
    expect(snapshots).toEqual(["Hel", 'Hello "\u2028😀']);
    expect(response.output_text).toBe('Hello "\u2028😀');
    expect(response.output.map(({ type }) => type)).toEqual([
      "reasoning",
      "message",
      "message",
      "reasoning",
      "function_call",
      "custom_tool_call",
    ]);
    expect(response.usage?.total_tokens).toBe(30);
  });

  test("reads a whole answer", async () => {
    const body = JSON.stringify(responses.writeWhole(wholeAnswer(EVERYTHING), GIVEN));
    const response = await client(body, "application/json").responses.create({ model: "m", input: "Hi" });
    expect(response.output_text).toBe('Hello "\u2028😀');
  });

  test("raises what broke", async () => {
    const order = new Order();
    const writer = responses.writer(GIVEN);
    const begun = [begin, text("t", "a")].flatMap((event) => order.take(event)).map((event) => writer.write(event));
    const failed = client(begun.join("") + writer.fail({ code: "stream_truncated", message: "It broke." })).responses.stream({
      model: "m",
      input: "Hi",
    });
    await expect(failed.finalResponse()).rejects.toThrow("It broke.");
  });
});

describe("what an answer gave comes back with the next request as it was", () => {
  test.each([
    ["written as a stream", (events: readonly AnswerEvent[]) => itemsOf(stream(events))],
    [
      "written whole",
      (events: readonly AnswerEvent[]) => (responses.writeWhole(wholeAnswer(events), GIVEN) as { output: unknown[] }).output,
    ],
  ])("%s (cases 6, 40, 59)", (_name, output) => {
    const results = [
      { type: "function_call_output", call_id: "call_1", output: "1" },
      { type: "custom_tool_call_output", call_id: "call_2", output: "2" },
    ];
    const input = JSON.stringify([{ role: "user", content: "Hi" }, ...output(EVERYTHING), ...results]);
    const bytes = new TextEncoder().encode(input);
    const read = responses.readAsk([{ key: "input", bytes, valueStart: 0, valueEnd: bytes.length }]);
    expect(read.ok && read.value.turns[1]?.parts).toEqual([
      { kind: "thought", text: "let me", seal: claude },
      { kind: "text", text: 'Hello "\u2028😀' },
      { kind: "refusal", text: "No." },
      { kind: "call", id: "call_1", name: "f", args: '{"a":1}', seal: gemini },
      { kind: "call", id: "call_2", name: "patch", args: "*** Begin", takes: "freeform", seal: undefined },
    ]);
  });
});
