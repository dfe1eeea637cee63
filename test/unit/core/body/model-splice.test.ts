import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asksForUsage, type BodyEdits, type JsonBody, readJsonBody, writeBody } from "../../../../src/core/body/model-splice.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

function bodyOf(text: string): JsonBody {
  const read = readJsonBody(encode(text));
  if (!read.ok) throw new Error(read.error.kind);
  return read.value.body;
}

const written = (text: string, edits: BodyEdits) => decode(writeBody(bodyOf(text), edits));

describe("a body that cannot be routed", () => {
  test.each<[string, object]>([
    ["", { kind: "empty" }],
    ["{", { kind: "not_json", offset: 1, expected: "a key in double quotes or }" }],
    ['{"model":"a"', { kind: "not_json", offset: 12, expected: "a comma or the closing bracket" }],
    ["[]", { kind: "not_object", offset: 0, expected: "an object" }],
    ["{}", { kind: "no_model" }],
    ['{"messages":[{"model":"x"}]}', { kind: "no_model" }],
    ['{"Model":"x"}', { kind: "no_model", instead: "Model" }],
    ['{"Model":"x","model":"y"}', { kind: "model_in_other_case", key: "Model" }],
    ['{"model":"y","a":1,"MOD\\u0045L":"x"}', { kind: "model_in_other_case", key: "MODEL" }],
    ['\u{FEFF}{"model":"y"}', { kind: "byte_order_mark" }],
    ['{"model":5}', { kind: "model_not_string" }],
    ['{"model":null}', { kind: "model_not_string" }],
    ['{"model":{"model":"x"}}', { kind: "model_not_string" }],
    ['{"model":""}', { kind: "model_empty" }],
    ['{"model":"a","model":"a"}', { kind: "model_twice" }],
    ['{"model":"a","m\\u006fdel":"b"}', { kind: "model_twice" }],
  ])("%s", (text, error) => {
    expect(readJsonBody(encode(text))).toEqual({ ok: false, error });
  });
});

describe("a body in UTF-16 or UTF-32", () => {
  const TEXT = '{"model":"a"}';
  const wide = (bytes: 2 | 4, end: "little" | "big", text: string): Uint8Array => {
    const view = new DataView(new ArrayBuffer(text.length * bytes));
    for (let at = 0; at < text.length; at += 1) {
      if (bytes === 2) view.setUint16(2 * at, text.charCodeAt(at), end === "little");
      else view.setUint32(4 * at, text.charCodeAt(at), end === "little");
    }
    return new Uint8Array(view.buffer);
  };

  test.each([
    ["UTF-16, little end first", wide(2, "little", TEXT)],
    ["UTF-16, big end first", wide(2, "big", TEXT)],
    ["UTF-16 with its mark", wide(2, "little", `\u{FEFF}${TEXT}`)],
    ["UTF-16 with its mark, big end first", wide(2, "big", `\u{FEFF}${TEXT}`)],
    ["UTF-32", wide(4, "little", TEXT)],
    ["UTF-32, big end first", wide(4, "big", TEXT)],
  ])("%s", (_name, bytes) => {
    expect(readJsonBody(bytes)).toEqual({ ok: false, error: { kind: "utf_16" } });
  });
});

test("1,000 members are told apart, and not one more", () => {
  const body = (count: number): Uint8Array =>
    encode(`{"model":"m",${Array.from({ length: count - 1 }, (_, at) => `"${at}":{"a":1,"b":2}`).join(",")}}`);
  expect(readJsonBody(body(1000))).toMatchObject({ ok: true, value: { model: "m" } });
  expect(readJsonBody(body(1001))).toMatchObject({ ok: false, error: { kind: "too_many_members", expected: "at most 1000 members" } });
});

describe("only the model's value is replaced", () => {
  test.each([
    ['{"model":"a"}', '{"model":"b/c"}'],
    ['\n{ "model" :\t"a" , "n":12345678901234567890 }\n', '\n{ "model" :\t"b/c" , "n":12345678901234567890 }\n'],
    [
      '{"x":"\\"model\\":\\"a\\"","y":{"model":"a"},"model":"a","z":["model","a"]}',
      '{"x":"\\"model\\":\\"a\\"","y":{"model":"a"},"model":"b/c","z":["model","a"]}',
    ],
    ['{"mod\\u0065l":"a\\n\\"x","t":0.10,"u":1E2}', '{"mod\\u0065l":"b/c","t":0.10,"u":1E2}'],
    ['{"é😀":"\\ud83d","model":"route::ü","a":1,"a":2}', '{"é😀":"\\ud83d","model":"b/c","a":1,"a":2}'],
  ])("%s", (text, expected) => {
    expect(written(text, { model: "b/c" })).toBe(expected);
  });

  test("a name is written as JSON", () => {
    expect(written('{"model":"a"}', { model: 'q"\\\n' })).toBe('{"model":"q\\"\\\\\\n"}');
  });

  test("where nothing changes the bytes are the very same", () => {
    const body = bodyOf('{"model":"gpt\\u002d4o","temperature":1}');
    expect(writeBody(body, { model: "gpt-4o", parameters: [["temperature", "0.2"]], usage: "leave" })).toBe(body.bytes);
  });

  test("bytes that are no UTF-8 stay", () => {
    const bytes = new Uint8Array([...encode('{"x":"'), 0xff, 0xfe, ...encode('","model":"a"}')]);
    const read = readJsonBody(bytes);
    expect(read.ok && [...writeBody(read.value.body, { model: "b" })]).toEqual([...bytes.subarray(0, 19), 0x62, ...bytes.subarray(20)]);
  });

  test("whatever else the object holds, it stays byte for byte", () => {
    const member = fc
      .tuple(
        fc.string().filter((key) => key.toLowerCase() !== "model"),
        fc.json(),
      )
      .map(([key, json]) => `${JSON.stringify(key)}:${json}`);
    const space = fc.constantFrom("", " ", "\n\t");
    const names = fc.tuple(fc.string({ minLength: 1 }), fc.string());
    fc.assert(
      fc.property(fc.array(member), fc.array(member), space, names, (before, after, blank, [from, to]) => {
        const object = (model: string) =>
          `{${blank}${[...before, `"model":${blank}${JSON.stringify(model)}`, ...after].join(`${blank},`)}${blank}}`;
        expect(written(object(from), { model: to })).toBe(object(to));
      }),
    );
  });
});

describe("a variant's parameters", () => {
  test("are inserted first where the caller did not send them", () => {
    const parameters = [["temperature", "0.2"], ["stop", '["a","b"]'], ["mod", "1"]] as const; // prettier-ignore
    expect(written(' { "model":"a", "st\\u006fp":null}', { model: "b", parameters })).toBe(
      ' {"temperature":0.2,"mod":1, "model":"b", "st\\u006fp":null}',
    );
  });

  test("give way to what the caller sent in another case, which some upstreams read for it", () => {
    const text = '{"model":"a","Temperature":1,"\u017FTOP":null,"top_\u212A":2}';
    expect(written(text, { model: "a", parameters: [["temperature", "0"], ["stop", '"x"'], ["top_k", "1"]] })).toBe(text); // prettier-ignore
  });

  test("never bring a second model", () => {
    expect(written('{"model":"a"}', { model: "b", parameters: [["model", '"c"']] })).toBe('{"model":"b"}');
  });
});

describe("usage is asked for", () => {
  test.each([
    ["without stream_options", '{"model":"a"}', '{"stream_options":{"include_usage":true},"model":"a"}', false],
    ["null", '{"model":"a","stream_options":null}', '{"model":"a","stream_options":{"include_usage":true}}', false],
    ["an empty object", '{"stream_options":{ },"model":"a"}', '{"stream_options":{"include_usage":true },"model":"a"}', false],
    [
      "an object of others",
      '{"stream_options": { "x":1},"model":"a"}',
      '{"stream_options": {"include_usage":true, "x":1},"model":"a"}',
      false,
    ],
    [
      "false",
      '{"model":"a","stream_options":{"include_usage" : false,"x":1}}',
      '{"model":"a","stream_options":{"include_usage" : true,"x":1}}',
      false,
    ],
    [
      "null inside",
      '{"stream_options":{"include_usage":null},"model":"a"}',
      '{"stream_options":{"include_usage":true},"model":"a"}',
      false,
    ],
    [
      "a look-alike deeper",
      '{"model":"a","stream_options":{"x":{"include_usage":true}}}',
      '{"model":"a","stream_options":{"include_usage":true,"x":{"include_usage":true}}}',
      false,
    ],
    [
      "already asked",
      '{"model":"a","stream_options":{"include_usage":true}}',
      '{"model":"a","stream_options":{"include_usage":true}}',
      true,
    ],
    [
      "asked in another spelling",
      '{"model":"a","stream_options":{"include_\\u0075sage":true}}',
      '{"model":"a","stream_options":{"include_\\u0075sage":true}}',
      true,
    ],
    [
      "an odd value, which the upstream shall refuse",
      '{"model":"a","stream_options":{"include_usage":"yes"}}',
      '{"model":"a","stream_options":{"include_usage":"yes"}}',
      false,
    ],
    [
      "already asked, in another case",
      '{"model":"a","Stream_Options":{"include_usage":true}}',
      '{"model":"a","Stream_Options":{"include_usage":true}}',
      true,
    ],
    [
      "said in two cases",
      '{"model":"a","STREAM_OPTIONS":{},"stream_options":{"include_usage":false}}',
      '{"model":"a","STREAM_OPTIONS":{},"stream_options":{"include_usage":false}}',
      true,
    ],
    [
      "in another case inside",
      '{"model":"a","stream_options":{"Include_Usage":false}}',
      '{"model":"a","stream_options":{"Include_Usage":false}}',
      true,
    ],
    [
      "said twice: the last counts",
      '{"model":"a","stream_options":{"include_usage":true},"stream_options":{"include_usage":true,"include_usage":false}}',
      '{"model":"a","stream_options":{"include_usage":true},"stream_options":{"include_usage":true,"include_usage":true}}',
      false,
    ],
    ["no object, which the upstream shall refuse", '{"model":"a","stream_options":[1]}', '{"model":"a","stream_options":[1]}', false],
  ])("%s", (_name, text, expected, asked) => {
    expect(written(text, { model: "a", usage: "ask" })).toBe(expected);
    expect(written(text, { model: "a", usage: "leave" })).toBe(text);
    expect(asksForUsage(bodyOf(text))).toBe(asked);
  });

  test("together with the model and parameters, on either side", () => {
    const edits: BodyEdits = { model: "b", parameters: [["top_p", "1"]], usage: "ask" };
    expect(written('{"model":"a"}', edits)).toBe('{"top_p":1,"stream_options":{"include_usage":true},"model":"b"}');
    expect(written('{"stream_options":{},"model":"a"}', edits)).toBe('{"top_p":1,"stream_options":{"include_usage":true},"model":"b"}');
    expect(written('{"model":"a","stream_options":{}}', edits)).toBe('{"top_p":1,"model":"b","stream_options":{"include_usage":true}}');
  });

  test("not where the variant brings its own stream_options", () => {
    const parameters = [["stream_options", '{"x":1}']] as const;
    expect(written('{"model":"a"}', { model: "a", parameters, usage: "ask" })).toBe('{"stream_options":{"x":1},"model":"a"}');
  });
});
