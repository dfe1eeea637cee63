import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { memberValue } from "../../../../src/core/json/json-members.ts";
import { asksForUsage, type BodyEdits, writeBody } from "../../../../src/core/body/model-splice.ts";
import { readMultipartBody } from "../../../../src/core/body/multipart.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
const FORM = "multipart/form-data; boundary=XX";

const field = (name: string, value: string) => `--XX\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const file = (content: string) =>
  `--XX\r\nContent-Disposition: form-data; name="file"; filename="a; name=\\"model\\".mp3"\r\nContent-Type: audio/mpeg\r\n\r\n${content}\r\n`;
const END = "--XX--\r\n";

function read(text: string | Uint8Array, contentType = FORM) {
  const result = readMultipartBody(typeof text === "string" ? encode(text) : text, contentType);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

const written = (text: string, edits: BodyEdits) => decode(writeBody(read(text).body, edits));

describe("the form's model", () => {
  test.each([
    ["before a file", field("model", "whisper-1") + file("…") + END, field("model", "b") + file("…") + END],
    ["behind a file", file("\r\n\r\n") + field("model", "whisper-1") + END, file("\r\n\r\n") + field("model", "b") + END],
    ["alone", field("model", "whisper-1") + END, field("model", "b") + END],
    ["without a last line break", field("model", "whisper-1") + "--XX--", field("model", "b") + "--XX--"],
    [
      "between preamble and epilogue",
      "pre --XX\r\n" + field("model", "whisper-1") + END + field("model", "no"),
      "pre --XX\r\n" + field("model", "b") + END + field("model", "no"),
    ],
    [
      "with blanks behind the boundary",
      field("model", "whisper-1").replace("--XX\r", "--XX \t\r") + END,
      field("model", "b").replace("--XX\r", "--XX \t\r") + END,
    ],
    [
      "in other letters",
      "--XX\r\nContent-Type: text/plain\r\ncontent-disposition:form-data;NAME=model\r\n\r\nwhisper-1\r\n--XX--",
      "--XX\r\nContent-Type: text/plain\r\ncontent-disposition:form-data;NAME=model\r\n\r\nb\r\n--XX--",
    ],
  ])("%s: read, and nothing else rewritten", (_name, text, expected) => {
    expect(read(text).model).toBe("whisper-1");
    expect(written(text, { model: "b" })).toBe(expected);
  });

  test.each([
    "--XX",
    "\r\n--XXY\r\n",
    "\r\n--X\r\n--Y--",
    "x--XX\r\n",
    "\r\n--XX-\r\n",
    "\n--XX\r\n",
    "\r\n--XX\n",
    "\r\n\r\n--X",
    "\r\n-XX--",
  ])("is not confused by a file that holds %j", (look) => {
    const text = file(`a${look}b`) + field("model", "m") + END;
    const { model, members } = read(text);
    expect([model, members.length]).toEqual(["m", 1]);
    expect(written(text, { model: "n" })).toBe(file(`a${look}b`) + field("model", "n") + END);
  });

  test("may be empty of nothing else: the very same bytes where nothing changes", () => {
    const { body } = read(field("model", "m") + END);
    expect(writeBody(body, { model: "m", usage: "ask" })).toBe(body.bytes);
    expect(asksForUsage(body)).toBe(false);
  });

  test("is found behind a part whose empty line is also the boundary's", () => {
    const text = `--XX\r\nContent-Disposition: form-data; name="x"\r\n\r\n${field("model", "m")}${END}`;
    expect(read(text).members.map((member) => [member.key, memberValue(member)])).toEqual([
      ["x", ""],
      ["model", "m"],
    ]);
    const empty = `--XX\r\nContent-Disposition: form-data; name="model"\r\n\r\n${END}`;
    expect(readMultipartBody(encode(empty), FORM)).toEqual({ ok: false, error: { kind: "model_empty" } });
  });

  test("is what the first of two names says", () => {
    const text = field("model", "m").replace('name="model"', 'name="model"; name="other"') + END;
    expect(read(text).model).toBe("m");
  });

  test("file bytes that are no text stay", () => {
    const audio = Uint8Array.from({ length: 4096 }, (_, at) => (at * 31) % 256);
    const join = (model: string) =>
      new Uint8Array([...encode(file("").slice(0, -2)), ...audio, ...encode(`\r\n${field("model", model)}${END}`)]);
    const { body } = read(join("m"));
    expect(writeBody(body, { model: "longer" })).toEqual(join("longer"));
  });
});

describe("the boundary", () => {
  test.each([
    ["multipart/form-data; boundary=XX"],
    ['multipart/form-data; boundary="XX"'],
    ['Multipart/Form-Data;charset="utf-8;boundary=no" ; Boundary=XX ; x=y'],
  ])("of %s", (contentType) => {
    expect(read(field("model", "m") + END, contentType).model).toBe("m");
  });

  test("may hold what only quotes allow", () => {
    const boundary = "a b:c/d?(e)";
    const text = `--${boundary}\r\nContent-Disposition: form-data; name="model"\r\n\r\nm\r\n--${boundary}--\r\n`;
    expect(read(text, `multipart/form-data; boundary="${boundary}"`).model).toBe("m");
  });
});

describe("a form that cannot be routed", () => {
  test.each<[string, string | null, string, object]>([
    ["JSON by its type", "application/json", field("model", "m") + END, { kind: "no_boundary" }],
    ["no type", null, field("model", "m") + END, { kind: "no_boundary" }],
    ["no boundary", "multipart/form-data", field("model", "m") + END, { kind: "no_boundary" }],
    ["an empty boundary", 'multipart/form-data; boundary=""', field("model", "m") + END, { kind: "no_boundary" }],
    ["empty", FORM, "", { kind: "empty" }],
    [
      "another boundary",
      FORM,
      "--YY\r\n",
      { kind: "malformed_form", offset: 0, expected: "a line of -- and the boundary that the content type names" },
    ],
    [
      "cut in a part",
      FORM,
      field("model", "m"),
      { kind: "malformed_form", offset: 57, expected: "the boundary's last line, which ends in --" },
    ],
    [
      "cut in the headers",
      FORM,
      "--XX\r\nContent-Disposition: form-data\r\n",
      { kind: "malformed_form", offset: 6, expected: "a part's headers and an empty line" },
    ],
    [
      "a part without a name",
      FORM,
      `--XX\r\n\r\nx\r\n${END}`,
      { kind: "malformed_form", offset: 6, expected: "a content-disposition of form-data with a name" },
    ],
    ["no parts", FORM, END, { kind: "no_model" }],
    ["no model", FORM, file("x") + field("Model", "m") + END, { kind: "no_model" }],
    ["two models", FORM, field("model", "m") + file("x") + field("model", "m") + END, { kind: "model_twice" }],
    ["an empty model", FORM, field("model", "") + END, { kind: "model_empty" }],
  ])("%s", (_name, contentType, text, error) => {
    expect(readMultipartBody(encode(text), contentType)).toEqual({ ok: false, error });
  });
});

describe("fields", () => {
  test("are told as JSON strings, files are not", () => {
    const { members } = read(field("stream", "true") + file("x") + field("model", "m") + field("prompt", 'a "b"\r\n é') + END);
    expect(members.map((member) => [member.key, memberValue(member)])).toEqual([["stream", "true"], ["model", "m"], ["prompt", 'a "b"\r\n é']]); // prettier-ignore
  });

  test("that a variant adds stand first, lists as one field for each item", () => {
    const parameters = [["language", '"de"'], ["temperature", "0"], ["include", '["a","b"]'], ["model", '"x"'], ["size", '"1x1"']] as const; // prettier-ignore
    const text = `preamble\r\n${file("x")}${field("size[]", "2")}${field("model", "m")}${END}`;
    const added = field("language", "de") + field("temperature", "0") + field("include[]", "a") + field("include[]", "b");
    expect(written(text, { model: "n", parameters })).toBe(
      `preamble\r\n${added}${file("x")}${field("size[]", "2")}${field("model", "n")}${END}`,
    );
  });
});

test("what a file holds never matters, as long as it holds no boundary line", () => {
  const piece = fc.oneof(fc.constantFrom("\r", "\n", "\r\n", "-", "--", "XX", "X", "\r\n--", "--XX", " "), fc.string({ maxLength: 5 }));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.boolean(), (pieces, first) => {
      const content = pieces.join("");
      fc.pre(!/(^|\r\n)--XX(--|[ \t]*(\r\n|$))/.test(content));
      const form = (model: string) => (first ? field("model", model) + file(content) : file(content) + field("model", model)) + END;
      expect(written(form("m"), { model: "other" })).toBe(form("other"));
    }),
    { numRuns: 1000 },
  );
});

test("25 MB that look like the boundary all along are passed in well under a second", () => {
  const head = encode(file("").slice(0, -2));
  const tail = encode(`\r\n${field("model", "m")}${END}`);
  const size = 25 * 1024 * 1024;
  const bytes = new Uint8Array(head.length + size + tail.length);
  bytes.set(head);
  const trap = encode("\r\n--X-");
  for (let at = 0; at < size; at += 1) bytes[head.length + at] = trap[at % trap.length] ?? 0;
  bytes.set(tail, head.length + size);
  expect(read(bytes).model).toBe("m");
});
