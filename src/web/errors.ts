import { ERROR_TABLE, GatewayError } from "../core/gateway-error.ts";

/** The error itself where it is one of ours; anything else is a bug and becomes one fixed refusal, so that nothing of it leaks. */
export function asGatewayError(error: unknown): GatewayError {
  return error instanceof GatewayError ? error : new GatewayError("internal", "The gateway failed. The fault is on its side.");
}

/** The one shape of the gateway's own errors: OpenAI's. `id` is the request's. */
export function errorResponse(error: GatewayError, id: string): Response {
  const { code, message, details } = error;
  const { status, type } = ERROR_TABLE[code];
  const problems = details.problems === undefined ? {} : { problems: details.problems };
  const headers = new Headers(details.headers);
  headers.set("x-to11-request-id", id);
  headers.set("x-to11-error-code", code);
  headers.set("x-content-type-options", "nosniff");
  headers.set("cache-control", "no-store");
  return Response.json({ error: { message, type, param: details.param ?? null, code, ...problems } }, { status, headers });
}
