import type { TraceRecord } from "../src/core/trace/trace-record.ts";
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

/**
 * Whether each answer has its trace, and each trace tells what happened; of a gateway without traces, that there is none. To be called when all is
 * measured: what reading leaves behind in a gateway's memory would be counted with the next requests.
 * @throws Error that tells what differs.
 */
export async function proveTraces(all: readonly Traced[]): Promise<void> {
  for (const traced of Map.groupBy(all, ({ port }) => port).values()) await proveTracesOfOne(traced);
}

async function proveTracesOfOne(all: readonly Traced[]): Promise<void> {
  const [first] = all;
  if (first === undefined) return;
  const unnamed = all.find(({ ids }) => ids.length === 0);
  if (unnamed !== undefined) throw new Error(`${unnamed.where}: no answer named its trace`);
  if (first.name === "gateway-no-traces") {
    const [any] = (await page(first.port, null)).traces;
    if (any !== undefined) throw new Error(`${first.where}: a trace was stored`);
    return;
  }
  const stored = await storedTraces(first.port);
  for (const traced of all) {
    const missing = traced.ids.filter((id) => !stored.has(id));
    if (missing.length > 0)
      throw new Error(`${traced.where}: ${missing.length} of ${traced.ids.length} traces are missing, such as ${missing[0]}`);
    for (const id of traced.ids) proveTrace(stored.get(id), traced);
  }
}

async function storedTraces(port: number): Promise<ReadonlyMap<string, TraceRecord>> {
  const stored = new Map<string, TraceRecord>();
  let cursor: string | null = null;
  do {
    const { traces, next_cursor }: Page = await page(port, cursor);
    for (const trace of traces) stored.set(trace.id, trace);
    cursor = next_cursor;
  } while (cursor !== null);
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
