import type { ToldError } from "../../core/endpoint.ts";

/** Anthropic's types of errors by their HTTP status: https://docs.claude.com/en/api/errors */
const TYPES: ReadonlyMap<number, string> = new Map([
  [401, "authentication_error"],
  [402, "billing_error"],
  [403, "permission_error"],
  [404, "not_found_error"],
  [413, "request_too_large"],
  [429, "rate_limit_error"],
  [503, "overloaded_error"],
  [504, "timeout_error"],
  [529, "overloaded_error"],
]);

/** An error's body as Anthropic has it. Its type, which its clients go by, is that of the status; a code of another dialect's has no place in it. */
export function messagesErrorBody({ status, message, requestId }: ToldError): object {
  const type = TYPES.get(status) ?? (status < 500 ? "invalid_request_error" : "api_error");
  return { type: "error", error: { type, message }, request_id: requestId };
}

/** Anthropic's error event, with the gateway's code beside its type. */
export function messagesErrorEvent({ code, message }: { readonly code: string; readonly message: string }): string {
  const body = { type: "error", error: { type: "api_error", message, code } };
  return `event: error\ndata: ${JSON.stringify(body)}\n\n`;
}
