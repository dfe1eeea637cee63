import type { ToldError, UpstreamError } from "../core/endpoint.ts";
import type { DialectErrors } from "./dialect.ts";

/** OpenAI's types of errors by their HTTP status: https://platform.openai.com/docs/guides/error-codes. Other dialects make their own of the status. */
const TYPES: ReadonlyMap<number, string> = new Map([
  [401, "authentication_error"],
  [403, "permission_error"],
  [404, "not_found_error"],
  [429, "rate_limit_error"],
]);

const OVERLOADED: ReadonlySet<number> = new Set([503, 529]);

/** The code of a 429 that another try does not change, as OpenAI and those that copy it word it. */
const QUOTA_CODES: ReadonlySet<string> = new Set(["insufficient_quota", "billing_hard_limit_reached", "quota_exceeded"]);

/** An upstream's error in the words of a caller's dialect: the upstream's message, and what clients of that dialect go by. */
export function toldError(
  error: UpstreamError,
  kind: "too_long" | "other",
  { overloadedStatus, tooLongWords }: DialectErrors,
): Omit<ToldError, "requestId"> {
  const status = OVERLOADED.has(error.status) ? overloadedStatus : error.status;
  const type = TYPES.get(status) ?? (status < 500 ? "invalid_request_error" : "server_error");
  return { status, type, code: codeOf(error, kind), message: messageOf(error, kind, tooLongWords), param: null };
}

function codeOf({ status, code }: UpstreamError, kind: "too_long" | "other"): string | null {
  if (kind === "too_long") return "context_length_exceeded";
  if (status !== 429) return code;
  return code !== null && QUOTA_CODES.has(code) ? "insufficient_quota" : "rate_limit_exceeded";
}

function messageOf({ message }: UpstreamError, kind: "too_long" | "other", words: string | undefined): string {
  return kind === "other" || words === undefined || message.includes(words) ? message : `${words}: ${message}`;
}
