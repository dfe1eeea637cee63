import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import type { Inspector } from "../../bench/inspector.ts";
import { memoryBytes } from "../../bench/process-usage.ts";
import type { Gateway } from "./gateway.ts";

/** By then traces have left the sink and their store, and timers of requests that are over have been let go, ms. */
const QUIET_MS = 2_000;
/** How often an idle Worker is woken while the inspector waits for it, ms. */
const WAKING_MS = 50;

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

/** Measures the Worker that is inspected, in the workerd that this process started, once it has been left alone for a while. */
export async function quietMemoryOf(inspector: Inspector, gateway: Gateway): Promise<Memory> {
  await sleep(QUIET_MS);
  // workerd answers its inspector only while the Worker has something to do.
  const over = new AbortController();
  const [memory] = await Promise.all([memoryOf(inspector).finally(() => over.abort()), wake(gateway, over.signal)]);
  return memory;
}

async function wake(gateway: Gateway, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await (await gateway.fetch("/health")).arrayBuffer();
    await sleep(WAKING_MS);
  }
}

async function memoryOf(inspector: Inspector): Promise<Memory> {
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
export function workerdOf(parent: number): number {
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
