import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keptLabels, type Labels } from "../../../../src/core/trace/labels.ts";
import { traceWord } from "../../../../src/core/trace/trace-word.ts";

const asIs = (text: string): string => text;
const word = (text: string): string => traceWord(text, asIs);

const NONE: Labels = { userId: null, sessionId: null, conversationId: null, environment: null, metadata: {} };

function kept(labels: Partial<Labels>): Labels {
  return keptLabels({ ...NONE, ...labels }, word);
}

const bytesOf = (labels: Labels): number =>
  [labels.userId, labels.sessionId, labels.conversationId, labels.environment, ...Object.entries(labels.metadata).flat()].reduce<number>(
    (sum, text) => sum + Buffer.byteLength(text ?? ""),
    0,
  );

describe("labels", () => {
  test("that are short stay as they are", () => {
    const labels = { ...NONE, userId: "u-1", environment: "日本", metadata: { feature: "search", "": "" } };
    expect(kept(labels)).toEqual(labels);
  });

  test("are 256 characters each at most", () => {
    expect(kept({ userId: "u".repeat(300), metadata: { ["k".repeat(300)]: "v".repeat(300) } })).toEqual({
      ...NONE,
      userId: "u".repeat(256),
      metadata: { ["k".repeat(256)]: "v".repeat(256) },
    });
  });

  test("are 2 KiB together at most: the first ones stay, the one that does not fit is cut, metadata behind it is left out", () => {
    const long = (letter: string): string => letter.repeat(256);
    const labels = { userId: long("u"), sessionId: long("s"), conversationId: long("c"), environment: long("e") };
    const metadata = { a: long("1"), b: long("2"), c: long("3"), d: long("4"), e: "5" };
    // 4 · 256 and 3 · 257 of 2,048 bytes leave 253 for the last name and its value.
    expect(kept({ ...labels, metadata })).toEqual({ ...labels, metadata: { ...metadata, d: "4".repeat(252), e: undefined } });
    expect(bytesOf(kept({ ...labels, metadata }))).toBe(2048);
  });

  test("are counted in bytes of UTF-8, and cut between characters", () => {
    const long = "日".repeat(300);
    // 2 · 768 bytes leave 512: 170 characters of three bytes, and two bytes for nothing.
    expect(kept({ userId: long, sessionId: long, conversationId: long, environment: "é", metadata: { a: "b" } })).toEqual({
      userId: "日".repeat(256),
      sessionId: "日".repeat(256),
      conversationId: "日".repeat(170),
      environment: "é",
      metadata: {},
    });
  });

  test("are null where nothing of them fits", () => {
    const long = "日".repeat(300);
    const [userId, sessionId, conversationId] = [long, long, `${"日".repeat(170)}xx`];
    expect(kept({ userId, sessionId, conversationId, environment: "e" }).environment).toBeNull();
  });

  test("keep a name that objects have of their own", () => {
    const metadata = Object.fromEntries([["__proto__", "x"]]);
    expect(Object.entries(kept({ metadata }).metadata)).toEqual([["__proto__", "x"]]);
  });

  test("of whatever characters are whole characters within the bounds, the same for the same", () => {
    const text = fc.string({ unit: "binary", maxLength: 400 });
    const label = fc.option(text);
    const metadata = fc.dictionary(text, text, { maxKeys: 16 });
    fc.assert(
      fc.property(
        fc.record({ userId: label, sessionId: label, conversationId: label, environment: label, metadata }),
        fc.constantFrom("\ud800", "\udc00", "\0", "", "🙂"),
        (labels, odd) => {
          const given = { ...labels, userId: `${odd}${labels.userId ?? ""}${odd}` };
          const once = kept(given);
          expect(bytesOf(once)).toBeLessThanOrEqual(2048);
          for (const each of [once.userId, once.sessionId, ...Object.entries(once.metadata).flat()]) {
            expect(each?.isWellFormed() ?? true).toBe(true);
            expect(each?.length ?? 0).toBeLessThanOrEqual(256);
          }
          expect(kept(given)).toEqual(once);
        },
      ),
    );
  });
});

describe("a word", () => {
  test.each([
    ["", ""],
    ["gpt-4o", "gpt-4o"],
    ["m".repeat(5000), "m".repeat(256)],
    [`${"m".repeat(255)}🙂`, "m".repeat(255)],
    [`${"m".repeat(254)}🙂🙂`, `${"m".repeat(254)}🙂`],
    ["\ud800x", "\ufffdx"],
    ["a\0b", "a\0b"],
  ])("%j is kept as %j", (text, expected) => {
    expect(word(text)).toBe(expected);
  });

  test("loses its secrets before it is cut", () => {
    const redact = (text: string): string => text.replaceAll("secret", "-");
    expect(traceWord(`${"m".repeat(253)}secret and more`, redact)).toBe(`${"m".repeat(253)}- a`);
  });

  test("that is endless is not searched to its end", () => {
    const searched: number[] = [];
    traceWord("m".repeat(1_000_000), (text) => {
      searched.push(text.length);
      return text;
    });
    expect(searched).toEqual([256 + 5 * 1024]);
  });
});
