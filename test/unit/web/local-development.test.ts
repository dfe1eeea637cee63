import { expect, test } from "vitest";
import { isForeign } from "../../../src/web/foreign-origin.ts";
import { isLocalDevelopment } from "../../../src/web/local-development.ts";

test.each([
  ["127.0.0.1", "localhost:4000", true],
  ["127.0.0.1", "localhost", true],
  ["127.0.0.1", "LOCALHOST:4000", true],
  ["127.0.0.1", "127.0.0.1:4000", true],
  ["127.0.0.1", "[::1]:4000", true],
  ["127.0.0.1", "gateway.example.com", false],
  ["127.0.0.1", "localhost.evil.example:4000", false],
  ["127.0.0.1", "evil.example:4000#localhost", false],
  ["127.0.0.1", "127.0.0.1.evil.example", false],
  ["127.0.0.1", "10.127.0.0.1", false],
  ["127.0.0.1", "", false],
  ["127.0.0.1", null, false],
  [undefined, "localhost:4000", false],
  ["", "localhost:4000", false],
  ["1", "localhost:4000", false],
  ["0.0.0.0", "localhost:4000", false],
])("started with %j and called at %j, it is local development: %j", (variable, host, expected) => {
  const headers = new Headers(host === null ? {} : { host });
  expect(isLocalDevelopment({ address: variable, proof: undefined }, headers)).toBe(expected);
});

test.each([
  [{ host: "localhost:4000", "x-to11-dev-proof": "the-proof" }, true],
  [{ host: "localhost:4000", "x-to11-dev-proof": "the-proog" }, false],
  [{ host: "localhost:4000", "x-to11-dev-proof": "the-proof-and-more" }, false],
  [{ host: "localhost:4000", "x-to11-dev-proof": "" }, false],
  [{ host: "localhost:4000" }, false],
  [{ host: "evil.example:4000", "x-to11-dev-proof": "the-proof" }, false],
])("behind the door of to11 dev a request with %j is local development: %j", (headers, expected) => {
  expect(isLocalDevelopment({ address: "127.0.0.1", proof: "the-proof" }, new Headers(headers))).toBe(expected);
});

const ALLOWED: ReadonlySet<string> = new Set(["https://app.example.com"]);

test.each([
  [{}, false],
  [{ origin: "https://gw.example.com" }, false],
  [{ origin: "https://app.example.com", "sec-fetch-site": "cross-site" }, false],
  [{ origin: "http://gw.example.com" }, true],
  [{ origin: "https://gw.example.com:8443" }, true],
  [{ origin: "https://evil.example" }, true],
  [{ origin: "null" }, true],
  [{ "sec-fetch-site": "cross-site" }, true],
  [{ "sec-fetch-site": "same-site" }, true],
  [{ "sec-fetch-site": "same-origin" }, false],
  [{ "sec-fetch-site": "none" }, false],
])("a request with %j comes from a foreign page: %j", (headers, expected) => {
  expect(isForeign(new Request("https://gw.example.com/api", { headers }), ALLOWED)).toBe(expected);
});
