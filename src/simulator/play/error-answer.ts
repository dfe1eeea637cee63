import type { Answer } from "./step.ts";

/** What an error answer says. `param` names the member of the body that is wrong. */
export interface ErrorFacts {
  readonly status: number;
  readonly message: string;
  readonly param?: string;
  readonly code?: string;
}

/** An error as the provider of that path words it: Anthropic's shape under `/messages`, OpenAI's for all others. */
export function errorAnswer(path: string, facts: ErrorFacts): Answer {
  const body = isAnthropics(path)
    ? { type: "error", error: { type: anthropicType(facts.status), message: facts.message }, request_id: null }
    : {
        error: {
          message: facts.message,
          type: openaiType(facts.status),
          param: facts.param ?? null,
          code: facts.code ?? openaiCode(facts.status),
        },
      };
  return { status: facts.status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** Whether a path is of Anthropic's API. */
export function isAnthropics(path: string): boolean {
  return /\/messages(\/|$)/.test(path);
}

/** https://platform.openai.com/docs/guides/error-codes */
function openaiType(status: number): string {
  if (status === 429) return "requests";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

function openaiCode(status: number): string | null {
  if (status === 401) return "invalid_api_key";
  return status === 429 ? "rate_limit_exceeded" : null;
}

const ANTHROPIC_TYPES: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  529: "overloaded_error",
};

/** https://docs.anthropic.com/en/api/errors */
function anthropicType(status: number): string {
  return ANTHROPIC_TYPES[status] ?? (status >= 500 ? "api_error" : "invalid_request_error");
}
