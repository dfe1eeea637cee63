import type { StreamSoFar } from "../../core/endpoint.ts";

/**
 * How a stream of Responses breaks: an `error` event, which OpenAI's clients raise, then `response.failed`, without which Codex does not know that anything
 * went wrong. They are counted on from the last event; what had been said is not said again.
 */
export function responsesErrorEvents({ code, message }: { readonly code: string; readonly message: string }, before: StreamSoFar): string {
  const next = (before.sequence ?? -1) + 1;
  // The documented event has its facts at the top; what OpenAI sends, and clients raise, has them in `error`.
  const facts = { code, message, param: null };
  const error = { type: "error", ...facts, error: { type: "upstream_error", ...facts }, sequence_number: next };
  const failed = { type: "response.failed", response: failedResponse(before, { code, message }), sequence_number: next + 1 };
  return [error, failed].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}

/** The response as far as it is known: `created_at` is 0 as in the list of models. */
function failedResponse({ facts }: StreamSoFar, error: object): object {
  return {
    id: facts.id ?? "",
    object: "response",
    created_at: 0,
    status: "failed",
    error,
    incomplete_details: null,
    model: facts.model ?? "",
    output: [],
    usage: null,
  };
}
