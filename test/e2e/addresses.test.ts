import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DevGateway, startDevGateway } from "../support/dev-gateway.ts";

const SHIPPED = readFileSync(join(import.meta.dirname, "../../routes.toml"), "utf8");

let gateway: DevGateway;

beforeAll(async () => {
  gateway = await startDevGateway(SHIPPED);
});
afterAll(async () => {
  await gateway?.end();
});

// The assets that wrangler serves are routed by the same code on Cloudflare.
test.each([
  ["POST", "/chat/completions", {}],
  ["GET", "/models", { accept: "application/json" }],
  ["GET", "/models", { accept: "*/*" }],
  ["GET", "/models", { accept: "text/html", authorization: "Bearer to11_x" }],
  ["GET", "/models", { accept: "application/json", "sec-fetch-mode": "navigate" }],
  ["POST", "/", {}],
  ["POST", "/traces", { accept: "text/html" }],
  ["DELETE", "/index.html", {}],
  ["GET", "/prices.json", { accept: "*/*" }],
])("%s %s with %j is an API call, and never answered with the dashboard's page", async (method, path, headers) => {
  const response = await fetch(gateway.url + path, { method, headers });
  expect([response.status, response.headers.get("content-type")]).toEqual([404, "application/json"]);
  expect(await response.json()).toMatchObject({ error: { code: "unknown_path" } });
});

test.each([
  ["/", { accept: "*/*" }],
  ["/traces/some-id", { accept: "text/html,*/*;q=0.8" }],
  ["/no-such-page", { accept: "text/html,*/*;q=0.8" }],
])("%s with %j is a page, with what keeps pages from harm", async (path, headers) => {
  const response = await fetch(gateway.url + path, { headers });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  expect(response.headers.get("x-frame-options")).toBe("DENY");
  const page = await response.text();
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(page)?.[1] ?? "";
  const loaded = await fetch(gateway.url + script);
  expect([loaded.status, loaded.headers.get("content-type")]).toEqual([200, expect.stringContaining("javascript")]);
  await loaded.arrayBuffer();
});
