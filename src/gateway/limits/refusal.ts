import { GatewayError } from "../../core/gateway-error.ts";
import type { Shortage } from "../../core/governance/lease.ts";
import { type Limit, limitNamed, MICRO_USD } from "../../core/governance/limit.ts";
import { limitParam, type LimitedSubject } from "../../core/governance/subject.ts";

/** Longest `retry-after` that OpenAI's SDK waits for, ms; above it backs off by itself, which would not help. Source: its `shouldRetry`. */
const LONGEST_HEEDED_MS = 60_000;

/** What a caller is told whom a limit refuses. */
export function limitRefusal(subject: Pick<LimitedSubject, "kind" | "name">, shortage: Shortage): GatewayError {
  const { why, retryMs } = shortage;
  const limit = limitNamed(shortage.limit, shortage.max);
  const code = why === "spent" && limit.unit !== "slots" ? "insufficient_quota" : "rate_limit_exceeded";
  const isUseless = why === "too_large" || retryMs > LONGEST_HEEDED_MS;
  const headers = {
    ...(why === "too_large" ? {} : { "retry-after": String(Math.ceil(retryMs / 1000)), "retry-after-ms": String(Math.ceil(retryMs)) }),
    ...(isUseless ? { "x-should-retry": "false" } : {}),
  };
  const message = `${whoIs(subject)} ${mayDo(limit)}; ${becauseOf(shortage, limit)}.`;
  return new GatewayError(code, message, { param: limitParam(subject, shortage.limit), headers });
}

/** What a caller is told where a meter does not answer and the project refuses then. */
export function limitsUnavailable(): GatewayError {
  return new GatewayError(
    "limits_unavailable",
    'The limits of this call cannot be looked up now, and this project refuses then ([limits].on_unavailable = "refuse"); try again.',
    { headers: { "retry-after": "1" } },
  );
}

function whoIs({ kind, name }: Pick<LimitedSubject, "kind" | "name">): string {
  return kind === "project" ? "This project" : `The ${kind} ${JSON.stringify(name)}`;
}

function mayDo(limit: Limit): string {
  const { unit, period, max } = limit;
  switch (unit) {
    case "requests":
      return `may make ${counted(max, "request")} a ${period}`;
    case "tokens":
      return `may use ${counted(max, "token")} a ${period}`;
    case "usd":
      return `may spend ${dollars(max)} a ${period}`;
    case "slots":
      return `may have ${counted(max, "call")} under way at once`;
  }
}

function becauseOf({ why, retryMs, spent, needed }: Shortage, { unit }: Limit): string {
  const amount = (units: number): string =>
    unit === "usd" ? dollars(units) : counted(Math.ceil(units), unit === "slots" ? "call" : unit.slice(0, -1));
  switch (why) {
    case "refills":
      return `the next one fits in ${Math.ceil(retryMs / 1000)} s`;
    case "reserved":
      return unit === "slots" ? "as many are" : `what is left is reserved by calls under way; try again in ${Math.ceil(retryMs / 1000)} s`;
    case "spent":
      return `${amount(spent)} of it are spent, this call needs ${amount(needed)}, and it begins anew in ${Math.ceil(retryMs / 1000)} s`;
    case "too_large":
      return `this call alone needs ${amount(needed)}`;
  }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** At least cents; as many digits as it has. */
function dollars(micros: number): string {
  const usd = micros / MICRO_USD;
  return `$${Number.isInteger(usd * 100) ? usd.toFixed(2) : String(Number(usd.toFixed(6)))}`;
}
