import { expect, test } from "vitest";
import { ERROR_TABLE, type ErrorCode, GatewayError } from "../../../src/core/gateway-error.ts";
import { errorResponse } from "../../../src/web/errors.ts";

const CODES = Object.keys(ERROR_TABLE) as ErrorCode[];

/** Codes after which the same request may fare better. */
const MAY_HELP = [
  "request_timeout",
  "too_many_sign_ins",
  "internal",
  "upstream_unreachable",
  "upstream_invalid_response",
  "no_config",
  "storage_failed",
  "overloaded",
  "upstream_timeout",
];

const CONTEXT = { id: "r1", redact: (text: string) => text };

test.each(CODES)("%s tells a client not to try again, unless that may help", async (code) => {
  const response = errorResponse(new GatewayError(code, "no"), "/v1/chat/completions", CONTEXT);
  const mayHelp = MAY_HELP.includes(code);
  expect(response.headers.get("x-should-retry")).toBe(mayHelp ? null : "false");
  if (mayHelp) expect([408, 429].includes(response.status) || response.status >= 500).toBe(true);
  expect(await response.json()).toEqual({ error: { message: "no", type: ERROR_TABLE[code].type, param: null, code } });
});

test.each([
  ["/v1/messages", "r1"],
  ["/v1/messages/batches", "r1"],
  ["/v1/messages/", "r1"],
  ["/v1/messagess", undefined],
  ["/v1/responses/x", undefined],
  ["/v1/nothing", undefined],
  ["/api/config", undefined],
])("the form at %s is that of the endpoint it belongs to", async (path, requestId) => {
  const body = (await errorResponse(new GatewayError("unknown_path", "no"), path, CONTEXT).json()) as { request_id?: string };
  expect(body.request_id).toBe(requestId);
});
