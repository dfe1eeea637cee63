import { describe, expect, test } from "vitest";
import { apiPathFault, behindBase, withQuery } from "../../../../src/core/routing/api-path.ts";

const LEADS_OUT = 'holds ".." or "." as a part';
const ODD = "holds a backslash, a control character or no UTF-8";

describe("a path behind a provider's address", () => {
  test.each([
    "",
    "files",
    "files/",
    "files//a",
    "a%20b",
    "a%2Fb",
    "models/gemini-1.5:generateContent",
    "a..b/...",
    "100%",
    "%E6%97%A5",
    "a%25b",
    "~u/@x",
  ])("%j stays there", (path) => {
    expect(apiPathFault(path)).toBeUndefined();
  });

  test.each([
    ["..", LEADS_OUT],
    ["a/../b", LEADS_OUT],
    ["a/./b", LEADS_OUT],
    ["%2e%2E/a", LEADS_OUT],
    [".%2e/a", LEADS_OUT],
    ["a%2f..%2fb", LEADS_OUT],
    ["%252e%252e/a", LEADS_OUT],
    ["%252e%252e%25zz", undefined],
    ["%252e%252e/%25zz", LEADS_OUT],
    ["%2e%2e/%zz", LEADS_OUT],
    ["..;a=b/c", LEADS_OUT],
    ["..%3ba/c", LEADS_OUT],
    ["a\\b", ODD],
    ["a%5cb", ODD],
    ["a%255cb", ODD],
    ["a%00", ODD],
    ["a%0d%0ab", ODD],
    ["%c0%ae%c0%ae/a", ODD],
    ["%25252525252541", "is encoded too often"],
  ])("%j: %s", (path, fault) => {
    expect(apiPathFault(path)).toBe(fault);
  });

  test.each([
    ["https://api.openai.com/v1", "v1/files", "files"],
    ["https://api.openai.com/v1", "files", "files"],
    ["https://api.openai.com/v1", "v1", ""],
    ["https://api.openai.com/v1", "v10/files", "v10/files"],
    ["https://example.com/v1beta/openai", "v1beta/files", "v1beta/files"],
    ["https://example.com/openai", "openai/files", "openai/files"],
  ])("of %s, %s is %s", (base, path, expected) => {
    expect(behindBase(base, path)).toBe(expected);
  });
});

describe("a query string", () => {
  test.each([
    ["https://a.example/x", "", "https://a.example/x"],
    ["https://a.example/x", "a=1&b=%20+&c", "https://a.example/x?a=1&b=%20+&c"],
    ["https://a.example/x?v=1", "v=2&%76=3&a=1", "https://a.example/x?v=1&a=1"],
    ["https://a.example/x", "a=bad&bad=1&c=%62ad&d=1&&", "https://a.example/x?d=1"],
    ["https://a.example/x", "a=bad", "https://a.example/x"],
  ])("%s with %j is %s", (url, query, expected) => {
    expect(withQuery(url, query, (text) => text !== "bad")).toBe(expected);
  });
});
