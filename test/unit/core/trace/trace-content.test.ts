import { describe, expect, it } from "vitest";
import { jsonMembers } from "../../../../src/core/json/json-members.ts";
import { keptContent, type Words, wordsOf } from "../../../../src/core/trace/trace-content.ts";

const KEPT_BYTES = 65_536;

function words(body: string): Words {
  const members = jsonMembers(new TextEncoder().encode(body));
  if (!members.ok) throw new Error("no JSON object");
  return wordsOf(members.value);
}

const asItIs = (text: string): string => text;

describe("the words of a request", () => {
  it.each([
    ['{"model":"m","messages":[{"role":"user","content":"Hi"}],"temperature":1}', '{"messages":[{"role":"user","content":"Hi"}]}'],
    ['{"system":"Be kind","model":"m","messages":[]}', '{"system":"Be kind","messages":[]}'],
    ['{"model":"m","input":["a","b"],"instructions":"c","user":"u"}', '{"input":["a","b"],"instructions":"c"}'],
    ['{"model":"m","prompt": "a cat" ,"n":2}', '{"prompt":"a cat"}'],
    ['{"model":"m","tools":[{"name":"f"}]}', "{}"],
  ])("of %s are %s", (body, expected) => {
    expect(words(body)).toEqual({ json: expected, isWhole: true });
  });

  it.each([
    [String.raw`"sk\/a\u002fb\u002Fc"`, `"sk/a/b/c"`],
    [String.raw`"\u0073\u006B-1"`, `"sk-1"`],
    [
      String.raw`"\\u0073 \\/ \" \n \u0022 \u005c \u000a \u00e9 \ud83d\ude00"`,
      String.raw`"\\u0073 \\/ \" \n \u0022 \u005c \u000a \u00e9 \ud83d\ude00"`,
    ],
  ])("have no escapes in %s that hide a plain letter", (json, expected) => {
    expect(words(`{"prompt":${json}}`).json).toBe(`{"prompt":${expected}}`);
    expect(JSON.parse(expected)).toBe(JSON.parse(json));
  });
});

describe("content that is kept", () => {
  it("is whole where it fits", () => {
    expect(keptContent({ request: words('{"model":"m"}'), answer: "a".repeat(KEPT_BYTES) }, asItIs)).toEqual({
      request: "{}",
      answer: "a".repeat(KEPT_BYTES),
      truncated: false,
    });
  });

  it("ends after 64 KB in whole characters, each on its own", () => {
    const kept = keptContent({ request: null, answer: `a${"€".repeat(30_000)}` }, asItIs);
    expect(kept).toEqual({ request: null, answer: `a${"€".repeat(21_845)}`, truncated: true });
    expect(new TextEncoder().encode(kept.answer ?? "").length).toBe(KEPT_BYTES);
    expect(keptContent({ request: words(`{"prompt":"${"a".repeat(200_000)}"}`), answer: "b" }, asItIs)).toEqual({
      request: `{"prompt":"${"a".repeat(KEPT_BYTES - 11)}`,
      answer: "b",
      truncated: true,
    });
  });

  const secret = `sk-${"s".repeat(5_000)}`;
  const redact = (text: string): string => text.replaceAll(secret, "[redacted]");

  it.each([KEPT_BYTES - 1, KEPT_BYTES - 100, KEPT_BYTES - secret.length + 1])(
    "holds no part of a secret that begins at %s and that its end cuts in two",
    (at) => {
      const text = `${"a".repeat(at - 11)}${secret}${"b".repeat(10_000)}`;
      const { request, answer, truncated } = keptContent({ request: words(`{"prompt":"${text}"}`), answer: text }, redact);
      expect(request).toContain("a".repeat(50_000));
      expect(`${request}${answer}`).not.toContain("sk-");
      expect(truncated).toBe(true);
    },
  );

  it("holds no part of a secret that was cut in two where gathering ended, however much the others before it make way", () => {
    const text = `${secret.repeat(10)}${"a".repeat(19_100)}${secret}`;
    const gathered = text.slice(0, 70_700);
    expect(gathered.endsWith("s")).toBe(true);
    const body = `{"prompt":"${text}","input":"more"}`;
    const { request, answer } = keptContent({ request: words(body), answer: gathered }, redact);
    expect(request).toContain("[redacted]aaa");
    expect(`${request}${answer}`).not.toContain("sk-");
  });

  it("with escapes that make way holds none either", () => {
    const body = String.raw`{"prompt":"${"\\/".repeat(33_000)}${secret}","input":"more"}`;
    const { request, truncated } = keptContent({ request: words(body), answer: null }, redact);
    expect(request).toContain("/".repeat(30_000));
    expect(request).not.toContain("sk-");
    expect(truncated).toBe(true);
  });
});
