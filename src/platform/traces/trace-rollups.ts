import {
  countedOf,
  kindOf,
  OTHER,
  ROLLED_DIMENSIONS,
  type RolledDimension,
  Rollup,
  type RollupCell,
} from "../../core/trace/trace-rollup.ts";
import type { TraceRecord } from "../../core/trace/trace-record.ts";
import type { RollupQuery } from "../../web/api/services.ts";
import { deflated, inflated } from "./deflated.ts";
import type { StoreBucket } from "./trace-batch.ts";

/**
 * What one row counts, ms. Minutes are written with the traces; a longer row is what its parts came to when somebody asked, kept until a trace comes late.
 */
const MINUTE_MS = 60_000;
const LONGER_MS = [3_600_000, 900_000, 300_000];

/** So long after its end a longer row is worth keeping: hardly any trace of that time is still to come, ms. */
const SETTLED_MS = 600_000;

/**
 * Characters of one dimension in a row. They are digits, which deflate to less than half, and names; those that callers make up are 300 of 128 characters in
 * two dimensions. So a row stays below 1 MB of the 2 that it may have.
 */
const MAX_LENGTH = 200_000;

/** So many parts of a bucket are not worth sending one by one. */
const MANY = 3;

/**
 * What the sealed traces come to that started within so many ms from `start_ms`, ms since the epoch. `counts`: one line of JSON per dimension, in the order of
 * `ROLLED_DIMENSIONS`, each an array with one `RollupCell` per value; raw deflate: the lines tell much the same.
 */
export const ROLLUP_STATEMENTS = [MINUTE_MS, ...LONGER_MS]
  .map((width) => `CREATE TABLE trace_rollup_${width} (start_ms INTEGER PRIMARY KEY, counts BLOB NOT NULL);`)
  .join("");

/** A question for counts by a dimension that traces are counted by as they are stored. */
export type RolledQuery = RollupQuery & { readonly by: RolledDimension };

interface Range {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** Counts of one stretch of time by each dimension. */
type Counts = ReadonlyMap<RolledDimension, Rollup>;

/** The counts of one object. Every sealed trace is in exactly one minute's. */
export class TraceRollups {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Counts traces that are being sealed: one row per minute in which some started. */
  count(traces: readonly TraceRecord[]): void {
    for (const [startMs, ofMinute] of Map.groupBy(traces, (trace) => floor(Date.parse(trace.started_at), MINUTE_MS))) {
      const counts = countsOf(this.#rows(MINUTE_MS, { sinceMs: startMs, untilMs: startMs + MINUTE_MS }));
      for (const trace of ofMinute) {
        const counted = countedOf(trace);
        for (const [dimension, rollup] of counts) rollup.of(kindOf(trace, dimension)).count(counted);
      }
      this.#keep(MINUTE_MS, startMs, counts);
      for (const width of LONGER_MS) this.#sql.exec(`DELETE FROM trace_rollup_${width} WHERE start_ms = ?`, floor(startMs, width));
    }
  }

  /** Counts by time and by one dimension; `unsealed`: traces that are in no row yet. */
  read({ by, stepMs, sinceMs, untilMs }: RolledQuery, unsealed: readonly TraceRecord[]): readonly StoreBucket[] {
    const buckets = new Map<number, string[]>();
    const bucketOf = (timeMs: number): string[] => {
      const startMs = floor(timeMs, stepMs);
      const cells = buckets.get(startMs) ?? [];
      buckets.set(startMs, cells);
      return cells;
    };
    const width = LONGER_MS.find((longer) => stepMs % longer === 0) ?? MINUTE_MS;
    const kept = this.#range();
    const endMs = Math.min(untilMs, kept.untilMs);
    for (let fromMs = Math.max(sinceMs, kept.sinceMs); fromMs < endMs; fromMs = floor(fromMs, width) + width) {
      const part = { sinceMs: fromMs, untilMs: Math.min(untilMs, floor(fromMs, width) + width) };
      for (const cells of this.#cells(part, by)) bucketOf(fromMs).push(cells);
    }
    for (const [startMs, traces] of Map.groupBy(unsealed, (trace) => floor(Date.parse(trace.started_at), MINUTE_MS))) {
      if (startMs < sinceMs || startMs >= untilMs) continue;
      const rollup = new Rollup();
      for (const trace of traces) rollup.of(kindOf(trace, by)).count(countedOf(trace));
      bucketOf(startMs).push(textOf(rollup.cells()));
    }
    return [...buckets].map(([startMs, cells]) => ({ startMs, cells: mergedIfMany(cells) }));
  }

  /** The counts of a stretch by one dimension: of its minutes, or of the longer row that is as long. */
  #cells(range: Range, by: RolledDimension): readonly string[] {
    const line = ROLLED_DIMENSIONS.indexOf(by);
    const width = LONGER_MS.find((longer) => longer === range.untilMs - range.sinceMs);
    const known = width === undefined ? [] : this.#rows(width, range);
    const rows = known.length > 0 ? known : this.#rows(MINUTE_MS, range);
    const isSettled = range.untilMs + SETTLED_MS < Date.now();
    if (width !== undefined && known.length === 0 && rows.length > 0 && isSettled) this.#keep(width, range.sinceMs, countsOf(rows));
    return rows.map((lines) => lines[line] ?? "[]");
  }

  /** Each with a line per dimension. */
  #rows(width: number, { sinceMs, untilMs }: Range): readonly (readonly string[])[] {
    const query = `SELECT counts FROM trace_rollup_${width} WHERE start_ms >= ? AND start_ms < ?`;
    const rows = this.#sql.exec<{ counts: ArrayBuffer }>(query, sinceMs, untilMs).toArray();
    return rows.map(({ counts }) => inflated(counts).split("\n"));
  }

  /** From the first minute that has counts to the end of the last. */
  #range(): Range {
    const query = `SELECT min(start_ms) AS first, max(start_ms) AS last FROM trace_rollup_${MINUTE_MS}`;
    const { first, last } = this.#sql.exec<{ first: number | null; last: number | null }>(query).one();
    return { sinceMs: first ?? 0, untilMs: last === null ? 0 : last + MINUTE_MS };
  }

  #keep(width: number, startMs: number, counts: Counts): void {
    const lines = [...counts.values()].map((rollup) => textOf(rollup.cells()));
    this.#sql.exec(`INSERT OR REPLACE INTO trace_rollup_${width} (start_ms, counts) VALUES (?, ?)`, startMs, deflated(lines.join("\n")));
  }
}

/** A few are added up by whoever asked; many, of minutes, before they travel. */
function mergedIfMany(cells: readonly string[]): readonly string[] {
  if (cells.length < MANY) return cells;
  const rollup = new Rollup();
  for (const text of cells) rollup.add(parseCells(text));
  return [textOf(rollup.cells())];
}

function countsOf(rows: readonly (readonly string[])[]): Counts {
  const counts = new Map(ROLLED_DIMENSIONS.map((dimension) => [dimension, new Rollup()]));
  for (const lines of rows) for (const [index, rollup] of [...counts.values()].entries()) rollup.add(parseCells(lines[index] ?? "[]"));
  return counts;
}

/** As JSON; where that is too long, the less busy half is counted as one. */
function textOf(cells: readonly RollupCell[]): string {
  const text = JSON.stringify(cells);
  if (text.length <= MAX_LENGTH) return text;
  const rollup = new Rollup();
  const told = Math.floor(cells.length / 2);
  for (const [index, cell] of cells.entries()) rollup.of(index < told ? cell.kind : [OTHER]).add(cell);
  return textOf(rollup.cells());
}

function floor(timeMs: number, widthMs: number): number {
  return timeMs - (timeMs % widthMs);
}

/** Cells of JSON that this Worker wrote, so they are not checked again. */
export function parseCells(text: string): readonly RollupCell[] {
  return JSON.parse(text) as RollupCell[];
}
