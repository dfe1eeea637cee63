import type { Answer } from "./step.ts";

/** What an error answer says. `param` names the member of the body that is wrong. */
export interface ErrorFacts {
  readonly status: number;
  readonly message: string;
  readonly param?: string;
  readonly code?: string;
}

/** An error as the provider of that path words it: Anthropic's shape under `/messages`, Google's where content is generated, OpenAI's for all others. */
export function errorAnswer(path: string, facts: ErrorFacts): Answer {
  return { status: facts.status, headers: { "content-type": "application/json" }, body: JSON.stringify(errorBody(path, facts)) };
}

function errorBody(path: string, { status, message, param, code }: ErrorFacts): object {
  if (isAnthropics(path)) return { type: "error", error: { type: anthropicType(status), message }, request_id: null };
  if (/:(?:g|streamG)enerateContent$/.test(path)) return { error: { code: status, message, status: googleStatus(status) } };
  return { error: { message, type: openaiType(status), param: param ?? null, code: code ?? openaiCode(status) } };
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

const GOOGLE_STATUSES: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

/** https://cloud.google.com/apis/design/errors */
function googleStatus(status: number): string {
  return GOOGLE_STATUSES[status] ?? (status >= 500 ? "INTERNAL" : "FAILED_PRECONDITION");
}

/** https://docs.anthropic.com/en/api/errors */
function anthropicType(status: number): string {
  return ANTHROPIC_TYPES[status] ?? (status >= 500 ? "api_error" : "invalid_request_error");
}
