import { setTimeout as sleep } from "node:timers/promises";
import { GATEWAY_KEY, type Gateway } from "../support/gateway.ts";
import type { FaultyUpstream } from "../support/faulty-upstream.ts";
import { ask } from "../support/lawful-call.ts";
import type { Got } from "../support/laws.ts";
import { callAndStay } from "../support/leaving-caller.ts";
import { chat } from "../support/upstream.ts";
import type { Chance, Planned } from "./chance.ts";

/** A caller who left is forgotten after so long, ms. */
const GONE_MS = 50;

/** A soak's bounds, and whom to tell. */
export interface SoakOrder {
  readonly gateway: Gateway;
  readonly upstream: FaultyUpstream;
  readonly requests: number;
  readonly concurrency: number;
  /** Where the requests come from: those of another order with the same one go on after these. */
  readonly chance: Chance;
  /** A request that has not ended by then never does, ms: the slowest route gives up long before. */
  readonly hungMs: number;
  /** No request begins after this long, ms. */
  readonly longestMs: number;
  /** Called after each request with how many are over. */
  readonly over: (done: number) => void;
}

/** What became of one request. */
export interface Driven {
  readonly planned: Planned;
  readonly end: Got | "left" | "hung";
}

/** Drives all requests to their end. */
export async function drive(order: SoakOrder): Promise<readonly Driven[]> {
  const driven: Driven[] = [];
  const startedAt = performance.now();
  let begun = 0;
  async function worker(): Promise<void> {
    while (begun < order.requests && performance.now() - startedAt < order.longestMs) {
      begun += 1;
      const planned = order.chance.plan();
      order.upstream.expect(planned.user, planned.acts);
      driven.push({ planned, end: await driveOne(order, planned) });
      order.over(driven.length);
    }
  }
  await Promise.all(Array.from({ length: order.concurrency }, worker));
  return driven;
}

async function driveOne({ gateway, hungMs }: SoakOrder, planned: Planned): Promise<Driven["end"]> {
  const over = new AbortController();
  const hung = sleep(hungMs, "hung" as const, { signal: over.signal }).catch(() => "hung" as const);
  const end = await Promise.race([planned.leaving === undefined ? ask(gateway, planned) : leave(gateway, planned, planned.leaving), hung]);
  over.abort();
  return end;
}

async function leave(gateway: Gateway, { route, stream, user }: Planned, how: NonNullable<Planned["leaving"]>): Promise<"left"> {
  const caller = await callAndStay(`${gateway.url}/v1/chat/completions`, {
    headers: {
      "x-to11-authorization": `Bearer ${GATEWAY_KEY}`,
      authorization: "Bearer key-of-the-caller",
      "content-type": "application/json",
    },
    body: JSON.stringify(chat(route.model, { user, ...(stream ? { stream } : {}) })),
  });
  await sleep(how.afterMs);
  caller[how.way]();
  await sleep(GONE_MS);
  return "left";
}
