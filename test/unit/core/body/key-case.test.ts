import { expect, test } from "vitest";
import { findModel, foldKey, isInOtherCase } from "../../../../src/core/body/key-case.ts";

const LETTERS = [..."abcdefghijklmnopqrstuvwxyz"];

/** Every character there is, but for halves of pairs. */
const CHARACTERS = Array.from({ length: 0x11_0000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));

/** The letter of ASCII that Unicode's simple folding, which is Go's, takes a character for. */
function simplyFolded(character: string): string | undefined {
  return /^[a-z]$/iu.test(character) ? LETTERS.find((letter) => new RegExp(`^${letter}$`, "iu").test(character)) : undefined;
}

test("no character but ASCII's own letters is read as one of m, o, d, e, l by any folding", () => {
  const folded = CHARACTERS.filter((character) =>
    [simplyFolded(character), character.toLowerCase(), character.toUpperCase().toLowerCase()].some((each) => "model".includes(each ?? " ")),
  );
  expect(folded.join("")).toBe("DELMOdelmo");
});

test("what simple folding takes for an ASCII letter is taken for it here", () => {
  const simple = CHARACTERS.filter((character) => simplyFolded(character) !== undefined);
  expect(simple.join("")).toBe("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz\u017F\u212A");
  for (const character of simple) expect(foldKey(character)).toBe(simplyFolded(character));
});

test.each([
  ["Model", "model", true],
  ["MODEL", "model", true],
  ["model", "model", false],
  ["models", "model", false],
  ["mode", "model", false],
  ["\u017Ftream", "stream", true],
  ["Stream_Options", "stream_options", true],
])("%s is %s in another case: %s", (key, name, expected) => {
  expect(isInOtherCase(key, name)).toBe(expected);
});

test.each<[string, readonly string[], object]>([
  ["the one", ["a", "model", "b"], { ok: true, value: { key: "model" } }],
  ["none", ["a", "models"], { ok: false, error: { kind: "no_model" } }],
  ["one in another case alone", ["MODEL"], { ok: false, error: { kind: "no_model", instead: "MODEL" } }],
  ["one in another case before", ["mODEL", "model"], { ok: false, error: { kind: "model_in_other_case", key: "mODEL" } }],
  ["one in another case behind", ["model", "Model"], { ok: false, error: { kind: "model_in_other_case", key: "Model" } }],
  ["two", ["model", "model"], { ok: false, error: { kind: "model_twice" } }],
])("the model among keys: %s", (_name, keys, expected) => {
  expect(findModel(keys.map((key) => ({ key })))).toEqual(expected);
});
