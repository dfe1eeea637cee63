import { expect, it } from "vitest";
import { newGatewayKey } from "../../../src/cli/key.ts";
import { isGatewayKey } from "../../../src/core/secrets/gateway-key.ts";

it("a new key is to11_ and 43 characters of base64url, another one each time", () => {
  const key = newGatewayKey();
  expect(key).toMatch(/^to11_[A-Za-z0-9_-]{43}$/);
  expect(isGatewayKey(key)).toBe(true);
  expect(newGatewayKey()).not.toBe(key);
});
