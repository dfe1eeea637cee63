import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isTrue,
  type JsonMember,
  jsonMembers,
  memberText,
  memberValue,
  stringOf,
  valueOf,
} from "../../../../src/core/json/json-members.ts";

const encode = (text: string) => new TextEncoder().encode(text);

function membersOf(text: string | Uint8Array): readonly JsonMember[] {
  const read = jsonMembers(typeof text === "string" ? encode(text) : text);
  if (!read.ok) throw new Error(`refused at ${read.error.offset}: ${read.error.expected}`);
  return read.value;
}

const pairs = (text: string) => membersOf(text).map((member) => [member.key, memberText(member)]);

describe("the members of an object", () => {
  test.each<[string, [string, string][]]>([
    ["{}", []],
    [" \t\r\n{ \n} ", []],
    ['{"a":1}', [["a", "1"]]],
    ['{ "a" : -1.50e+3 , "b":"x" }', [["a", "-1.50e+3"], ["b", '"x"']]], // prettier-ignore
    ['{"a":{"a":[{"model":"no"}]},"model":"yes"}', [["a", '{"a":[{"model":"no"}]}'], ["model", '"yes"']]], // prettier-ignore
    ['{"a":[],"b":{},"c":[[]]}', [["a", "[]"], ["b", "{}"], ["c", "[[]]"]]], // prettier-ignore
    ['{"n":12345678901234567890,"t":true,"f":false,"z":null,"o":0}', [["n", "12345678901234567890"], ["t", "true"], ["f", "false"], ["z", "null"], ["o", "0"]]], // prettier-ignore
    ['{"a":1,"a":2}', [["a", "1"], ["a", "2"]]], // prettier-ignore
    ['{"mod\\u0065l":"x","\\"model":"y"}', [["model", '"x"'], ['"model', '"y"']]], // prettier-ignore
    ['{"":"\\"model\\":\\"z\\""}', [["", '"\\"model\\":\\"z\\""']]], // prettier-ignore
    ['{"schlüssel😀":"ß"}', [["schlüssel😀", '"ß"']]], // prettier-ignore
    ['{"a":"\\ud83d"}', [["a", '"\\ud83d"']]], // prettier-ignore
  ])("of %s", (text, expected) => {
    expect(pairs(text)).toEqual(expected);
  });

  test("the offsets are of the bytes given, also when these are a part of a larger memory", () => {
    const whole = encode('xxx{"é":"1","model":"gpt"}');
    const [, model] = membersOf(whole.subarray(3));
    expect(model).toMatchObject({ key: "model", valueStart: 18, valueEnd: 23 });
  });

  test("bytes that are no UTF-8 pass inside a string", () => {
    const bytes = new Uint8Array([...encode('{"a":"'), 0xff, 0xc3, ...encode('","b":1}')]);
    expect(membersOf(bytes).map((member) => member.key)).toEqual(["a", "b"]);
  });

  test("of a text with more of them than asked for, none", () => {
    const text = (count: number): Uint8Array => encode(`{${Array.from({ length: count }, (_, at) => `"${at}":{"a":1,"b":2}`).join(",")}}`);
    expect(jsonMembers(text(3), 3)).toMatchObject({ ok: true, value: [{ key: "0" }, { key: "1" }, { key: "2" }] });
    expect(jsonMembers(text(4), 3)).toEqual({
      ok: false,
      error: { kind: "too_many_members", offset: 55, expected: "at most 3 members" },
    });
    expect(jsonMembers(text(4))).toMatchObject({ ok: true });
  });

  test("10,000 nested brackets are read", () => {
    const text = `{"a":${"[".repeat(9_999)}${"]".repeat(9_999)}}`;
    expect(pairs(text)[0]?.[1]).toHaveLength(19_998);
  });
});

describe("a text that is no object is refused at the byte where it goes wrong", () => {
  test.each<[string, number, string]>([
    ["", 0, "a value"],
    ["   ", 3, "a value"],
    ["{", 1, "a key in double quotes or }"],
    ['{"a"', 4, "a colon"],
    ['{"a":', 5, "a value"],
    ['{"a":1', 6, "a comma or the closing bracket"],
    ['{"a":1,', 7, "a key in double quotes"],
    ['{"a":1,}', 7, "a key in double quotes"],
    ["{a:1}", 1, "a key in double quotes or }"],
    ["{'a':1}", 1, "a key in double quotes or }"],
    ['{"a":[1,]}', 8, "a value"],
    ['{"a":[1}', 7, "a comma or the closing bracket"],
    ['{"a":01}', 6, "a comma or the closing bracket"],
    ['{"a":+1}', 5, "a value"],
    ['{"a":1.}', 7, "a digit"],
    ['{"a":.5}', 5, "a value"],
    ['{"a":-}', 6, "a digit"],
    ['{"a":1e}', 7, "a digit"],
    ['{"a":tru}', 5, "true"],
    ['{"a":nul', 5, "null"],
    ['{"a":NaN}', 5, "a value"],
    ['{"a":undefined}', 5, "a value"],
    ['{"a":"b', 7, "a closing quote"],
    ['{"a":"b\\', 7, "an escape that JSON knows"],
    ['{"a":"\\x"}', 6, "an escape that JSON knows"],
    ['{"a":"\\u00g0"}', 6, "an escape that JSON knows"],
    ['{"a":"\n"}', 6, "an escape instead of a control character"],
    ['{"a":1} x', 8, "the end of the text"],
    ['{"a":1}{}', 7, "the end of the text"],
    ['\ufeff{"a":1}', 0, "a value"],
    [`{"a":${"[".repeat(10_000)}`, 5 + 9_999, "at most 10000 brackets in each other"],
  ])("%j", (text, offset, expected) => {
    expect(jsonMembers(encode(text))).toEqual({ ok: false, error: { kind: "not_json", offset, expected } });
  });

  test.each(["[]", '[{"model":"x"}]', '"text"', "1", "null", " true "])("%s is JSON, but no object", (text) => {
    const read = jsonMembers(encode(text));
    expect(read.ok ? "an object" : read.error.kind).toBe("not_object");
  });

  test("a control character in a long string is found wherever it stands", () => {
    for (let at = 0; at < 200; at += 1) {
      const bytes = encode(`{"a":"${"é".repeat(100)}"}`);
      bytes[6 + at] = 0x1f;
      expect(jsonMembers(bytes)).toEqual({
        ok: false,
        error: { kind: "not_json", offset: 6 + at, expected: "an escape instead of a control character" },
      });
    }
  });
});

describe("what JSON.parse says is what is read", () => {
  const texts = fc.oneof(
    fc.json(),
    fc.array(fc.constantFrom(...'{}[]:,"\\ue019.-+tfalsn \n\u0001é😀'.split("")), { maxLength: 12 }).map((parts) => parts.join("")),
    fc.tuple(fc.json(), fc.nat(), fc.constantFrom(...'{}[]:,"\\0e.-\u0000'.split(""))).map(([text, at, byte]) => {
      const cut = at % (text.length + 1);
      return text.slice(0, cut) + byte + text.slice(cut + 1);
    }),
  );

  function parsed(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  }

  test("valid is valid, values are the same", () => {
    fc.assert(
      fc.property(texts, fc.boolean(), (text, wrapped) => {
        // What has half a surrogate pair has no bytes.
        const document = (wrapped ? `{"a":${text},"b":2}` : text).toWellFormed();
        const value = parsed(document);
        const read = jsonMembers(encode(document));
        if (typeof value === "object" && value !== null && !Array.isArray(value)) {
          const members = membersOf(document);
          const byKey = new Map(members.map((member) => [member.key, memberValue(member)]));
          expect([...byKey]).toHaveLength(Object.keys(value).length);
          for (const [key, expected] of Object.entries(value)) expect(byKey.get(key)).toEqual(expected);
        } else {
          expect(read.ok ? "an object" : read.error.kind).toBe(value === undefined ? "not_json" : "not_object");
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("wherever in a larger memory the text lies, and whatever stands around it", () => {
    fc.assert(
      fc.property(
        texts,
        fc.nat(7),
        fc.uint8Array({ maxLength: 7 }),
        fc.constantFrom(0x00, 0x22, 0x41, 0x5c, 0xff),
        (text, at, after, around) => {
          const bytes = encode(text.toWellFormed());
          const memory = new Uint8Array(at + bytes.length + after.length).fill(around);
          memory.set(bytes, at);
          memory.set(after, at + bytes.length);
          const [inside, alone] = [jsonMembers(memory.subarray(at, at + bytes.length)), jsonMembers(bytes)];
          const placeOf = ({ key, valueStart, valueEnd }: JsonMember) => [key, valueStart, valueEnd];
          expect(inside.ok ? inside.value.map(placeOf) : inside.error).toEqual(alone.ok ? alone.value.map(placeOf) : alone.error);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test("long strings with escapes and many-byte characters anywhere", () => {
    const long = fc.array(
      fc.oneof(fc.string({ maxLength: 80 }), fc.string({ unit: "binary", maxLength: 80 }), fc.constant("a".repeat(70))),
    );
    fc.assert(
      fc.property(long, fc.string(), (parts, key) => {
        const value = parts.join("");
        const text = JSON.stringify({ [key]: value, end: 1 });
        expect(membersOf(text).map((member) => [member.key, memberValue(member)])).toEqual(Object.entries(JSON.parse(text)));
      }),
    );
  });

  test("an object with a very long string and one with many escapes are read in one go", () => {
    const value = `${"x".repeat(2_000_000)}${'\\"\n'.repeat(200_000)}`;
    const [, member] = membersOf(JSON.stringify({ a: 1, value }));
    expect(member && memberValue(member)).toBe(value);
  });
});

describe("readers of single members", () => {
  const members = membersOf('{"stream":true,"user":"u\\u0031","n":1,"no":"true","twice":1,"twice":"last"}');

  test("a string is decoded, and nothing else counts as one", () => {
    expect(["user", "n", "stream", "twice", "absent"].map((key) => stringOf(members, key))).toEqual([
      "u1",
      undefined,
      undefined,
      "last",
      undefined,
    ]);
  });

  test("only the literal true is true", () => {
    expect(["stream", "no", "n", "absent"].map((key) => isTrue(members, key))).toEqual([true, false, false, false]);
  });

  test("of two members of one key the last is read", () => {
    expect(valueOf(members, "twice")).toBe("last");
  });
});
