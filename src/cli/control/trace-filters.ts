import type { TraceFilterName } from "../../core/trace/trace-filter.ts";

/** What `to11 traces` filters by, in the API's words, each with its meaning; `api_key` is the option `--api-key`. */
export const TRACE_FILTERS: Readonly<Record<TraceFilterName | "limit", string>> = {
  since: "started at this time or later: a span up to now (30s, 15m, 1h, 7d), or ISO 8601",
  until: "started before this time, likewise",
  status: "ok, or error (failed, truncated, rejected)",
  outcome: "complete, rescued, truncated, client_closed, failed or rejected",
  provider: "answered by this provider",
  model: "asked for this model, or served by it",
  route: "went through this route",
  function: "went through this function",
  target: "answered by this target",
  variant: "drawn in an experiment",
  session: "the caller's x-to11-session-id",
  user: "the caller's x-to11-user-id",
  environment: "the caller's x-to11-env",
  api_key: "the name of the secret whose key was used",
  trace_id: "W3C trace id, 32 hex digits",
  min_tokens: "at least so many tokens",
  max_tokens: "at most so many tokens",
  q: "text that occurs in the names, ids or metadata",
  limit: "how many at most",
};
