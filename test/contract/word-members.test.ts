import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Endpoint, EventReading } from "../../src/core/endpoint.ts";
import { ENDPOINTS } from "../../src/endpoints/index.ts";
import { isWhole, textOf, watchStream, type WatchOptions } from "../../src/gateway/stream/stream-watch.ts";
import { endpointOf } from "../support/endpoint-readings.ts";

/** Whether a stream of which most events are only compared with an earlier one is watched as one of which each event is read. */

const FIXTURES = join(import.meta.dirname, "../fixtures");
const STREAMS = readdirSync(FIXTURES).filter((name) => name.endsWith(".sse"));
const recorded = new Map(STREAMS.map((name) => [name, readFileSync(join(FIXTURES, name), "latin1")]));
const compared = [...ENDPOINTS.values()].filter(({ wordMembers }) => wordMembers !== undefined);
const PLAIN = { usageEvents: "shown", choices: 1, framing: "as_it_came" } as const;

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** All that a watch shows, after every chunk and at the end. */
function watched(options: WatchOptions, chunks: readonly Uint8Array[]): unknown[] {
  const watch = watchStream(options);
  const shown = (out: Uint8Array) => {
    const { hasContent, finished, done, failure, facts, contents, isPlainText, rests } = watch.judge;
    const ends = { whole: [isWhole(watch, "end"), isWhole(watch, "broken")], failing: watch.fail({ code: "c", message: "m" }, {}) };
    const flags = {
      hasContent,
      finished,
      done,
      failure,
      facts,
      contents,
      isPlainText,
      rests,
      said: watch.said,
      text: textOf(watch),
      ...ends,
    };
    return { out: Buffer.from(out).toString("latin1"), ...flags };
  };
  return [...chunks.map((chunk) => shown(watch.take(chunk))), shown(watch.end("end"))];
}

function readInFull({ wordMembers: _wordMembers, ...endpoint }: Endpoint): Endpoint {
  return endpoint;
}

/** Pieces of events, and what may be put into the place of one or anywhere else. */
const SHARDS = [
  '"finish_reason":null',
  '"finish_reason":"stop"',
  '"content":""',
  '"content":"x"',
  '"content":null',
  '"content":"\\u00e9"',
  '"content":"\\x"',
  '"text":"y"',
  '"model":"other"',
  '"error":"late"',
  '"usage":{"prompt_tokens":1}',
  '"tool_calls":[{"function":{"name":"f"}}]',
  '"',
  "\\",
  ",",
  "}",
  "\n",
  "\r",
  "\n\n",
  "\u00ef\u00bb\u00bf",
  "\u00e2",
  "data: [DONE]\n\n",
  "event: error\n",
];

const EVENT_END = /(?<=\n\n|\r\n\r\n)/;

type Change = (events: string[]) => void;

const change: fc.Arbitrary<Change> = fc
  .record({
    kind: fc.constantFrom("repeat", "drop", "cut", "insert", "replace", "overwrite"),
    at: fc.nat(),
    from: fc.nat(),
    length: fc.nat(12),
    shard: fc.oneof(fc.constantFrom(...SHARDS), fc.string({ maxLength: 6, unit: "binary-ascii" })),
  })
  .map(({ kind, at, from, length, shard }) => (events) => {
    const index = at % Math.max(1, events.length);
    const event = events[index] ?? "";
    const place = from % (event.length + 1);
    const member = SHARDS.includes(shard) ? shard.slice(0, shard.indexOf(":") + 1) : "";
    const replaced = !member.startsWith('"') ? event : event.replace(new RegExp(`${member}("(?:[^"\\\\]|\\\\.)*"|null)`), () => shard);
    const changed = {
      repeat: [event, event],
      drop: [],
      cut: [event.slice(0, place) + event.slice(place + length)],
      insert: [event.slice(0, place) + shard + event.slice(place)],
      replace: [replaced],
      overwrite: [event.slice(0, place) + shard + event.slice(place + shard.length)],
    };
    events.splice(index, 1, ...changed[kind]);
  });

function cutUp(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    chunks.push(bytes.slice(at, at + length));
    at += length;
  }
  return chunks;
}

describe.each(compared.map((endpoint) => [endpoint.path, endpoint] as const))("%s", (_path, endpoint) => {
  test("a stream is watched alike whether its events are compared or read, however it is changed and cut up", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...recorded.values()),
        fc.array(change, { maxLength: 6 }),
        fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 100, max: 5_000 })), { minLength: 1, maxLength: 5 }),
        fc.record({
          usageEvents: fc.constantFrom("shown" as const, "hidden" as const),
          choices: fc.integer({ min: 1, max: 2 }),
          framing: fc.constantFrom("as_it_came" as const, "as_it_came" as const, "whole_events" as const),
          more: fc.constantFrom({}, { gathersText: true as const }),
        }),
        (stream, changes, lengths, { more, ...options }) => {
          const events = stream.split(EVENT_END);
          for (const each of changes) each(events);
          const chunks = cutUp(latin1(events.join("")), lengths);
          const watching = { ...options, ...more };
          expect(watched({ endpoint, ...watching }, chunks)).toEqual(watched({ endpoint: readInFull(endpoint), ...watching }, chunks));
        },
      ),
      { numRuns: 1500 },
    );
  });

  test.each(STREAMS)("%s is watched alike byte by byte and event by event", (name) => {
    const stream = recorded.get(name) ?? "";
    for (const chunks of [cutUp(latin1(stream), [1]), stream.split(EVENT_END).map(latin1), [latin1(stream)]]) {
      expect(watched({ endpoint, ...PLAIN }, chunks)).toEqual(watched({ endpoint: readInFull(endpoint), ...PLAIN }, chunks));
    }
  });
});

describe("streams in which much comes at once", () => {
  const chat = endpointOf("/v1/chat/completions");
  const event = (content: string, more: object = {}) => `data: ${JSON.stringify({ choices: [{ delta: { content, ...more } }] })}\n\n`;
  const call = { tool_calls: [{ function: { name: "f" } }] };

  test.each<[string, string[]]>([
    ["words that name a tool call each", [event("a", call), event("b", call), event("c", call)]],
    ["words behind the first line of the same event", [event("a"), "data: x\n", event("b"), event("c")]],
    ["an error behind words", [event("a"), `${event("b")}${event("c")}data: {"error":{"message":"late"}}\n\n${event("d")}`]],
    ["half an event behind words", [event("a"), `${event("b")}data: {"choi`, 'ces":[]}\n\n']],
  ])("%s", (_name, texts) => {
    const chunks = texts.map(latin1);
    for (const usageEvents of ["shown", "hidden"] as const) {
      const inFull = watched({ ...PLAIN, usageEvents, endpoint: readInFull(chat) }, chunks);
      expect(watched({ ...PLAIN, usageEvents, endpoint: chat }, chunks)).toEqual(inFull);
    }
  });
});

/** How many events of the stream are read, the others being like one that was. */
function eventsRead(endpoint: Endpoint, stream: string, lengths: readonly number[], more: Partial<WatchOptions> = {}): number {
  let count = 0;
  const readEvent = (event: Parameters<Endpoint["readEvent"]>[0]): EventReading => {
    count += 1;
    return endpoint.readEvent(event);
  };
  watched({ endpoint: { ...endpoint, readEvent }, ...PLAIN, ...more }, cutUp(latin1(stream), lengths));
  return count;
}

describe("how much is read", () => {
  const chat = endpointOf("/v1/chat/completions");
  const event = (delta: object, more: object = {}) =>
    `data: ${JSON.stringify({ model: "m", choices: [{ index: 0, delta }], ...more })}\n\n`;
  const words = (count: number) => Array.from({ length: count }, (_, index) => event({ content: `word ${index}` }));
  const stream = [event({ role: "assistant" }), ...words(100), event({}, { usage: { prompt_tokens: 1 } }), "data: [DONE]\n\n"].join("");

  test.each([1, 50, 300, 1000, 100_000])("one event of a hundred alike is read, in chunks of %i bytes", (length) => {
    expect(eventsRead(chat, stream, [length])).toBe(4);
  });

  test("every event is read where its words are wanted", () => {
    expect(eventsRead(chat, stream, [300], { gathersText: true })).toBe(103);
    expect(eventsRead(chat, stream, [300], { framing: "whole_events" })).toBe(103);
  });

  test("after eight events in a row that are unlike each other none is compared", () => {
    const unlike = Array.from({ length: 8 }, (_, index) => event({ content: "x" }, { id: index })).join("");
    expect(eventsRead(chat, unlike + words(100).join(""), [300])).toBe(108);
    expect(eventsRead(chat, words(2).join("") + unlike.slice(0, unlike.length / 2) + words(100).join(""), [300])).toBe(6);
  });
});
