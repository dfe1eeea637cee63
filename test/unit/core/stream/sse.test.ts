import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type SseEvent, SseSplitter } from "../../../../src/core/stream/sse.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

interface Split {
  readonly events: readonly SseEvent[];
  readonly rest: Uint8Array;
}

function split(chunks: readonly Uint8Array[]): Split {
  const splitter = new SseSplitter();
  const events = chunks.flatMap((chunk) => splitter.push(chunk));
  return { events: [...events, ...splitter.end()], rest: splitter.rest() };
}

const facts = ({ events, rest }: Split) => ({
  events: events.map(({ name, data, raw }) => ({ name, data, raw: decode(raw) })),
  rest: decode(rest),
});

const oneByOne = (bytes: Uint8Array) => Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));

const STREAMS: readonly [string, string, [string, string | undefined][], string][] = [
  ["line feeds", "data: a\n\ndata: b\n\n", [["", "a"], ["", "b"]], ""], // prettier-ignore
  ["carriage returns with line feeds", "data: a\r\n\r\ndata: b\r\n\r\n", [["", "a"], ["", "b"]], ""], // prettier-ignore
  ["bare carriage returns", "data: a\r\rdata: b\r\r", [["", "a"], ["", "b"]], ""], // prettier-ignore
  ["mixed line ends", "data: a\r\n\ndata: b\n\r\ndata: c\r\n\rdata: d\n\r", [["", "a"], ["", "b"], ["", "c"], ["", "d"]], ""], // prettier-ignore
  ["several data lines", "data: a\ndata: b\ndata:\ndata:  c\n\n", [["", "a\nb\n\n c"]], ""],
  ["data without a colon", "data\n\ndata\ndata\n\n", [["", ""], ["", "\n"]], ""], // prettier-ignore
  ["comments", ": PROCESSING\n\n:\ndata: a\n:x\n\n", [["", undefined], ["", "a"]], ""], // prettier-ignore
  ["names", "event: first\nevent: error\ndata: a\n\ndata: b\n\nevent:c\n\n", [["error", "a"], ["", "b"], ["c", undefined]], ""], // prettier-ignore
  ["other fields", "id: 1\nretry: 5\ndataset: x\nDATA: x\n data: x\ndata: a\n\n", [["", "a"]], ""],
  ["colons and blanks in the data", 'data:{"a": "b:c"}\n\ndata:\n\ndata: \n\n', [["", '{"a": "b:c"}'], ["", ""], ["", ""]], ""], // prettier-ignore
  ["a byte order mark at the start", "\ufeffdata: a\n\n\ufeffdata: b\n\n", [["", "a"], ["", undefined]], ""], // prettier-ignore
  ["blank lines between", "\n\r\n\rdata: a\n\n\n", [["", undefined], ["", undefined], ["", undefined], ["", "a"], ["", undefined]], ""], // prettier-ignore
  ["characters of many bytes", "data: héllo 😀 日本\n\nevent: ü\ndata: \u2028\n\n", [["", "héllo 😀 日本"], ["ü", "\u2028"]], ""], // prettier-ignore
  ["an unfinished event", "data: a\n\ndata: b\n", [["", "a"]], "data: b\n"],
  ["an unfinished line", "data: a\n\ndat", [["", "a"]], "dat"],
  ["an unfinished line end", "data: a\r\n\r\ndata: b\r", [["", "a"]], "data: b\r"],
  ["nothing", "", [], ""],
];

describe("a stream is cut into its events", () => {
  test.each(STREAMS)("%s", (_name, text, events, rest) => {
    const read = split([encode(text)]);
    expect(read.events.map(({ name, data }) => [name, data])).toEqual(events);
    expect(decode(read.rest)).toBe(rest);
  });

  test.each(STREAMS)("%s: byte by byte and cut in two anywhere, the same", (_name, text) => {
    const bytes = encode(text);
    const whole = facts(split([bytes]));
    expect(facts(split(oneByOne(bytes)))).toEqual(whole);
    for (let at = 0; at <= bytes.length; at += 1) expect(facts(split([bytes.subarray(0, at), bytes.subarray(at)]))).toEqual(whole);
  });

  test("an event holds its blank line, both bytes of a CRLF included", () => {
    const read = split([encode("data: a\r\n\r"), encode("\ndata: b\r\n\r\n")]);
    expect(read.events.map((event) => decode(event.raw))).toEqual(["data: a\r\n\r\n", "data: b\r\n\r\n"]);
  });

  test("an event is given with the chunk that completes it", () => {
    const splitter = new SseSplitter();
    expect(["data: a\n", "\nda", "ta: b\n\n"].map((chunk) => splitter.push(encode(chunk)).length)).toEqual([0, 1, 1]);
  });

  test("of an event whose last byte is a carriage return the end is told by `end` only", () => {
    const splitter = new SseSplitter();
    expect(splitter.push(encode("data: a\r\r"))).toEqual([]);
    expect(splitter.end().map((event) => event.data)).toEqual(["a"]);
    expect(splitter.end()).toEqual([]);
    expect(splitter.rest()).toHaveLength(0);
  });
});

describe("nothing is lost or made up", () => {
  const line = fc.oneof(
    fc.constantFrom("data", "data: x", "event: e", ": c", "", "", "\ufeff", "data: é😀"),
    fc.string({ unit: "binary", maxLength: 6 }),
  );
  const stream = fc.array(fc.tuple(line, fc.constantFrom("\n", "\r", "\r\n", "")), { maxLength: 20 });
  const cuts = fc.array(fc.nat({ max: 30 }), { maxLength: 20 });

  function cutInto(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
    const chunks: Uint8Array[] = [];
    let at = 0;
    for (const size of sizes) {
      chunks.push(bytes.subarray(at, at + size));
      at += size;
    }
    return [...chunks, bytes.subarray(at)];
  }

  /** The standard's algorithm over text, event by event: only those it would dispatch. */
  function dispatched(text: string): [string, string][] {
    const events: [string, string][] = [];
    let name = "";
    let data = "";
    const lines = text.replace(/^\ufeff/, "").split(/\r\n|\n|\r/);
    for (const current of lines.slice(0, -1)) {
      const [, field = "", value = ""] = /^([^:]*):? ?(.*)$/su.exec(current) ?? [];
      if (current === "") {
        if (data !== "") events.push([name, data.slice(0, -1)]);
        name = "";
        data = "";
      } else if (field === "event") name = value;
      else if (field === "data") data += `${value}\n`;
    }
    return events;
  }

  test("raw bytes and rest are the input, and the events are the standard's", () => {
    fc.assert(
      fc.property(stream, cuts, (lines, sizes) => {
        const bytes = encode(lines.flat().join(""));
        const read = split(cutInto(bytes, sizes));
        const joined = [...read.events.map((event) => event.raw), read.rest].flatMap((part) => [...part]);
        expect(joined).toEqual([...bytes]);
        const text = decode(bytes);
        const told = read.events.flatMap(({ name, data }) => (data === undefined ? [] : [[name, data]]));
        expect(told).toEqual(dispatched(text));
      }),
      { numRuns: 1000 },
    );
  });

  test("an event of 1 MB in chunks of 16 bytes is one event, and its rest may be asked for after each", () => {
    const bytes = encode(`data: ${"x".repeat(1_000_000)}\n\n`);
    const splitter = new SseSplitter();
    const events: SseEvent[] = [];
    let rests = 0;
    for (let at = 0; at < bytes.length; at += 16) {
      events.push(...splitter.push(bytes.subarray(at, at + 16)));
      rests += splitter.rest().length === Math.min(at + 16, bytes.length) ? 1 : 0;
    }
    expect(events.map((event) => event.data?.length)).toEqual([1_000_000]);
    expect(rests).toBe(Math.ceil(bytes.length / 16) - 1);
  });

  test("what was given out as the rest does not change when more comes", () => {
    const splitter = new SseSplitter();
    splitter.push(encode("data: a"));
    const rest = splitter.rest();
    const [event] = splitter.push(encode("b\n\ndata: c"));
    expect([decode(rest), event?.data, decode(splitter.rest())]).toEqual(["data: a", "ab", "data: c"]);
  });
});
