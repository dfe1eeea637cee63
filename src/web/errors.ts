import { ERROR_TABLE, GatewayError } from "../core/gateway-error.ts";
import { errorBodyAt } from "../endpoints/index.ts";
import type { Ports } from "../gateway/ports.ts";
import { INERT_HEADERS } from "./inert.ts";

/** The error itself where it is one of ours; anything else is a bug and becomes one fixed refusal, so that nothing of it leaks. */
export function asGatewayError(error: unknown): GatewayError {
  return error instanceof GatewayError ? error : new GatewayError("internal", "The gateway failed. The fault is on its side.");
}

/** The status that nginx gives a caller who left. */
const CALLER_LEFT = 499;

/** An answer for a caller who has gone. */
export function unseenResponse(): Response {
  return new Response(null, { status: CALLER_LEFT });
}

/** What a refusal needs besides its words. `id`: the request's. What a message quotes of a request may be a secret, and is taken out. */
export interface RefusalContext {
  readonly id: string;
  readonly redact: Ports["redact"];
}

/** A refusal to the caller who called `path`, in the form that errors have there. */
export function errorResponse(error: GatewayError, path: string, { id, redact }: RefusalContext): Response {
  const { code, message, details } = error;
  const { status, type, retry } = ERROR_TABLE[code];
  const problems = details.problems === undefined ? {} : { problems: details.problems };
  const headers = new Headers(details.headers);
  headers.set("content-type", "application/json");
  headers.set("x-to11-request-id", id);
  // Where OpenAI's clients and Anthropic's look for an id to tell their users.
  headers.set("x-request-id", id);
  headers.set("request-id", id);
  headers.set("x-to11-error-code", code);
  if (retry === "useless") headers.set("x-should-retry", "false");
  for (const [name, value] of Object.entries(INERT_HEADERS)) headers.set(name, value);
  headers.set("cache-control", "no-store");
  const told = { status, type, code, message, param: details.param ?? null, requestId: id, ...problems };
  return new Response(redact(JSON.stringify(errorBodyAt(path, told))), { status, headers });
}
