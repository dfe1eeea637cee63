import { type ErrorCode, GatewayError } from "../core/gateway-error.ts";
import type { Outcome, Refused } from "../core/attempt/outcome.ts";
import type { Untranslatable } from "../core/translation.ts";
import type { Plan, Try } from "../core/routing/plan.ts";
import type { CredentialChoice } from "./request/upstream-request.ts";

/** The caller has gone: there is nobody to answer. */
export class CallerGone extends Error {
  constructor() {
    super("the caller left before the answer began");
    this.name = "CallerGone";
  }
}

/** A target that was asked, and did not answer. */
export interface Failure {
  readonly attempted: Try;
  readonly outcome: Exclude<Outcome, { kind: "answered" | "cancelled" | "passed_over" }>;
}

/** What the caller is told where the request cannot be put to any target as it was asked. */
export function notTranslatable(reasons: readonly Untranslatable[]): GatewayError {
  const [first] = reasons;
  const words = new Set(reasons.map(({ message }) => `${message}.`));
  return new GatewayError(
    "not_translatable",
    `No target can be asked this: ${[...words].join(" ")}`,
    first === undefined ? {} : { param: first.param },
  );
}

/**
 * What the caller is told when no target is left: the upstream's own refusal is returned for delivery as it is, anything else is refused here.
 * @throws GatewayError with the code of the failure, in the gateway's own words: an upstream's 401 may echo part of the key.
 */
export function exhaustion(
  relay: { readonly plan: Plan; readonly credential: CredentialChoice },
  { attempted, outcome }: Failure,
): Refused {
  const { plan, credential } = relay;
  if (outcome.kind === "refused" && !(credential.kind === "stored" && outcome.credentialRefused)) return outcome;
  const { candidate } = attempted;
  const whom = `target ${JSON.stringify(candidate.target)} (provider ${JSON.stringify(candidate.provider.id)})`;
  const [code, what] = describe(outcome);
  const many = plan.tries.length > 1 ? ` It was the last of ${plan.tries.length} targets; the trace shows every attempt.` : "";
  const headers: Record<string, string> = plan.layer === "passthrough" ? {} : { "x-should-retry": "false" };
  throw new GatewayError(code, `The ${whom} ${what}.${many}`, { headers });
}

function describe(outcome: Failure["outcome"]): [ErrorCode, string] {
  switch (outcome.kind) {
    case "refused":
      return [
        "upstream_auth",
        `refused the gateway's credential with status ${outcome.status}: check the secret and the account behind it`,
      ];
    case "unreachable":
      return ["upstream_unreachable", "could not be reached"];
    case "cut":
      return ["upstream_unreachable", "broke the connection before its answer began"];
    case "timed_out":
      return [
        "upstream_timeout",
        outcome.limit === "total"
          ? `had not answered when the route's total_timeout_ms was over`
          : `sent no content within ${outcome.limitMs} ms (timeout_ms)`,
      ];
    case "invalid":
      return ["upstream_invalid_response", `gave no valid answer: ${outcome.why}`];
    case "unsent":
      return ["config_error", `could not be called: ${outcome.why}`];
  }
}
