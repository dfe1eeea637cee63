import type { RoutingTable } from "../routing/routing-table.ts";
import type { IssuedKey } from "./issued-key.ts";

/**
 * What an isolate tells a project's governor. Worker and object may be of two deploys for some minutes, so messages only grow: a further field is optional,
 * and whoever does not know one passes over it.
 */
export interface PulseReport {
  readonly project: string;
  /** Of its own choice, the same as long as it lives. */
  readonly isolate: string;
  /** The last change that it knows of; 0: none. */
  readonly since: number;
}

/** What the governor answers. */
export interface PulseAnswer {
  /** The last change of which this answer tells. */
  readonly rev: number;
  /** Changed since then, in that order; to an isolate that knows of none, what KV may not show yet. */
  readonly keys: readonly IssuedKey[];
  /** There are more than one answer holds: ask again at once. */
  readonly more: boolean;
  /** What serves the project; `null`: KV alone knows. */
  readonly config: ConfigPointer | null;
  /** After which time the isolate asks again, ms. */
  readonly nextMs: number;
}

/** A published version, and since when it serves. */
export interface ConfigPointer {
  readonly version: string;
  /** ms since the epoch, later than of any publication before. */
  readonly publishedAtMs: number;
}

/** Whether isolates that serve this configuration ask the governor: nothing else of it needs one. */
export function needsPulse({ issued }: Pick<RoutingTable, "issued">): boolean {
  return issued;
}

/** How long an isolate's state serves without a call, ms, unless the governor says longer. */
export const FRESH_MS = 5_000;

/** How old state may be that a request is served by without waiting, ms: what the governor knows is in force everywhere by then. */
export const STALE_MS = 15_000;

/** How long a request waits for the governor, ms. */
export const MAX_PULSE_WAIT_MS = 250;

/** ms that each isolate heard lately adds to the time between two of its pulses: 400 pulses a second at most, of the 1,000 that an object should be asked. */
const MS_PER_ISOLATE = 2.5;

/** After which time isolates ask again, by how many were heard lately. */
export function nextPulseMs(isolates: number): number {
  return Math.max(FRESH_MS, isolates * MS_PER_ISOLATE);
}

/** What an isolate knows of its asking, ms since the epoch; `-Infinity`: never. */
export interface PulseTimes {
  /** When the last pulse that was answered began. */
  readonly heardAtMs: number;
  /** When a pulse last began. */
  readonly claimedAtMs: number;
  /** When one last failed, or came too late. */
  readonly failedAtMs: number;
  readonly nextMs: number;
}

/** What a request does: nothing, ask behind its own back, or wait for the answer. */
export type PulseNeed = "none" | "background" | "wait";

/** Whether a request that comes now asks. One pulse at a time; after a failure nobody waits, or asks, for 5 s. */
export function pulseNeed({ heardAtMs, claimedAtMs, failedAtMs, nextMs }: PulseTimes, nowMs: number): PulseNeed {
  const ageMs = nowMs - heardAtMs;
  if (ageMs < nextMs && ageMs < STALE_MS) return "none";
  if (nowMs - failedAtMs < FRESH_MS) return "none";
  if (ageMs >= STALE_MS) return "wait";
  return nowMs - claimedAtMs < FRESH_MS ? "none" : "background";
}

/** How long an isolate counts as alive after it was heard, ms. */
const ALIVE_MS = 3 * FRESH_MS;

/** How often those are forgotten who were not heard, ms. */
const SWEEP_MS = 1_000;

/** The isolates that a governor has heard lately. */
export class HeardIsolates {
  readonly #heardAtMs = new Map<string, number>();
  #sweptAtMs = -Infinity;
  #nextMs = FRESH_MS;

  /** Notes one, and tells when it is to ask again. */
  hear(isolate: string, nowMs: number): number {
    this.#heardAtMs.set(isolate, nowMs);
    if (nowMs - this.#sweptAtMs >= SWEEP_MS) this.#sweep(nowMs);
    this.#nextMs = nextPulseMs(this.#heardAtMs.size);
    return this.#nextMs;
  }

  #sweep(nowMs: number): void {
    this.#sweptAtMs = nowMs;
    // Those who were told to wait longer are silent for longer.
    const aliveMs = Math.max(ALIVE_MS, 2 * this.#nextMs);
    for (const [isolate, heardAtMs] of this.#heardAtMs) if (nowMs - heardAtMs >= aliveMs) this.#heardAtMs.delete(isolate);
  }
}
