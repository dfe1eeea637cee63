import { setTimeout as sleep } from "node:timers/promises";
import { type GatewayClient, NotAGateway } from "./gateway-client.ts";
import { connect, type GatewayOptions } from "./gateway-options.ts";
import { moment } from "./moment.ts";
import { type ShownTrace, traceSchema } from "./shown-trace.ts";
import { traceLines } from "./trace-detail.ts";
import { readFeed } from "./trace-feed.ts";
import { formatTable } from "../terminal/table.ts";
import { paint, print, printError, printJson, showProgress } from "../terminal/terminal.ts";
import type { Variables } from "../variables.ts";

/** After a connection was lost, the next try, ms. */
const RECONNECT_MS = 1000;

/** Ids of the last traces shown: those that a new connection might bring again. */
const MAX_SEEN = 10_000;

const HEADINGS = ["TIME", "STATUS", "OUTCOME", "MS", "REQUESTED → SERVED BY", "TARGET", "STRATEGY", "TOKENS", "ID"];

/** What `to11 traces` was given. */
type TracesOptions = GatewayOptions & { readonly follow?: boolean; readonly filters: Readonly<Record<string, string>> };

/** Prints one trace, whole. */
export async function oneTrace(id: string, options: GatewayOptions, shell: Variables): Promise<void> {
  const trace = await (await connect(options, shell)).trace(id);
  if (options.json) return printJson(trace);
  print(...traceLines(trace));
}

/** Prints traces, newest last; with `follow` also each that comes, until interrupted. */
export async function traces(given: TracesOptions, shell: Variables): Promise<void> {
  const options = { ...given, filters: withMoments(given.filters, Date.now()) };
  const gateway = await connect(options, shell);
  const seen = new Set<string>();
  const page = await gateway.traces(options.filters);
  printTraces(unseen(page.traces, seen).toReversed(), { json: options.json === true, headed: true });
  if (options.follow !== true) {
    if (page.traces.length === 0 && options.json !== true) print("No traces match.");
    return;
  }
  for (;;) {
    showProgress("waiting for traces; Ctrl-C ends");
    await watch(gateway, options, seen);
    await sleep(RECONNECT_MS);
  }
}

/** @throws {CommandFailure} where `since` or `until` is no time. */
function withMoments(filters: TracesOptions["filters"], nowMs: number): TracesOptions["filters"] {
  const times = Object.entries(filters).filter(([name]) => name === "since" || name === "until");
  return { ...filters, ...Object.fromEntries(times.map(([name, text]) => [name, moment(`--${name}`, text, nowMs)])) };
}

/** Prints each trace as it is stored, until the connection ends; first those that came while there was none. */
function watch(gateway: GatewayClient, options: TracesOptions, seen: Set<string>): Promise<void> {
  const { limit: _, ...filters } = options.filters;
  const show = (list: readonly { readonly id: string }[]): void =>
    printTraces(unseen(list, seen).toReversed(), { json: options.json === true, headed: false });
  const socket = gateway.watchTraces(filters);
  return new Promise((resolve, reject) => {
    socket.addEventListener("open", () => void tracesOrNone(gateway, options.filters).then(show, reject));
    void readFeed(socket, {
      trace: (trace) => show([trace]),
      dropped: (count) => printError(`${count} traces came too fast and are not shown.`),
    }).then(resolve, reject);
  });
}

/** Those that were not shown yet; from now on they were. */
function unseen<Trace extends { readonly id: string }>(list: readonly Trace[], seen: Set<string>): readonly Trace[] {
  const fresh = list.filter(({ id }) => !seen.has(id));
  for (const { id } of fresh) seen.add(id);
  for (const id of [...seen].slice(0, Math.max(0, seen.size - MAX_SEEN))) seen.delete(id);
  return fresh;
}

/** A gateway that restarts is waited for. */
async function tracesOrNone(
  gateway: GatewayClient,
  filters: Readonly<Record<string, string>>,
): Promise<readonly { readonly id: string }[]> {
  try {
    return (await gateway.traces(filters)).traces;
  } catch (error) {
    if (error instanceof NotAGateway) return [];
    throw error;
  }
}

function printTraces(list: readonly unknown[], form: { readonly json: boolean; readonly headed: boolean }): void {
  if (form.json) return print(...list.map((trace) => JSON.stringify(trace)));
  const rows = list.map((trace) => traceRow(traceSchema.parse(trace)));
  if (rows.length === 0) return;
  const [heading = "", ...lines] = formatTable([HEADINGS, ...rows]);
  if (form.headed) print(paint("bold", heading));
  print(...lines);
}

/** A trace as the cells of one line. */
export function traceRow(trace: ShownTrace): string[] {
  const served = trace.provider === null ? "nobody" : `${trace.provider}/${trace.upstream_model ?? "?"}`;
  const tries = trace.attempts.length > 1 ? ` (${trace.attempts.length} attempts)` : "";
  const { input_tokens: input, output_tokens: output } = trace.usage;
  return [
    trace.started_at,
    String(trace.status),
    trace.outcome,
    String(Math.round(trace.duration_ms)),
    `${trace.requested_model ?? "?"} → ${served}${tries}`,
    trace.target ?? "-",
    trace.variant === null ? (trace.strategy ?? "-") : `${trace.strategy ?? "-"}: ${trace.variant}`,
    input === null && output === null ? "-" : `${input ?? "?"}+${output ?? "?"}`,
    trace.id,
  ];
}
