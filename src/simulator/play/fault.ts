/**
 * What goes wrong at a provider until it is cleared. `status`: every call is answered with this error; `latency_ms`: every answer starts that
 * much later; `cut_after`: the connection is reset after so many events of a stream, or so many bytes of any other answer.
 */
export type Fault = { readonly status: number } | { readonly latency_ms: number } | { readonly cut_after: number };

/** What each fault takes; the ranges are inclusive. The longest latency is ten minutes, twice the longest timeout in common use. */
const RANGES = {
  status: { from: 400, to: 599, meaning: "an HTTP error status" },
  latency_ms: { from: 0, to: 600_000, meaning: "milliseconds" },
  cut_after: { from: 0, to: 1_000_000, meaning: "events of a stream, or bytes of any other answer" },
} as const;

const EXAMPLE = 'send one of {"status": 503}, {"latency_ms": 2000}, {"cut_after": 10}';

/** Reads a fault from JSON text, strictly. */
export function parseFault(text: string): { readonly ok: true; readonly fault: Fault } | { readonly ok: false; readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, problem: `the body is not JSON; ${EXAMPLE}` };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { ok: false, problem: `a fault is a JSON object; ${EXAMPLE}` };
  const entries = Object.entries(value);
  const unknown = entries.find(([key]) => !Object.hasOwn(RANGES, key));
  if (unknown !== undefined) return { ok: false, problem: `there is no fault ${JSON.stringify(unknown[0])}; ${EXAMPLE}` };
  const [entry, ...others] = entries;
  if (entry === undefined) return { ok: false, problem: `no fault is named; ${EXAMPLE}, or DELETE to clear` };
  if (others.length > 0) return { ok: false, problem: `a provider has one fault at a time, not ${entries.length}; ${EXAMPLE}` };
  return readFault(entry[0] as keyof typeof RANGES, entry[1]);
}

function readFault(
  key: keyof typeof RANGES,
  value: unknown,
): { readonly ok: true; readonly fault: Fault } | { readonly ok: false; readonly problem: string } {
  const { from, to, meaning } = RANGES[key];
  if (typeof value !== "number" || !Number.isInteger(value) || value < from || value > to) {
    return { ok: false, problem: `${key} is ${JSON.stringify(value)}; it takes a whole number from ${from} to ${to} (${meaning})` };
  }
  if (key === "status") return { ok: true, fault: { status: value } };
  if (key === "latency_ms") return { ok: true, fault: { latency_ms: value } };
  return { ok: true, fault: { cut_after: value } };
}
