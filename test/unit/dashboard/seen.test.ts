import { describe, expect, test } from "vitest";
import { visibleLines } from "../../../src/cli/terminal/visible.ts";
import { pythonOf, typescriptOf } from "../../../src/dashboard/pages/playground/request.ts";
import { jsx, jsxs } from "../../../src/dashboard/shown/jsx-runtime.ts";
import { isSeen, seen, seenJson } from "../../../src/dashboard/shown/unseen.ts";

const OVERRIDE = "user\u202egnp.exe";
const SHOWN = String.raw`user\u202egnp.exe`;

test("what is not seen is the same on a page and in a terminal, character by character", () => {
  for (let code = 0; code < 0x11_0000; code += 1) {
    const character = String.fromCodePoint(code);
    const escaped = seen(character);
    if (escaped !== visibleLines(character) && character !== "\r") expect.fail(`U+${code.toString(16)} differs`);
  }
  expect(seen("a\r\n\tb")).toBe(String.raw`a\u000d
	b`);
});

describe("an element of a page", () => {
  test.each([
    ["a text", { children: OVERRIDE }, { children: SHOWN }],
    ["texts among others", { children: ["a", OVERRIDE, 1, null] }, { children: ["a", SHOWN, 1, null] }],
    ["a title", { title: OVERRIDE, children: "a" }, { title: SHOWN, children: "a" }],
    ["a label", { label: OVERRIDE }, { label: SHOWN }],
    ["a label that is read out", { "aria-label": "\u0007" }, { "aria-label": String.raw`\u0007` }],
    ["what is sent or copied stays", { value: OVERRIDE, text: OVERRIDE, href: OVERRIDE }, { value: OVERRIDE, text: OVERRIDE, href: OVERRIDE }], // prettier-ignore
  ])("%s", (_name, properties, expected) => {
    expect(jsx("td", properties).props).toEqual(expected);
  });

  test("of several children", () => {
    expect(jsxs("td", { children: [OVERRIDE, OVERRIDE] }).props).toEqual({ children: [SHOWN, SHOWN] });
  });

  test("is what it was, key and all, where all is seen", () => {
    const properties = { children: ["a", { b: 1 }] };
    const element = jsx("td", properties, "k");
    expect([element.key, element.type]).toEqual(["k", "td"]);
    expect(element.props).toEqual(properties);
    expect(isSeen("a\n\tb 日本 🙂")).toBe(true);
  });
});

test("JSON with nothing unseen is the same JSON, and so are the programs of the playground", () => {
  const value = { a: `${OVERRIDE}\u0000\u009b\u{e0041}\ud800` };
  expect(JSON.parse(seenJson(value))).toEqual(value);
  const body = { model: "m", messages: [{ role: "user" as const, content: OVERRIDE }] };
  const place = { origin: "http://localhost:4000", project: OVERRIDE };
  for (const text of [typescriptOf(body, place), pythonOf(body, place)]) {
    expect(isSeen(text)).toBe(true);
    expect(text.split(SHOWN)).toHaveLength(3);
  }
});
