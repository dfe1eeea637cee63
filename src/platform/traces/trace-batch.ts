import type { TraceFilter } from "../../core/trace/trace-filter.ts";
import type { TraceRecord } from "../../core/trace/trace-record.ts";

/** Which object holds a trace. */
export interface TracePlace {
  readonly project: string;
  /** The UTC day on which the trace started, `2026-11-20`. */
  readonly day: string;
  /** 0 or more. */
  readonly shard: number;
  /** Where the object has to stay; `null`: anywhere. An object inside a jurisdiction is another one than its namesake outside. */
  readonly jurisdiction: "eu" | "us" | null;
}

/** Closed traces on their way into one object. */
export interface TraceBatch {
  /** The same when the batch is sent again: it is stored once. */
  readonly id: string;
  readonly place: TracePlace;
  readonly retentionDays: number;
  readonly records: readonly BatchedTrace[];
}

/** A trace as it is stored. */
export interface BatchedTrace {
  readonly startedAtMs: number;
  /** The `TraceRecord` as JSON. */
  readonly json: string;
  /** Left out: nothing of what was said is kept. */
  readonly content?: BatchedContent;
}

/** What was said, as it is stored. */
export interface BatchedContent {
  /** Of the trace's id. */
  readonly tail: string;
  /** The `TraceContent` as JSON. */
  readonly json: string;
}

/** A question to one object. */
export interface StoreQuery {
  readonly filter: TraceFilter;
  /** Only traces with a smaller tail; `null`: from the newest on. */
  readonly before: string | null;
  readonly limit: number;
  /** Packs to open at most. */
  readonly maxPacks: number;
}

/** What one object answers, newest first. */
export interface StorePage {
  readonly traces: readonly TraceRecord[];
  /** Everything with this tail or a greater one was looked at; `null`: all that the object holds. */
  readonly completeTo: string | null;
}

/** What the traces of one object come to that started in one bucket of time. */
export interface StoreBucket {
  readonly startMs: number;
  /** JSON arrays of `RollupCell`, to be added up: text is what crosses between objects cheaply, and what is stored. */
  readonly cells: readonly string[];
}
