import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { Gateway } from "../support/gateway.ts";

/** How long the machine does nothing else now and then, and how long it is left alone at most between that, ms. */
const LONGEST_STALL_MS = 120;
const LONGEST_PAUSE_MS = 400;

/** Threads per core that only burn time: each of the others gets a share of it. */
const BURNERS_PER_CORE = 3;

/** A body that the Worker reads for tens of milliseconds, in which its timers and its sockets wait: many short strings with escapes. */
const LONG_BODY = JSON.stringify({ model: "nobody::nothing", messages: Array.from({ length: 120_000 }, () => '\n"a"\\') });

/**
 * Makes a fast machine a slow one until `over` aborts: the cores are shared with others, now and then the upstreams and callers, which live in this process,
 * stand still, and the Worker is kept busy, so that limits strike late, and what came in time is read late.
 */
export async function slowDown(gateway: Gateway, over: AbortSignal): Promise<void> {
  const burners = Array.from({ length: availableParallelism() * BURNERS_PER_CORE }, () => new Worker("for (;;);", { eval: true }));
  await keepBusy(gateway, over);
  await Promise.all(burners.map((burner) => burner.terminate()));
}

async function keepBusy(gateway: Gateway, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await sleep(Math.random() * LONGEST_PAUSE_MS);
    const busy = gateway.fetch("/v1/chat/completions", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: LONG_BODY,
    });
    standStill(Math.random() * LONGEST_STALL_MS);
    await (await busy).arrayBuffer();
  }
}

function standStill(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
