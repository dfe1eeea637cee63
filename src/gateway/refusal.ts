import type { Refused } from "../core/attempt/outcome.ts";
import type { Try } from "../core/routing/plan.ts";
import type { Untranslatable } from "../core/translation.ts";
import type { Relay } from "./attempt/call-target.ts";
import type { Delivery } from "./delivery.ts";
import { exhaustion, type Failure, notTranslatable } from "./exhaustion.ts";
import { withoutSecrets } from "./without-secrets.ts";

const MS_PER_SECOND = 1000;

/** An upstream's refusal, and whose it is. */
export interface Refusal {
  readonly attempted: Try;
  readonly outcome: Refused;
}

/**
 * The refusal of the last target that was asked.
 * @throws GatewayError as `exhaustion` does, `not_translatable` where nobody could be asked.
 */
export function refusalOf(relay: Relay, last: Failure | undefined, passedOver: readonly Untranslatable[]): Refusal {
  if (last === undefined) throw notTranslatable(passedOver);
  return { attempted: last.attempted, outcome: exhaustion(relay, last) };
}

/** Hands an upstream's refusal over, and closes the trace. */
export function deliverRefusal(relay: Relay, { attempted, outcome }: Refusal): Delivery {
  const { status, headers, bytes } = withoutSecrets(inTheCallersWords(relay, attempted, outcome), relay.ports);
  relay.draft.served = attempted;
  relay.draft.close({ outcome: "failed", status, errorCode: "upstream_error", responseBytes: bytes.length, facts: {} });
  return {
    status,
    headers,
    body: bytes,
    encoding: undefined,
    errorCode: "upstream_error",
    account: accountOf(relay),
    exhausted: false,
  };
}

/** A refusal in the dialect that was called, where its upstream speaks another. */
function inTheCallersWords({ call, draft }: Relay, { call: { translation } }: Try, outcome: Refused): Refused {
  if (translation === undefined) return outcome;
  const told = translation.refusal(outcome.error, outcome);
  const body = JSON.stringify(call.endpoint.errorBody({ ...told, requestId: draft.id }));
  const headers = new Map([...outcome.headers, ["content-type", "application/json"]]);
  headers.delete("content-encoding");
  // The body in which it may have stood is another's now.
  if (outcome.retryAfterMs !== undefined && !headers.has("retry-after"))
    headers.set("retry-after", String(Math.ceil(outcome.retryAfterMs / MS_PER_SECOND)));
  return { ...outcome, status: told.status, headers, bytes: new TextEncoder().encode(body) };
}

/** Whose account an upstream's answer speaks of. */
export function accountOf({ credential }: Pick<Relay, "credential">): Delivery["account"] {
  return credential.kind === "stored" ? "gateways" : "callers";
}
