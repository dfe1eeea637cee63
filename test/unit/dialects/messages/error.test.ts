import { expect, test } from "vitest";
import { messagesErrorBody } from "../../../../src/dialects/messages/error.ts";

test.each([
  [400, "invalid_request_error"],
  [401, "authentication_error"],
  [402, "billing_error"],
  [403, "permission_error"],
  [404, "not_found_error"],
  [405, "invalid_request_error"],
  [413, "request_too_large"],
  [429, "rate_limit_error"],
  [500, "api_error"],
  [502, "api_error"],
  [503, "overloaded_error"],
  [504, "timeout_error"],
  [529, "overloaded_error"],
])("%i is a %s", (status, type) => {
  const told = { status, type: "upstream_error", code: "x", message: "no", param: "model", requestId: "r1" };
  expect(messagesErrorBody(told)).toEqual({ type: "error", error: { type, message: "no" }, request_id: "r1" });
});
