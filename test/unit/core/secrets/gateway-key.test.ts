import { expect, test } from "vitest";
import { bearsGatewayKey, isGatewayKey } from "../../../../src/core/secrets/gateway-key.ts";

const KEY = "to11_abcdefghijklmnopqrstuvwxyz0";

test.each([
  [KEY, true],
  [`${KEY}AZ-_9`, true],
  [KEY.slice(0, -1), false],
  [`${KEY}!`, false],
  [` ${KEY}`, false],
  ["sk-abcdefghijklmnopqrstuvwxyz0123456789", false],
  ["", false],
])("%j as a gateway key: %s", (value, is) => {
  expect(isGatewayKey(value)).toBe(is);
});

test.each([
  [KEY, true],
  [`Bearer ${KEY}`, true],
  [`a=b; session="${KEY}"; c=d`, true],
  [`Basic x,${KEY}!`, true],
  [`Basic ${btoa(`${KEY}:`)}`, true],
  [`basic  ${btoa(`me:${KEY}`).replaceAll("=", "")}`, true],
  [`Basic ${btoa("me:sk-abc")}`, false],
  ["Basic not-base64!", false],
  ["Bearer to11_short", false],
  ["Bearer sk-abc", false],
  ["", false],
])("%j bears a gateway key: %s", (value, bears) => {
  expect(bearsGatewayKey(value)).toBe(bears);
});
