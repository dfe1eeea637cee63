import { SseSplitter } from "../../src/core/stream/sse.ts";

// What a written stream has to be, whatever was said in it: the grammar of each dialect that callers speak, as strict as their clients are.

/** One event of a written stream. */
interface Written {
  readonly name: string;
  readonly data: string;
}

type Value = Readonly<Record<string, unknown>>;

/** What is wrong with a stream that ended whole, in words; none is as it should be. */
export const GRAMMARS: Readonly<Record<"chat" | "messages" | "responses", (text: string) => readonly string[]>> = {
  chat: chatFaults,
  messages: messagesFaults,
  responses: responsesFaults,
};

function eventsOf(text: string): readonly Written[] {
  const events = new SseSplitter().push(new TextEncoder().encode(text));
  return events.flatMap(({ name, data }) => (data === undefined ? [] : [{ name, data }]));
}

function valueOf(data: string): Value {
  return JSON.parse(data) as Value;
}

function objectOf(value: unknown): Value {
  return typeof value === "object" && value !== null ? (value as Value) : {};
}

function list(value: unknown): readonly Value[] {
  return Array.isArray(value) ? (value as Value[]) : [];
}

class Faults {
  readonly found: string[] = [];

  unless(holds: boolean, words: string): void {
    if (!holds) this.found.push(words);
  }
}

/** https://platform.openai.com/docs/api-reference/chat-streaming, and what openai-node and the AI SDK throw at. */
function chatFaults(text: string): readonly string[] {
  const faults = new Faults();
  const events = eventsOf(text);
  faults.unless(
    events.every(({ name }) => name === ""),
    "an event with a name",
  );
  faults.unless(
    events.at(-1)?.data === "[DONE]" && events.filter(({ data }) => data === "[DONE]").length === 1,
    "[DONE] is not the last word",
  );
  const chunks = events.filter(({ data }) => data !== "[DONE]").map(({ data }) => valueOf(data));
  for (const member of ["id", "created", "model", "object"])
    faults.unless(new Set(chunks.map((chunk) => chunk[member])).size <= 1, `${member} changes`);
  faults.unless(chunks[0]?.["object"] === "chat.completion.chunk", "no chat.completion.chunk");
  const choices = chunks.flatMap((chunk) => list(chunk["choices"]));
  faults.unless(objectOf(choices[0]?.["delta"])["role"] === "assistant", "the first delta has no role");
  faults.unless(
    choices.slice(1).every((choice) => objectOf(choice["delta"])["role"] === undefined),
    "a role again",
  );
  const finishes = choices.filter((choice) => choice["finish_reason"] !== null);
  faults.unless(finishes.length === 1 && choices.at(-1) === finishes[0], "not one finish reason, in the last choice");
  faults.unless(Object.keys(objectOf(finishes[0]?.["delta"])).length === 0, "the finish reason's delta is not empty");
  const usage = chunks.filter((chunk) => (chunk["usage"] ?? null) !== null);
  faults.unless(
    usage.length <= 1 && usage.every((chunk) => list(chunk["choices"]).length === 0 && chunk === chunks.at(-1)),
    "usage is not the last chunk",
  );
  const seen = new Map<unknown, unknown>();
  for (const choice of choices) {
    const delta = objectOf(choice["delta"]);
    for (const member of ["content", "reasoning_content", "refusal"])
      faults.unless(delta[member] === undefined || typeof delta[member] === "string", `${member} is no string`);
    faults.unless(!Array.isArray(delta["tool_calls"]) || list(delta["tool_calls"]).length > 0, "an empty list of calls");
    for (const call of list(delta["tool_calls"])) {
      const isFreeform = call["custom"] !== undefined;
      const called = objectOf(call[isFreeform ? "custom" : "function"]);
      const said = called[isFreeform ? "input" : "arguments"];
      if (!seen.has(call["index"])) {
        faults.unless(call["index"] === seen.size, `call ${String(call["index"])} out of order`);
        faults.unless(
          typeof call["id"] === "string" && call["id"] !== "" && call["type"] === (isFreeform ? "custom" : "function"),
          "a call without id or type",
        );
        faults.unless(
          typeof called["name"] === "string" && called["name"] !== "" && said === "",
          "a call that does not begin with its name alone",
        );
        seen.set(call["index"], call["id"]);
      } else {
        faults.unless(call["id"] === undefined && call["type"] === undefined && called["name"] === undefined, "a call's identity again");
        faults.unless(typeof said === "string" && said !== "", "a delta without arguments");
        faults.unless(call["index"] === seen.size - 1, "calls in turns");
      }
    }
  }
  return faults.found;
}

/** The deltas of each type of block. */
const FITTING: ReadonlyMap<unknown, readonly unknown[]> = new Map([
  ["text", ["text_delta", "citations_delta"]],
  ["thinking", ["thinking_delta", "signature_delta"]],
  ["tool_use", ["input_json_delta"]],
]);

/** https://docs.claude.com/en/api/messages-streaming, and what `MessageStream` of Anthropic's SDK makes of it. */
function messagesFaults(text: string): readonly string[] {
  const faults = new Faults();
  const events = eventsOf(text).map(({ name, data }) => ({ name, value: valueOf(data) }));
  faults.unless(
    events.every(({ name, value }) => name !== "" && name === value["type"]),
    "an event whose name is not its type",
  );
  const told = events.filter(({ name }) => name !== "ping");
  const types = told.map(({ name }) => name);
  faults.unless(
    types[0] === "message_start" && types.filter((type) => type === "message_start").length === 1,
    "not one message_start, first",
  );
  faults.unless(
    types.at(-1) === "message_stop" && types.at(-2) === "message_delta",
    "message_delta and message_stop are not the last words",
  );
  const message = objectOf(told[0]?.value["message"]);
  faults.unless(
    message["role"] === "assistant" && list(message["content"]).length === 0 && message["type"] === "message",
    "message_start is not an empty message",
  );
  faults.unless(typeof message["id"] === "string" && message["stop_reason"] === null, "message_start without id, or with a stop_reason");
  for (const usage of [objectOf(message["usage"]), objectOf(told.at(-2)?.value["usage"])])
    faults.unless(typeof usage["output_tokens"] === "number", "usage without numbers");
  faults.unless(typeof objectOf(told.at(-2)?.value["delta"])["stop_reason"] === "string", "no stop_reason");
  let open: { index: number; type: unknown; sealed: boolean } | undefined;
  let next = 0;
  for (const { name, value } of told.slice(1, -2)) {
    if (name === "content_block_start") {
      const block = objectOf(value["content_block"]);
      faults.unless(open === undefined, "two blocks are open");
      faults.unless(value["index"] === next, `block ${String(value["index"])} where ${next} was due`);
      faults.unless(
        block["type"] !== "tool_use" || (Object.keys(objectOf(block["input"])).length === 0 && typeof block["id"] === "string"),
        "tool_use does not begin empty",
      );
      open = { index: next, type: block["type"], sealed: false };
      next += 1;
    } else if (name === "content_block_delta") {
      const delta = objectOf(value["delta"]);
      faults.unless(open !== undefined && value["index"] === open.index, "a delta of no open block");
      faults.unless(open?.sealed !== true, "a delta behind the signature");
      faults.unless((FITTING.get(open?.type) ?? []).includes(delta["type"]), `${String(delta["type"])} in ${String(open?.type)}`);
      if (open !== undefined && delta["type"] === "signature_delta") open.sealed = true;
    } else if (name === "content_block_stop") {
      faults.unless(open !== undefined && value["index"] === open.index, "a stop of no open block");
      open = undefined;
    } else faults.unless(false, `${name} inside the message`);
  }
  faults.unless(open === undefined, "a block stays open");
  return faults.found;
}

/** https://platform.openai.com/docs/api-reference/responses-streaming, and what openai-node's `ResponseStream` and Codex need. */
function responsesFaults(text: string): readonly string[] {
  const faults = new Faults();
  const events = eventsOf(text).map(({ name, data }) => ({ name, value: valueOf(data) }));
  faults.unless(
    events.every(({ name, value }, index) => name === value["type"] && value["sequence_number"] === index),
    "an event whose name is not its type, or that is not counted",
  );
  const types = events.map(({ name }) => name);
  faults.unless(types[0] === "response.created" && types[1] === "response.in_progress", "it does not begin with created and in_progress");
  const last = objectOf(events.at(-1)?.value["response"]);
  faults.unless(["response.completed", "response.incomplete"].includes(types.at(-1) ?? ""), "it does not end with completed or incomplete");
  faults.unless(objectOf(events[0]?.value["response"])["id"] === last["id"] && typeof last["id"] === "string", "the response's id changes");
  const usage = objectOf(last["usage"]);
  faults.unless(
    [
      usage["input_tokens"],
      usage["output_tokens"],
      usage["total_tokens"],
      objectOf(usage["input_tokens_details"])["cached_tokens"],
      objectOf(usage["output_tokens_details"])["reasoning_tokens"],
    ].every((count) => typeof count === "number"),
    "usage is not whole",
  );
  const done: unknown[] = [];
  let open: { item: Value; part: string | undefined; text: string } | undefined;
  for (const { name, value } of events.slice(2, -1)) {
    const item = objectOf(value["item"]);
    if (name === "response.output_item.added") {
      faults.unless(open === undefined, "two items are open");
      faults.unless(value["output_index"] === done.length, "an item out of order");
      open = { item, part: undefined, text: "" };
      continue;
    }
    if (open === undefined) {
      faults.unless(false, `${name} outside of an item`);
      continue;
    }
    faults.unless(value["output_index"] === done.length, `${name} of another item`);
    if (name === "response.output_item.done") {
      faults.unless(item["id"] === open.item["id"] && item["type"] === open.item["type"], "an item that changes");
      faults.unless(open.part === undefined, "an item that ends with an open part");
      done.push(item);
      open = undefined;
    } else if (name === "response.content_part.added" || name === "response.reasoning_summary_part.added") {
      faults.unless(open.part === undefined && value["item_id"] === open.item["id"], "two parts are open");
      open.part = name;
      open.text = "";
    } else if (name === "response.content_part.done" || name === "response.reasoning_summary_part.done") {
      faults.unless(open.part === name.replace(".done", ".added"), "a part that ends and did not begin");
      open.part = undefined;
    } else if (name.endsWith(".delta")) {
      const needsPart = !name.includes("arguments") && !name.includes("custom_tool");
      faults.unless(!needsPart || open.part !== undefined, `${name} outside of a part`);
      open.text += String(value["delta"]);
    } else if (/\.(output_text|refusal|reasoning_summary_text)\.done$/.test(name)) {
      faults.unless((value["text"] ?? value["refusal"]) === open.text, `${name} is not what came`);
    } else if (name === "response.function_call_arguments.done") {
      faults.unless(value["arguments"] === open.text, "arguments that are not what came");
    } else faults.unless(name === "response.custom_tool_call_input.done", `${name} inside an item`);
  }
  faults.unless(open === undefined, "an item stays open");
  faults.unless(JSON.stringify(last["output"]) === JSON.stringify(done), "the response's output is not its items");
  return faults.found;
}
