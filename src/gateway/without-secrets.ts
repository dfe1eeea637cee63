import type { Refused } from "../core/attempt/outcome.ts";
import { keptEncoding } from "./attempt/read-answer.ts";
import type { Ports } from "./ports.ts";

/**
 * An upstream's refusal as the caller may see it: some repeat the key that they were sent. Of a body in an encoding that nothing here can read nobody knows
 * what it holds, so the gateway's own words stand for it.
 */
export function withoutSecrets<Refusal extends Pick<Refused, "status" | "headers" | "bytes">>(refusal: Refusal, ports: Ports): Refusal {
  const { headers, bytes, status } = refusal;
  const encoding = keptEncoding(headers);
  if (encoding === undefined) return { ...refusal, bytes: ports.redactBytes(bytes) };
  const message = `The upstream answered with status ${status}, in an encoding that the gateway cannot read.`;
  const body = JSON.stringify({ error: { message, type: "upstream_error", param: null, code: null } });
  return { ...refusal, bytes: new TextEncoder().encode(body), headers: new Map([...headers, ["content-type", "application/json"]]) };
}
