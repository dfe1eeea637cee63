import type { TraceRecord } from "../src/core/trace-record.ts";
import type { Case, GatewayName } from "./cases.ts";
import { ADMIN_KEY } from "./routes.ts";

/** What the control API answers with. */
interface Page {
  readonly traces: readonly TraceRecord[];
  readonly next_cursor: string | null;
}

/** What was asked of a gateway, by the ids its answers named. */
export interface Traced {
  readonly name: GatewayName;
  readonly of: Case;
  readonly port: number;
  readonly ids: readonly string[];
  readonly where: string;
}

const PAGE = 500;
/** How long after its request a trace may be stored. */
const DEADLINE_MS = 3000;
const POLL_MS = 50;

/** Whether each answer has its trace, and each trace tells what happened; of a gateway without traces, that there is none. @throws Error that tells what differs. */
export async function proveTraces(traced: Traced): Promise<void> {
  const { ids, where } = traced;
  if (ids.length === 0) throw new Error(`${where}: no answer named its trace`);
  if (traced.name === "gateway-no-traces") {
    const [any] = (await page(traced.port, null)).traces;
    if (any !== undefined) throw new Error(`${where}: a trace was stored`);
    return;
  }
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const stored = await storedTraces(traced);
    const missing = ids.filter((id) => !stored.has(id));
    if (missing.length === 0) {
      for (const id of ids) proveTrace(stored.get(id), traced);
      return;
    }
    if (performance.now() > deadline)
      throw new Error(`${where}: ${missing.length} of ${ids.length} traces are missing, such as ${missing[0]}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** As many of the newest traces as there were requests. */
async function storedTraces({ port, ids }: Traced): Promise<ReadonlyMap<string, TraceRecord>> {
  const stored = new Map<string, TraceRecord>();
  let cursor: string | null = null;
  do {
    const { traces, next_cursor } = await page(port, cursor);
    for (const trace of traces) stored.set(trace.id, trace);
    cursor = next_cursor;
  } while (cursor !== null && stored.size < ids.length);
  return stored;
}

async function page(port: number, cursor: string | null): Promise<Page> {
  const query = new URLSearchParams({ limit: String(PAGE), ...(cursor === null ? {} : { cursor }) });
  const response = await fetch(`http://127.0.0.1:${port}/api/traces?${query}`, { headers: { authorization: `Bearer ${ADMIN_KEY}` } });
  return (await response.json()) as Page;
}

function proveTrace(trace: TraceRecord | undefined, { of, where }: Traced): void {
  const attempts = trace?.attempts.map(({ status }) => status).join(" ");
  const expected = of.calls === 2 ? "503 200" : "200";
  const usageTold = of.path !== "/v1/chat/completions" || trace?.usage.input_tokens === 21;
  const right =
    trace?.status === 200 &&
    trace.outcome === "complete" &&
    attempts === expected &&
    usageTold &&
    trace.response_bytes === Buffer.byteLength(of.answer);
  if (!right) throw new Error(`${where}: its trace does not tell what happened: ${JSON.stringify(trace)}`);
}
