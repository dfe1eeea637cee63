import { type Dimension, DIMENSIONS, Rollup, type RollupCell, valueOf } from "../core/trace-rollup.ts";
import type { TraceRecord } from "../core/trace-record.ts";
import type { RollupBucket, RollupQuery } from "../web/api/services.ts";

/** ms of what one row counts. */
export const MINUTE_MS = 60_000;

export const ROLLUP_STATEMENTS = `
    -- What the sealed traces of one minute come to.
    CREATE TABLE trace_rollup (
      minute_ms INTEGER PRIMARY KEY, -- in which they started, ms since the epoch
      cells     TEXT NOT NULL        -- JSON array, one element per kind: see RollupCell
    );`;

type Row = { minute_ms: number; cells: string };

/** The counts of one object. Every sealed trace is in exactly one. */
export class TraceRollups {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Counts traces that are being sealed: one row per minute in which some started. */
  count(traces: readonly TraceRecord[]): void {
    for (const [minuteMs, rollup] of byMinute(traces)) {
      const [row] = this.#sql.exec<Row>("SELECT * FROM trace_rollup WHERE minute_ms = ?", minuteMs).toArray();
      if (row !== undefined) rollup.add(parseCells(row.cells));
      const cells = JSON.stringify(rollup.cells());
      this.#sql.exec(
        "INSERT INTO trace_rollup (minute_ms, cells) VALUES (?, ?) ON CONFLICT DO UPDATE SET cells = excluded.cells",
        minuteMs,
        cells,
      );
    }
  }

  /** Counts by time and by one dimension; `unsealed`: traces that are in no row yet. */
  read(query: RollupQuery, unsealed: readonly TraceRecord[]): readonly RollupBucket[] {
    const buckets = new Map<number, Rollup>();
    const add = (minuteMs: number, cells: readonly RollupCell[]): void => {
      if (minuteMs < query.sinceMs || minuteMs >= query.untilMs) return;
      const startMs = minuteMs - (minuteMs % query.stepMs);
      const rollup = buckets.get(startMs) ?? new Rollup();
      buckets.set(startMs, rollup);
      for (const cell of cells) if (isWanted(cell, query)) rollup.of(query.by === null ? [] : [valueOf(cell.kind, query.by)]).add(cell);
    };
    const rows = this.#sql.exec<Row>(
      "SELECT * FROM trace_rollup WHERE minute_ms >= ? AND minute_ms < ? ORDER BY minute_ms",
      query.sinceMs,
      query.untilMs,
    );
    for (const row of rows) add(row.minute_ms, parseCells(row.cells));
    for (const [minuteMs, rollup] of byMinute(unsealed)) add(minuteMs, rollup.cells());
    return [...buckets].map(([startMs, rollup]) => ({ startMs, cells: rollup.cells() }));
  }
}

function byMinute(traces: readonly TraceRecord[]): ReadonlyMap<number, Rollup> {
  const minutes = new Map<number, Rollup>();
  for (const trace of traces) {
    const startedAtMs = Date.parse(trace.started_at);
    const minuteMs = startedAtMs - (startedAtMs % MINUTE_MS);
    const rollup = minutes.get(minuteMs) ?? new Rollup();
    minutes.set(minuteMs, rollup);
    rollup.count(trace);
  }
  return minutes;
}

function isWanted({ kind }: RollupCell, { where }: RollupQuery): boolean {
  return DIMENSIONS.every((dimension: Dimension) => where[dimension] === undefined || where[dimension] === valueOf(kind, dimension));
}

/** Written by this Worker, so not checked again. */
function parseCells(text: string): readonly RollupCell[] {
  return JSON.parse(text) as RollupCell[];
}
