import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SecretSearch } from "../../../../src/core/secrets/secret-search.ts";

const KEY = "sk-proj-aB3_dE5+gH7/jK9=.mN0";
const search = new SecretSearch([KEY]);

const base64 = (text: string): string => Buffer.from(text, "latin1").toString("base64");
const base64url = (text: string): string => Buffer.from(text, "latin1").toString("base64url");
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A text of ASCII that holds a key in every way in which somebody else may write it. */
const WRITINGS: readonly (readonly [string, (key: string) => string])[] = [
  ["as it is", (key) => key],
  ["in JSON", (key) => JSON.stringify(key).slice(1, -1)],
  ["in JSON with escaped slashes", (key) => JSON.stringify(key).slice(1, -1).replaceAll("/", "\\/")],
  ["in JSON with everything odd escaped", (key) => key.replaceAll(/[^\w.-]/g, (odd) => `\\u00${odd.charCodeAt(0).toString(16)}`)],
  ["in JSON in upper case", (key) => key.replaceAll(/[^\w.-]/g, (odd) => `\\u00${odd.charCodeAt(0).toString(16).toUpperCase()}`)],
  ["in JSON in JSON", (key) => JSON.stringify(JSON.stringify(key).replaceAll("/", "\\/")).slice(3, -3)],
  ["in a URL", encodeURIComponent],
  ["in a URL in lower case", (key) => encodeURIComponent(key).replaceAll(/%../g, (escape) => escape.toLowerCase())],
  ["in a URL in a URL", (key) => encodeURIComponent(encodeURIComponent(key))],
  ["in a URL in JSON", (key) => JSON.stringify(encodeURIComponent(key)).slice(1, -1)],
];

describe("a secret is taken out", () => {
  test.each(WRITINGS)("%s", (_name, write) => {
    expect(search.redact(`before ${write(KEY)} after`)).toBe("before [redacted] after");
    expect(search.isIn(`before ${write(KEY)} after`)).toBe(true);
  });

  test.each([
    ["base64", base64],
    ["base64url", base64url],
  ])("of %s, wherever in it the secret begins, all but what its neighbours have a part in", (_name, write) => {
    for (const before of ["", "u", "us", "use", "user:"]) {
      for (const after of ["", "a", "ab", ":more"]) {
        const clean = search.redact(`x=${write(`${before}${KEY}${after}`)};`);
        expect(clean, `${before}…${after}`).toMatch(/^x=[A-Za-z0-9_+/-]{0,8}\[redacted\][A-Za-z0-9_+/-]{0,8}={0,2};$/);
      }
    }
  });

  test("of base64 in JSON and in URLs", () => {
    const text = base64(`user:${KEY}`);
    expect(search.redact(encodeURIComponent(text))).toMatch(/^dXNlcjp\[redacted\]\w?(%3D)*$/);
    expect(search.redact(text.replaceAll("/", "\\/"))).toMatch(/^dXNlcjp\[redacted\]\w?=*$/);
  });

  test("behind a scheme, and as the password of Basic", () => {
    const both = new SecretSearch(["Bearer token-of-the-collector", `Basic ${base64("user:password-1")}`]);
    expect(both.redact("no such token: token-of-the-collector")).toBe("no such token: [redacted]");
    expect(both.redact("wrong password password-1 of user:password-1")).toBe("wrong password [redacted] of [redacted]");
  });

  test("where the text ends in its middle, from eight characters on", () => {
    const text = "the quick brown fox jumps over it: ";
    expect(search.redact(text + KEY.slice(0, 8))).toBe(`${text}[redacted]`);
    expect(search.redact(text + KEY.slice(0, 7))).toBe(text + KEY.slice(0, 7));
    expect(search.isIn(text + KEY.slice(0, -1))).toBe(false);
  });

  test("with whatever overlaps it", () => {
    const two = new SecretSearch(["abcdefghij", "ghijklmnop"]);
    expect(two.redact("-abcdefghijklmnop-")).toBe("-[redacted]-");
    expect(two.redact("-abcdefghijghijklmnop-")).toBe("-[redacted][redacted]-");
  });

  test("with whatever looks like a gateway key, known or not", () => {
    const nothing = new SecretSearch([]);
    expect(nothing.redact(`user=to11_${"k".repeat(27)}, to11_${"k".repeat(26)}`)).toBe(`user=[redacted], to11_${"k".repeat(26)}`);
  });
});

test("what is no secret stays, byte for byte, in any encoding", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ maxLength: 60 }), (before, after) => {
      // The spaces: bytes that make an escape of its first or last letter would read it otherwise.
      const bytes = Uint8Array.from([...before, 0x20, ...encode(KEY), 0x20, ...after]);
      const expected = Uint8Array.from([...before, 0x20, ...encode("[redacted]"), 0x20, ...after]);
      expect(search.redactBytes(bytes)).toEqual(expected);
      const clean = Uint8Array.from([...before, ...after]);
      expect(search.redactBytes(clean)).toBe(clean);
    }),
  );
});

test("any secret is found in any text, in every writing", () => {
  const secret = fc.string({ unit: fc.constantFrom(..."abcXYZ019-_.~+/=:@\"' é"), minLength: 8, maxLength: 40 });
  const around = fc.string({ unit: fc.constantFrom(..."ab1-+/ .:\"'é日"), maxLength: 30 });
  fc.assert(
    fc.property(secret, around, around, fc.constantFrom(...WRITINGS), (key, before, after, [, write]) => {
      fc.pre(key === key.trim() && !/^[A-Za-z][\w-]*\s/.test(key));
      const text = `${before} ${write(key)} ${after}`;
      const one = new SecretSearch([key]);
      expect(one.isIn(text)).toBe(true);
      expect(one.redact(text)).not.toContain(write(key));
      expect(new TextDecoder().decode(one.redactBytes(encode(text)))).not.toContain(write(key));
    }),
  );
});
