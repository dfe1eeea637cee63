import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isPageCall } from "../../../src/web/page-call.ts";

/** As the dashboard lists them. */
const LIST = readFileSync(join(import.meta.dirname, "../../../src/dashboard/pages/index.ts"), "utf8");
const PAGES = [...LIST.matchAll(/path: "(\/[^"]*)"/g)].map(([, path = ""]) => path);

const BROWSER = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

function isPage(path: string, headers: Readonly<Record<string, string>>, method = "GET"): boolean {
  return isPageCall(new Request(`https://gateway.example${path}`, { method, headers }), path);
}

test.each(PAGES)("%s, and what lies below it, is a page for who shows no preference, whatever key is sent", (path) => {
  expect(isPage(path, { accept: "*/*" })).toBe(true);
  expect(isPage(path, { ...BROWSER, authorization: "Basic dTpw" })).toBe(true);
  expect(isPage(`${path === "/" ? "" : path}/below`, BROWSER)).toBe(true);
});

test.each([
  ["a POST", "/traces", BROWSER, "POST"],
  ["who wants JSON at a page", "/traces", { accept: "application/json" }, "GET"],
  ["an SDK's GET", "/models", { accept: "application/json" }, "GET"],
  ["curl at another address", "/models", { accept: "*/*" }, "GET"],
  ["a key at another address", "/models", { ...BROWSER, authorization: "Bearer to11_x" }, "GET"],
])("%s is shown no page", (_who, path, headers, method) => {
  expect(isPage(path, headers, method)).toBe(false);
});

test("who looks for a page that there is not is told so by the dashboard", () => {
  expect(isPage("/models", BROWSER)).toBe(true);
  expect(isPage("/models", BROWSER, "HEAD")).toBe(true);
});
