/** The one table of the gateway's own errors: code → HTTP status and OpenAI error type. Nothing else names a status of ours. */
export const ERROR_TABLE = {
  invalid_request: { status: 400, type: "invalid_request_error" },
  endpoint_mismatch: { status: 400, type: "invalid_request_error" },
  invalid_config: { status: 400, type: "invalid_request_error" },
  missing_api_key: { status: 401, type: "authentication_error" },
  invalid_api_key: { status: 401, type: "authentication_error" },
  missing_provider_key: { status: 401, type: "authentication_error" },
  forbidden: { status: 403, type: "permission_error" },
  unknown_model: { status: 404, type: "not_found_error" },
  unknown_project: { status: 404, type: "not_found_error" },
  unknown_path: { status: 404, type: "not_found_error" },
  not_found: { status: 404, type: "not_found_error" },
  method_not_allowed: { status: 405, type: "invalid_request_error" },
  version_conflict: { status: 412, type: "invalid_request_error" },
  payload_too_large: { status: 413, type: "invalid_request_error" },
  too_many_sign_ins: { status: 429, type: "rate_limit_error" },
  config_error: { status: 500, type: "api_error" },
  internal: { status: 500, type: "api_error" },
  upstream_unreachable: { status: 502, type: "upstream_error" },
  upstream_invalid_response: { status: 502, type: "upstream_error" },
  upstream_auth: { status: 502, type: "upstream_error" },
  no_config: { status: 503, type: "api_error" },
  overloaded: { status: 503, type: "api_error" },
  upstream_timeout: { status: 504, type: "upstream_error" },
} as const satisfies Record<string, { status: number; type: string }>;

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
