import { errorAnswer } from "./error-answer.ts";
import type { Fault } from "./fault.ts";
import { type Answer, chunkData } from "./step.ts";

/** The answer of a path as it is under a fault. */
export function underFault(answer: Answer, fault: Fault, path: string): Answer {
  if ("status" in fault) return errorAnswer(path, { status: fault.status, message: `The simulator was told to answer ${fault.status}.` });
  if ("latency_ms" in fault) return { ...answer, delayMs: (answer.delayMs ?? 0) + fault.latency_ms };
  return cutAnswer(answer, fault.cut_after);
}

/** 5 ms pass between the last byte and the reset: a reset may overtake what the caller has not read yet. */
const CUT = { ending: "reset", endDelayMs: 5 } as const;

function cutAnswer(answer: Answer, after: number): Answer {
  const body = answer.body ?? "";
  const chunks = typeof body === "string" || body instanceof Uint8Array ? [body] : body;
  if (String(answer.headers?.["content-type"]).startsWith("text/event-stream")) {
    return chunks.length <= after ? answer : { ...answer, body: chunks.slice(0, after), ...CUT };
  }
  const bytes = Buffer.concat(chunks.map((chunk) => Buffer.from(chunkData(chunk))));
  return bytes.length <= after ? answer : { ...answer, body: bytes.subarray(0, after), ...CUT };
}
