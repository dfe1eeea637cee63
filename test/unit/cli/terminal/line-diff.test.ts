import { describe, expect, it } from "vitest";
import { condense, lineDiff } from "../../../../src/cli/terminal/line-diff.ts";

const signs = (before: string, after: string) => lineDiff(before, after).map(({ sign, text }) => sign + text);

describe("the difference of two files", () => {
  it.each([
    { what: "the same text", before: "a\nb\n", after: "a\nb\n", lines: [" a", " b"] },
    { what: "a changed line, the old one first", before: "a\nb\nc\n", after: "a\nx\nc\n", lines: [" a", "-b", "+x", " c"] },
    { what: "an added line", before: "a\nc", after: "a\nb\nc", lines: [" a", "+b", " c"] },
    { what: "a removed line", before: "a\nb\nc", after: "a\nc", lines: [" a", "-b", " c"] },
    { what: "a moved line as few changes", before: "a\nb\nc\nd", after: "b\nc\nd\na", lines: ["-a", " b", " c", " d", "+a"] },
    { what: "an end of line at the end of the file as none", before: "a", after: "a\n", lines: [" a"] },
  ])("shows $what", ({ before, after, lines }) => {
    expect(signs(before, after)).toEqual(lines);
  });

  it("leaves out what is far from a change, and marks each gap once", () => {
    const before = "1\n2\n3\n4\n5\n6\n7\n8\n9";
    const after = "1\n2\nx\n4\n5\n6\n7\n8\n9";
    expect(condense(lineDiff(before, after), 1)).toEqual(["  2", "- 3", "+ x", "  4"]);
    expect(condense(lineDiff(before, "0\n" + before.replace("9", "y")), 1)).toEqual(["+ 0", "  1", "…", "  8", "- 9", "+ y"]);
  });

  it("is empty where nothing differs", () => {
    expect(condense(lineDiff("a\nb", "a\nb"), 2)).toEqual([]);
  });
});
