import type { Endpoint } from "../core/endpoint.ts";
import { messages } from "./messages.ts";
import { responses } from "./responses.ts";

/**
 * How many tokens a request would take, as the provider counts them; where none can be asked nobody guesses.
 * https://platform.claude.com/docs/en/api/messages/count_tokens and https://platform.openai.com/docs/api-reference/responses/input-tokens
 */
export const TOKEN_COUNTS: readonly Endpoint[] = [countFor(messages, "count_tokens"), countFor(responses, "input_tokens")];

/** The call beside an endpoint that takes the same request and answers with a count: nothing is said or streamed, and nothing of it is usage. */
function countFor({ wordMembers: _words, continuation: _none, ...endpoint }: Endpoint, name: string): Endpoint {
  return { ...endpoint, path: `${endpoint.path}/${name}`, beside: endpoint.path, answerMembers: ["input_tokens"], readAnswer: () => ({}) };
}
