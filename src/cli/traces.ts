import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod/mini";
import { type GatewayClient, NotAGateway } from "./gateway-client.ts";
import { connect, type GatewayOptions } from "./gateway-options.ts";
import { formatTable } from "./table.ts";
import { paint, print, showProgress } from "./terminal.ts";
import type { Variables } from "./variables.ts";

/** What a line of the table shows of a trace; lenient, as a newer gateway's traces may hold more. */
const traceSchema = z.looseObject({
  id: z.string(),
  started_at: z.string(),
  status: z.number(),
  outcome: z.string(),
  duration_ms: z.number(),
  requested_model: z.nullable(z.string()),
  provider: z.nullable(z.string()),
  upstream_model: z.nullable(z.string()),
  target: z.nullable(z.string()),
  strategy: z.nullable(z.string()),
  variant: z.nullable(z.string()),
  attempts: z.array(z.unknown()),
  usage: z.looseObject({ input_tokens: z.nullable(z.number()), output_tokens: z.nullable(z.number()) }),
});
export type ShownTrace = z.infer<typeof traceSchema>;

/** How often `--follow` asks for new traces. */
const FOLLOW_INTERVAL_MS = 1000;

const HEADINGS = ["TIME", "STATUS", "OUTCOME", "MS", "REQUESTED → SERVED BY", "TARGET", "STRATEGY", "TOKENS", "ID"];

/** Prints traces, newest last; with `follow` also each that comes, until interrupted. */
export async function traces(
  options: GatewayOptions & { readonly follow?: boolean; readonly filters: Readonly<Record<string, string>> },
  shell: Variables,
): Promise<void> {
  const gateway = await connect(options, shell);
  const seen = new Set<string>();
  const page = await gateway.traces(options.filters);
  printTraces(page.traces.toReversed(), { json: options.json === true, headed: true });
  for (const { id } of page.traces) seen.add(id);
  if (options.follow !== true) {
    if (page.traces.length === 0 && options.json !== true) print("No traces match.");
    return;
  }
  await follow(gateway, options, seen);
}

async function follow(
  gateway: GatewayClient,
  options: GatewayOptions & { readonly filters: Readonly<Record<string, string>> },
  seen: Set<string>,
): Promise<never> {
  for (;;) {
    showProgress("waiting for traces; Ctrl-C ends");
    await sleep(FOLLOW_INTERVAL_MS);
    const fresh = (await tracesOrNone(gateway, options.filters)).filter(({ id }) => !seen.has(id));
    printTraces(fresh.toReversed(), { json: options.json === true, headed: false });
    for (const { id } of fresh) seen.add(id);
  }
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
