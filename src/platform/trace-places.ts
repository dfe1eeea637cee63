import { utcDay } from "../core/trace-id.ts";
import type { Env } from "./env.ts";
import type { TracePlace } from "./trace-batch.ts";
import type { TraceIndex } from "./trace-index.ts";
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

/** The object for a place. Local workerd has no jurisdictions and throws when asked for one, so `to11 dev` does without. */
export function storeAt(env: Env, place: TracePlace): DurableObjectStub<TraceStore> {
  const { jurisdiction } = place;
  const everywhere = jurisdiction === null || env.TO11_DEV !== undefined;
  const namespace = everywhere ? env.TRACE_STORE : env.TRACE_STORE.jurisdiction(jurisdiction);
  return namespace.getByName(`${place.project}/${place.day}/${place.shard}`);
}

/** The object that knows which places a project's traces lie in. */
export function indexOf(env: Env, project: string): DurableObjectStub<TraceIndex> {
  return env.TRACE_INDEX.getByName(project);
}
