import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { type Case, type ContenderName, isGateway, receivedBody } from "./cases.ts";
import { callerHeaders, type Field, messageFrom } from "./contenders.ts";
import type { LoadOrder, LoadReport } from "./load.ts";
import { cpuNs } from "./process-usage.ts";
import type { ServerProcess } from "./server-process.ts";
import type { Traced } from "./traces.ts";

/** One case at one contender, once. */
export interface Sample {
  readonly requests: number;
  /** CPU of the contender's process per request, µs; `undefined` for direct. */
  readonly cpuUs: number | undefined;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Median time to a stream's first content, ms. */
  readonly firstContentMs: number | undefined;
  /** The load generator's share of a core while it ran. */
  readonly loadShare: number;
}

/** The load generator's process. */
export interface Load {
  run(order: LoadOrder): Promise<LoadReport>;
  stop(): void;
}

/** Starts `load.ts`. */
export function startLoad(): Load {
  const child: ChildProcess = fork(join(import.meta.dirname, "load.ts"));
  return {
    run(order) {
      const report = messageFrom<LoadReport>(child);
      child.send(order);
      return report;
    },
    stop: () => child.disconnect(),
  };
}

/** Everything a measurement needs. */
export interface Bench {
  readonly field: Field;
  readonly load: Load;
  readonly running: ReadonlyMap<ContenderName, ServerProcess>;
  /** Requests whose traces are to be proved. */
  readonly traced: Traced[];
}

/** Traces are stored so long after their requests at the latest, ms: the work for them counts. */
const TRACES_SETTLE_MS = 400;

/**
 * Makes a case's requests at a contender. What the caller got and what the upstream got is compared with what should be;
 * what has to be traced is noted.
 * @throws Error that tells the first difference.
 */
export async function measure(bench: Bench, of: Case, name: ContenderName, count: number): Promise<Sample> {
  const { field, load, running } = bench;
  const server = running.get(name);
  await field.upstream.tally();
  const cpuBefore = server === undefined ? 0 : cpuNs(server.pid);
  const report = await load.run({
    caseName: of.name,
    contender: name,
    port: server?.port ?? field.upstream.port,
    headers: callerHeaders(name, of, field.upstream),
    count,
  });
  if (name.startsWith("gateway")) await new Promise((resolve) => setTimeout(resolve, TRACES_SETTLE_MS));
  const cpuUs = server === undefined ? undefined : (cpuNs(server.pid) - cpuBefore) / 1000 / count;
  const where = `${of.name} at ${name}`;
  if (report.wrong !== undefined) throw new Error(`${where}: ${report.wrong}\n${server?.said() ?? ""}`);
  proveReceived(await field.upstream.tally(), { of, name, count, where });
  if (isGateway(name) && server !== undefined) bench.traced.push({ name, of, port: server.port, ids: report.traceIds, where });
  return {
    requests: count,
    cpuUs,
    requestsPerSecond: (count / report.elapsedMs) * 1000,
    p50Ms: quantile(report.durationsMs, 0.5),
    p99Ms: quantile(report.durationsMs, 0.99),
    firstContentMs: of.stream ? quantile(report.firstContentMs, 0.5) : undefined,
    loadShare: report.cpuMs / report.elapsedMs,
  };
}

interface Received {
  readonly of: Case;
  readonly name: ContenderName;
  readonly count: number;
  readonly where: string;
}

/** Whether the upstream got the bodies it should have got, to the byte where the contender may not change them. */
function proveReceived(tally: Readonly<Record<string, number>>, { of, name, count, where }: Received): void {
  const calls = Object.values(tally).reduce((sum, each) => sum + each, 0);
  if (calls !== count * of.calls) throw new Error(`${where}: ${count} requests made ${calls} upstream calls, not ${count * of.calls}`);
  const body = receivedBody(of, name);
  if (body === undefined) return;
  const key = `${body.length}:${crc32(body)}`;
  if ((tally[key] ?? 0) !== count) throw new Error(`${where}: the upstream got other bytes than were sent: ${JSON.stringify(tally)}`);
}

/** The value below which that share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
