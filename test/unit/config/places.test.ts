import { describe, expect, test } from "vitest";
import { formatKeyPath, type KeyPath } from "../../../src/config/file/key-path.ts";
import { locator } from "../../../src/config/file/locate.ts";
import { didYouMean, editDistance, nearest } from "../../../src/core/nearest.ts";

const FILE = `title.deep = 1
[a]
x = 1
inline = { y = 2, z = [ { w = 3 } ] }
[a.b]
"quoted.key" = [
  "one",
  "two", [ "three" ],
]
[[steps]]
n = 1
[[steps]]
n = 2
[steps.sub]
m = 3
[parent.child]
k = 1
[parent]
k = 2
`;

test.each<[KeyPath, number, number]>([
  [["title"], 1, 1],
  [["title", "deep"], 1, 7],
  [["a"], 2, 2],
  [["a", "x"], 3, 1],
  [["a", "inline"], 4, 1],
  [["a", "inline", "y"], 4, 12],
  [["a", "inline", "z", 0, "w"], 4, 27],
  [["a", "b"], 5, 4],
  [["a", "b", "quoted.key"], 6, 1],
  [["a", "b", "quoted.key", 1], 8, 3],
  [["a", "b", "quoted.key", 2, 0], 8, 12],
  [["steps", 0, "n"], 11, 1],
  [["steps", 1], 12, 3],
  [["steps", 1, "n"], 13, 1],
  [["steps", 1, "sub", "m"], 15, 1],
  [["parent", "child"], 16, 9],
  [["parent"], 18, 2],
])("%j is at line %i, column %i", (path, line, column) => {
  expect(locator(FILE)(path)).toEqual({ line, column });
});

test.each<[KeyPath, number]>([
  [["a", "missing"], 2],
  [["steps", 1, "missing"], 12],
  [["steps", 9], 10],
  [["nowhere", "at", "all"], 1],
  [[], 1],
])("%j, which is not there, is at the nearest table around it, line %i", (path, line) => {
  expect(locator(FILE)(path)?.line).toBe(line);
});

test("a text that the locating parser refuses has no places", () => {
  expect(locator("a = = 1")(["a"])).toBeUndefined();
});

test.each<[KeyPath, string]>([
  [["routes", "balanced", "targets", 1], "routes.balanced.targets[1]"],
  [["models", "o3", "price"], `models."o3".price`],
  [["models", "gpt-4.1"], `models."gpt-4.1"`],
  [["targets", "gpt-4.1", "weight"], `targets."gpt-4.1".weight`],
  [["providers", "p", "headers", 'a"b\n'], `providers.p.headers."a\\"b\\n"`],
  [["functions", "f", "steps", 0, "targets", 2], "functions.f.steps[0].targets[2]"],
  [[], ""],
])("%j is written %s", (path, text) => {
  expect(formatKeyPath(path)).toBe(text);
});

describe("the nearest name", () => {
  const NAMES = ["weighted", "fallback", "single", "max_body_bytes", "a"];
  test.each([
    ["weigthed", "weighted"],
    ["wieghted", "weighted"],
    ["fallbak", "fallback"],
    ["fail-back", "fallback"],
    ["singel", "single"],
    ["max_body", "max_body_bytes"],
    ["random", undefined],
    ["b", undefined],
    ["", undefined],
    ["single", undefined],
  ])("to %j is %s", (typed, name) => {
    expect(nearest(typed, NAMES)).toBe(name);
    expect(didYouMean(typed, NAMES)).toBe(name === undefined ? "" : `; did you mean "${name}"?`);
  });

  test.each([
    ["", "", 0],
    ["", "abc", 3],
    ["kitten", "sitting", 3],
    ["ab", "ba", 1],
    ["abcd", "acbd", 1],
    ["abcd", "wxyz", 4],
    ["same", "same", 0],
  ])("%j and %j are %i edits apart", (left, right, edits) => {
    expect(editDistance(left, right)).toBe(edits);
    expect(editDistance(right, left)).toBe(edits);
  });
});
