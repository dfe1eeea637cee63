import type { EndpointKind } from "../endpoint.ts";
import type { ErrorCode } from "../gateway-error.ts";
import type { StrategyName } from "../routing/strategy.ts";
import type { Usage } from "../usage/usage.ts";

/** What came of an attempt, as a trace says it. `unsent`: its secret is missing, malformed or not allowed to go there, so nobody was called. */
export type AttemptOutcome =
  | "answered"
  | "refused"
  | "unreachable"
  | "timed_out"
  | "invalid"
  | "cut"
  | "cancelled"
  | "unsent"
  | "passed_over";

/** How a request ended. */
export type TraceOutcome = "complete" | "rescued" | "truncated" | "client_closed" | "failed" | "rejected";

/** One upstream call, as a trace keeps it. Times in ms; `offset_ms` from the request's start; `waited_ms` is the backoff before the call. */
export interface AttemptRecord {
  readonly target: string;
  readonly provider: string;
  /** Empty: the call named none, to a provider's own API. */
  readonly model: string;
  readonly step: number;
  readonly strategy: StrategyName | "passthrough";
  readonly offset_ms: number;
  readonly duration_ms: number;
  /** The upstream's HTTP status; `null`: none came. */
  readonly status: number | null;
  readonly outcome: AttemptOutcome;
  /** Which limit ended it: `timeout_ms`, `idle_timeout_ms` or `total_timeout_ms`; `null`: none did. */
  readonly timeout: "first_content" | "idle" | "total" | null;
  readonly waited_ms: number;
  /** The upstream's own words, where it refused the country or region that it was called from; left out: it did not. */
  readonly said?: string;
}

/** One request, whole: what is stored, shown and exported. `null` means "known to be none" or "not reported". */
export interface TraceRecord {
  readonly format: 1;
  readonly id: string;
  readonly project: string;
  /** ISO 8601, UTC, with milliseconds. */
  readonly started_at: string;
  readonly duration_ms: number;
  /** From the request's start to the first content of the answer. */
  readonly first_content_ms: number | null;
  /** `null`: the path called is none that the gateway answers. */
  readonly endpoint: EndpointKind | null;
  readonly path: string;
  readonly stream: boolean;
  readonly requested_model: string | null;
  readonly layer: "passthrough" | "route" | "function" | null;
  readonly route: string | null;
  readonly function: string | null;
  readonly strategy: StrategyName | "passthrough" | null;
  readonly variant: string | null;
  /** The variant's weight when it was drawn; `null` outside experiments. */
  readonly variant_weight: number | null;
  readonly target: string | null;
  readonly provider: string | null;
  readonly upstream_model: string | null;
  readonly reported_model: string | null;
  /** The dialect that the upstream was asked in, where the caller speaks another. */
  readonly translated: string | null;
  /** What a translation left out of the request, or put otherwise than it was asked for. */
  readonly dropped: readonly string[];
  /** The status the caller got. */
  readonly status: number;
  readonly outcome: TraceOutcome;
  readonly error_code: ErrorCode | "upstream_error" | "stream_truncated" | null;
  readonly finish_reason: string | null;
  readonly attempts: readonly AttemptRecord[];
  readonly usage: Usage;
  readonly cost_usd: number | null;
  /** An event of the stream was too long to be read, so nothing is known of what came with it and behind it: no usage, no finish reason. */
  readonly unwatched: boolean;
  readonly tool_calls: number;
  readonly request_bytes: number;
  readonly response_bytes: number;
  readonly simulated: boolean;
  readonly user_id: string | null;
  readonly session_id: string | null;
  readonly conversation_id: string | null;
  readonly environment: string | null;
  /** Program and version by the caller's `user-agent`, `claude-code/2.1`; `null`: it names none. */
  readonly client: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** W3C trace id, 32 hex digits. */
  readonly trace_id: string;
  /** The gateway's own span in it, 16 hex digits: what upstreams and the caller are told. */
  readonly span_id: string;
  /** The caller's span; `null`: the trace began here. */
  readonly parent_span_id: string | null;
  /** First 8 hex digits of the configuration's version. */
  readonly config: string;
  /** The name of the secret whose key the caller used; `null` on an open gateway. */
  readonly api_key: string | null;
  /** Whose key it is, and of which team, as far as keys say so; `null`: they do not. */
  readonly key_owner: string | null;
  readonly team: string | null;
  /** Cloudflare's data centre; `null` locally. */
  readonly colo: string | null;
}
