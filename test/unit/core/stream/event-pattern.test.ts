import { describe, expect, test } from "vitest";
import { EventPattern } from "../../../../src/core/stream/event-pattern.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const MEMBERS = ['"content":', '"padding":'].map(encode);
const patternOf = (text: string): EventPattern | undefined => EventPattern.of(encode(text), MEMBERS);
const MODEL = 'data: {"a":{"content":"Hi"},"b":null,"padding":"xy"}\n\n';

describe("an event like another", () => {
  test.each([
    ["itself", MODEL],
    ["other strings in the gaps", 'data: {"a":{"content":"a longer one, {}"},"b":null,"padding":"z"}\n\n'],
    ["short escapes", 'data: {"a":{"content":"\\"\\\\\\n"},"b":null,"padding":"xy"}\n\n'],
    ["letters beyond ASCII", 'data: {"a":{"content":"über 😀"},"b":null,"padding":"xy"}\n\n'],
  ])("is one with %s", (_name, text) => {
    const bytes = encode(text);
    expect(patternOf(MODEL)?.endIn(bytes, 0)).toBe(bytes.length);
  });

  test.each([
    ["an empty string", 'data: {"a":{"content":""},"b":null,"padding":"xy"}\n\n'],
    ["null in the place of a string", 'data: {"a":{"content":null},"b":null,"padding":"xy"}\n\n'],
    ["another value elsewhere", 'data: {"a":{"content":"Hi"},"b":true,"padding":"xy"}\n\n'],
    ["one member more", 'data: {"a":{"content":"Hi"},"b":null,"padding":"xy","c":1}\n\n'],
    ["a Unicode escape, which may be none", 'data: {"a":{"content":"\\u12"},"b":null,"padding":"xy"}\n\n'],
    ["an escape that JSON does not know", 'data: {"a":{"content":"\\x"},"b":null,"padding":"xy"}\n\n'],
    ["a line end in a string", 'data: {"a":{"content":"a\nb"},"b":null,"padding":"xy"}\n\n'],
    ["no end of its string", 'data: {"a":{"content":"Hi'],
    ["half an escape at the end", 'data: {"a":{"content":"Hi\\'],
    ["no blank line", 'data: {"a":{"content":"Hi"},"b":null,"padding":"xy"}\n'],
  ])("is not one with %s", (_name, text) => {
    expect(patternOf(MODEL)?.endIn(encode(text), 0)).toBe(0);
  });

  test("is found behind others, and ends where its blank line does", () => {
    const two = encode(`${MODEL}data: {"a":{"content":"You"},"b":null,"padding":"p"}\n\n: more`);
    expect(patternOf(MODEL)?.endIn(two, MODEL.length)).toBe(two.length - 6);
  });

  test("is compared with a copy: the first one's bytes may be overwritten", () => {
    const first = encode(MODEL);
    const pattern = EventPattern.of(first, MEMBERS);
    first.fill(0);
    expect(pattern?.endIn(encode(MODEL), 0)).toBe(MODEL.length);
  });

  test("may have its string behind a blank, and keep an empty one", () => {
    const text = 'data: {"content": "", "padding": "x"}\n\n';
    expect(patternOf(text)?.endIn(encode(text.replace("x", "yy")), 0)).toBe(text.length + 1);
    expect(patternOf(text)?.endIn(encode(text.replace('""', '"y"')), 0)).toBe(0);
  });
});

test.each([
  ["none of the members", 'data: {"a":1}\n\n'],
  ["only empty strings in them", 'data: {"content":"","padding":null}\n\n'],
  ["no line feed at its end, which might still come", 'data: {"content":"x"}\r\r'],
  ["a byte order mark, which would be text anywhere else", `\ufeff${MODEL}`],
])("an event with %s has no pattern", (_name, text) => {
  expect(patternOf(text)).toBeUndefined();
});
