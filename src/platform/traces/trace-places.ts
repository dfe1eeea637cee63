import { utcDay } from "../../core/trace/trace-id.ts";
import type { Env } from "../env.ts";
import { within } from "../jurisdiction.ts";
import type { TracePlace } from "./trace-batch.ts";
import type { TraceIndex } from "./trace-index.ts";
import type { TraceFeed } from "./trace-feed.ts";
import type { TraceStore } from "./trace-store.ts";

/** ms of a UTC day; UTC has no longer or shorter ones. */
export const DAY_MS = 86_400_000;

/** When a UTC day began, ms since the epoch. */
export function dayStartMs(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

/** The first day whose traces are still kept. */
export function firstKeptDay(nowMs: number, retentionDays: number): string {
  return utcDay(nowMs - retentionDays * DAY_MS);
}

/** The object for a place. */
export function storeAt(env: Env, place: TracePlace): DurableObjectStub<TraceStore> {
  return within(env.TRACE_STORE, env, place.jurisdiction).getByName(`${place.project}/${place.day}/${place.shard}`);
}

/** The object that those are connected to who watch a project's traces. It is where the traces are. */
export function feedAt(env: Env, { project, jurisdiction }: Pick<TracePlace, "project" | "jurisdiction">): DurableObjectStub<TraceFeed> {
  return within(env.TRACE_FEED, env, jurisdiction).getByName(project);
}

/** The object that knows which places a project's traces lie in. */
export function indexOf(env: Env, project: string): DurableObjectStub<TraceIndex> {
  return env.TRACE_INDEX.getByName(project);
}
