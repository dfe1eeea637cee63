import { parseEnv } from "node:util";
import { describe, expect, it } from "vitest";
import { malformedLines } from "../../../src/cli/env-lines.ts";

const SECRET = "sk-secret-of-mine";

describe("the lines of an env file", () => {
  it.each([
    "",
    "# a comment\n\n  # another",
    `A=${SECRET}\nexport B = "x y" # remark\nC='single'\nD=\`back\`\nE=\n  F=1`,
    'KEY="-----BEGIN\nmore\nEND-----"\nA=1',
    "A=\"say 'it'\"\r\nB=2\r\n",
    "A=a#b=c\nB=it's",
  ])("are fine, and all read: %j", (text) => {
    expect(malformedLines(text)).toEqual([]);
    const names = [...text.matchAll(/^\s*(?:export\s+)?([A-Z]+)\s*=/gm)].map(([, name]) => name);
    expect(Object.keys(parseEnv(text)).toSorted()).toEqual(names.toSorted());
  });

  it.each([
    { text: `A=1\nOPENAI_API_KEY: ${SECRET}\nB=2`, faults: [{ line: 2, message: 'is no NAME="value"' }] },
    { text: SECRET, faults: [{ line: 1, message: 'is no NAME="value"' }] },
    { text: `=${SECRET}`, faults: [{ line: 1, message: 'is no NAME="value"' }] },
    { text: `MY KEY=${SECRET}`, faults: [{ line: 1, message: 'is no NAME="value"' }] },
    { text: `1A=${SECRET}`, faults: [{ line: 1, message: 'is no NAME="value"' }] },
    { text: `A="${SECRET}\nB=2`, faults: [{ line: 1, message: "opens a quote that is never closed" }] },
    { text: `A="${SECRET}\nB="2"`, faults: [{ line: 1, message: "has something behind the value's closing quote" }] },
    { text: `A="1" ${SECRET}`, faults: [{ line: 1, message: "has something behind the value's closing quote" }] },
    {
      text: `x\nA=1\ny`,
      faults: [
        { line: 1, message: 'is no NAME="value"' },
        { line: 3, message: 'is no NAME="value"' },
      ],
    },
  ])("that are none are told by their number, without what they hold: %j", ({ text, faults }) => {
    expect(malformedLines(text).filter(({ line }) => faults.some((fault) => fault.line === line))).toEqual(faults);
    expect(JSON.stringify(malformedLines(text))).not.toContain(SECRET);
  });
});
