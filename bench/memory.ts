import { type ContenderName, MEMORY_CASE } from "./cases.ts";
import { startContender } from "./contenders.ts";
import { type Bench, measure } from "./measure.ts";
import { proveTraces } from "./traces.ts";
import { forgetPeak, memoryBytes } from "./process-usage.ts";

/** What a fresh process of a contender takes. */
export interface Footprint {
  /** From its start to its first answer, ms. */
  readonly startMs: number;
  /** Bytes in memory after the first answer. */
  readonly restBytes: number;
  /** Bytes in memory at most while 64 prompts of 1 MB were under way. */
  readonly peakBytes: number;
}

/** Contenders whose memory is compared. */
export const FOOTPRINT_CONTENDERS = ["forward", "parse-forward", "gateway", "peer"] as const satisfies readonly ContenderName[];

const REST_AFTER_MS = 300;

/** Starts a contender anew, and measures it at rest and under its heaviest load. */
export async function footprintOf(bench: Bench, name: (typeof FOOTPRINT_CONTENDERS)[number]): Promise<Footprint> {
  const server = await startContender(name, bench.field);
  if (server === undefined) throw new Error(`${name} has no process`);
  try {
    await new Promise((resolve) => setTimeout(resolve, REST_AFTER_MS));
    const { now: restBytes } = memoryBytes(server.pid);
    forgetPeak(server.pid);
    const own = { ...bench, running: new Map([[name, server]]), traced: [] };
    await measure(own, MEMORY_CASE, name, MEMORY_CASE.count);
    const { peak: peakBytes } = memoryBytes(server.pid);
    await proveTraces(own.traced);
    return { startMs: server.startMs, restBytes, peakBytes };
  } finally {
    await server.stop();
  }
}
