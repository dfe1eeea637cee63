import { ERROR_TABLE, GatewayError } from "../core/gateway-error.ts";
import { errorBodyAt } from "../endpoints/index.ts";
import { INERT_HEADERS } from "./inert.ts";

/** The error itself where it is one of ours; anything else is a bug and becomes one fixed refusal, so that nothing of it leaks. */
export function asGatewayError(error: unknown): GatewayError {
  return error instanceof GatewayError ? error : new GatewayError("internal", "The gateway failed. The fault is on its side.");
}

/** A refusal to the caller who called `path`, in the form that errors have there. `id` is the request's. */
export function errorResponse(error: GatewayError, path: string, id: string): Response {
  const { code, message, details } = error;
  const { status, type, retry } = ERROR_TABLE[code];
  const problems = details.problems === undefined ? {} : { problems: details.problems };
  const headers = new Headers(details.headers);
  headers.set("x-to11-request-id", id);
  // Where OpenAI's clients and Anthropic's look for an id to tell their users.
  headers.set("x-request-id", id);
  headers.set("request-id", id);
  headers.set("x-to11-error-code", code);
  if (retry === "useless") headers.set("x-should-retry", "false");
  for (const [name, value] of Object.entries(INERT_HEADERS)) headers.set(name, value);
  headers.set("cache-control", "no-store");
  const told = { status, type, code, message, param: details.param ?? null, requestId: id, ...problems };
  return Response.json(errorBodyAt(path, told), { status, headers });
}
