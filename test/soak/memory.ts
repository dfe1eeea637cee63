import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import * as z from "zod";
import type { Inspector } from "../../bench/inspector.ts";
import { memoryBytes } from "../../bench/process-usage.ts";

/** What a Worker holds. */
export interface Memory {
  /** Bytes that are alive in its isolate after a collection of garbage: JavaScript's heap and the buffers behind it. */
  readonly liveBytes: number;
  /** Bytes of its process, uncollected garbage and all. */
  readonly processBytes: number;
}

const heapUsage = z.object({
  usedSize: z.number(),
  backingStorageSize: z.number().default(0),
  embedderHeapUsedSize: z.number().default(0),
});

/** Measures the Worker that is inspected, in the workerd that this process started. */
export async function memoryOf(inspector: Inspector): Promise<Memory> {
  const processBytes = memoryBytes(workerdOf(process.pid)).now;
  await inspector.call("HeapProfiler.collectGarbage");
  const { usedSize, backingStorageSize, embedderHeapUsedSize } = heapUsage.parse(await inspector.call("Runtime.getHeapUsage"));
  return { liveBytes: usedSize + backingStorageSize + embedderHeapUsedSize, processBytes };
}

/** A port that nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("a server on loopback has no port");
  return address.port;
}

/** The process that runs the Worker: a child of the one that started it. */
function workerdOf(parent: number): number {
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const [, command, parentId] = /^\d+ \((.*)\) \S (\d+)/.exec(statOf(entry)) ?? [];
    if (command === "workerd" && Number(parentId) === parent) return Number(entry);
  }
  throw new Error("no workerd runs under this process");
}

function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    // It ended since the listing.
    return "";
  }
}
