/** What an error of the gateway's own is to a caller. */
interface ErrorMeaning {
  readonly status: number;
  /** OpenAI's word for its kind. */
  readonly type: string;
  /** `useless`: the same request would fail the same way, which clients are told (`x-should-retry`), or they would try again what they got a 5xx for. */
  readonly retry: "may_help" | "useless";
}

/** The one table of the gateway's own errors: code → HTTP status, OpenAI error type, whether trying again may help. Nothing else names a status of ours. */
export const ERROR_TABLE = {
  invalid_request: { status: 400, type: "invalid_request_error", retry: "useless" },
  endpoint_mismatch: { status: 400, type: "invalid_request_error", retry: "useless" },
  not_translatable: { status: 400, type: "invalid_request_error", retry: "useless" },
  invalid_config: { status: 400, type: "invalid_request_error", retry: "useless" },
  missing_api_key: { status: 401, type: "authentication_error", retry: "useless" },
  invalid_api_key: { status: 401, type: "authentication_error", retry: "useless" },
  key_expired: { status: 401, type: "authentication_error", retry: "useless" },
  key_revoked: { status: 401, type: "authentication_error", retry: "useless" },
  missing_provider_key: { status: 401, type: "authentication_error", retry: "useless" },
  forbidden: { status: 403, type: "permission_error", retry: "useless" },
  model_not_allowed: { status: 403, type: "permission_error", retry: "useless" },
  unknown_model: { status: 404, type: "not_found_error", retry: "useless" },
  unknown_project: { status: 404, type: "not_found_error", retry: "useless" },
  unknown_path: { status: 404, type: "not_found_error", retry: "useless" },
  not_found: { status: 404, type: "not_found_error", retry: "useless" },
  method_not_allowed: { status: 405, type: "invalid_request_error", retry: "useless" },
  request_timeout: { status: 408, type: "invalid_request_error", retry: "may_help" },
  version_conflict: { status: 412, type: "invalid_request_error", retry: "useless" },
  payload_too_large: { status: 413, type: "invalid_request_error", retry: "useless" },
  websocket_unsupported: { status: 426, type: "invalid_request_error", retry: "useless" },
  rate_limit_exceeded: { status: 429, type: "rate_limit_error", retry: "may_help" },
  // OpenAI's own word, which clients know not to retry.
  insufficient_quota: { status: 429, type: "insufficient_quota", retry: "useless" },
  loop_detected: { status: 429, type: "rate_limit_error", retry: "useless" },
  too_many_sign_ins: { status: 429, type: "rate_limit_error", retry: "may_help" },
  config_error: { status: 500, type: "api_error", retry: "useless" },
  internal: { status: 500, type: "api_error", retry: "may_help" },
  // Of a managed route none of these is worth another try either: its targets and retries are spent, which `exhaustion` adds.
  upstream_unreachable: { status: 502, type: "upstream_error", retry: "may_help" },
  upstream_invalid_response: { status: 502, type: "upstream_error", retry: "may_help" },
  upstream_auth: { status: 502, type: "upstream_error", retry: "useless" },
  no_config: { status: 503, type: "api_error", retry: "may_help" },
  limits_unavailable: { status: 503, type: "api_error", retry: "may_help" },
  storage_failed: { status: 503, type: "api_error", retry: "may_help" },
  keys_unavailable: { status: 503, type: "api_error", retry: "may_help" },
  overloaded: { status: 503, type: "api_error", retry: "may_help" },
  upstream_timeout: { status: 504, type: "upstream_error", retry: "may_help" },
} as const satisfies Record<string, ErrorMeaning>;

/** A code of the error table, as `error.code` and `x-to11-error-code` carry it. */
export type ErrorCode = keyof typeof ERROR_TABLE;

/** What a refusal may say besides its message. */
export interface ErrorDetails {
  /** The request's key that is wrong, for `error.param`. */
  readonly param?: string;
  /** Response headers that belong to the refusal, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Every problem of a refused configuration, for `error.problems`. */
  readonly problems?: readonly unknown[];
}

/** A refusal to the caller. Thrown once, where the path ends; the message says what was wrong and what would be right, never a secret. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message);
    this.name = "GatewayError";
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return ERROR_TABLE[this.code].status;
  }
}
