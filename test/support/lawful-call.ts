import type { TraceRecord } from "../../src/core/trace/trace-record.ts";
import type { Gateway } from "./gateway.ts";
import type { Got, LawfulRoute } from "./laws.ts";
import { chat } from "./upstream.ts";

/** One request of those that laws are tried on. */
export interface LawfulCall {
  readonly route: LawfulRoute;
  readonly stream: boolean;
  readonly user: string;
}

/** Asks, and reads what comes to its end. */
export async function ask(gateway: Gateway, { route, stream, user }: LawfulCall): Promise<Got> {
  const response = await gateway.post("/v1/chat/completions", chat(route.model, { user, ...(stream ? { stream } : {}) }), {
    authorization: "Bearer key-of-the-caller",
  });
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of response.body ?? []) chunks.push(chunk);
  } catch {
    return { status: response.status, text: Buffer.concat(chunks).toString(), aborted: true };
  }
  return { status: response.status, text: Buffer.concat(chunks).toString(), aborted: false };
}

/** The most that one page holds. */
const PAGE = 500;
const POLL_MS = 50;
const POLL_ATTEMPTS = 60;

/** All traces by the end user of their request, once each of these users has one, or after three seconds. */
export async function tracesByUser(gateway: Gateway, users: readonly string[]): Promise<ReadonlyMap<string, readonly TraceRecord[]>> {
  for (let attempt = 1; ; attempt += 1) {
    const found = Map.groupBy(await newestTraces(gateway, users.length), (trace) => trace.user_id ?? "");
    if (attempt === POLL_ATTEMPTS || users.every((user) => found.has(user))) return found;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** The newest traces, `count` or a page more. */
async function newestTraces(gateway: Gateway, count: number): Promise<readonly TraceRecord[]> {
  const traces: TraceRecord[] = [];
  let cursor: string | null = "";
  while (cursor !== null && traces.length <= count) {
    const response = await gateway.api(`/api/traces?limit=${PAGE}${cursor === "" ? "" : `&cursor=${cursor}`}`);
    const page = (await response.json()) as { traces: TraceRecord[]; next_cursor: string | null };
    traces.push(...page.traces);
    cursor = page.next_cursor;
  }
  return traces;
}
