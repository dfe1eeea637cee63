import { factsOf, readFacts, type TraceFacts, writeFacts } from "../../core/trace/trace-facts.ts";
import type { TraceRecord } from "../../core/trace/trace-record.ts";
import type { Dimension } from "../../core/trace/trace-rollup.ts";
import { Tally } from "../../core/trace/trace-tally.ts";
import type { RollupQuery } from "../../web/api/services.ts";
import { deflated, inflated } from "./deflated.ts";
import type { StoreBucket } from "./trace-batch.ts";
import type { TracePacks } from "./trace-packs.ts";

/** Cells of one answer, some 1.5 MB: several stores answer at once, into the memory of one isolate. */
const MAX_CELLS = 5_000;

/** Comments stand outside of the SQL: inside they would be a part of the script. */
const TABLE = [
  "CREATE TABLE IF NOT EXISTS trace_facts (",
  // of the pack
  "position INTEGER PRIMARY KEY,",
  // what of its traces is counted, as `writeFacts` writes it, raw deflate
  "facts BLOB NOT NULL);",
].join("");

/**
 * Counts by whatever was not counted when the traces were stored: by users or sessions, of whom there may be any number, and by two dimensions at once. Read of
 * the facts that are kept beside each pack, when somebody asks.
 */
export class TraceTallies {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Keeps the facts of a pack, in the transaction that writes it. */
  add(position: number, traces: readonly TraceRecord[]): void {
    this.#sql.exec(TABLE);
    this.#sql.exec("INSERT OR REPLACE INTO trace_facts (position, facts) VALUES (?, ?)", position, deflated(writeFacts(traces)));
  }

  /** Counts by time and kind; `unsealed`: traces that are in no pack yet. */
  read(query: RollupQuery, packs: TracePacks, unsealed: readonly TraceRecord[]): readonly StoreBucket[] {
    const { by, and, stepMs, sinceMs, untilMs } = query;
    const dimensions = and === undefined ? [by] : [by, and];
    const tally = new Tally();
    const count = (traces: readonly TraceFacts[]): void => {
      for (const { startMs, kind, counted } of traces) {
        if (startMs >= sinceMs && startMs < untilMs) tally.count(startMs - (startMs % stepMs), kind, counted);
      }
    };
    const hasFacts = this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'trace_facts'").toArray().length > 0;
    for (const position of packs.between(sinceMs, untilMs)) {
      const facts = hasFacts ? this.#factsAt(position, dimensions) : undefined;
      // A pack that an earlier deploy sealed is opened.
      count(facts ?? packs.tracesAt(position).map((trace) => factsOf(trace, dimensions)));
    }
    count(unsealed.map((trace) => factsOf(trace, dimensions)));
    return tally.buckets(MAX_CELLS).map(({ startMs, cells }) => ({ startMs, cells: [JSON.stringify(cells)] }));
  }

  #factsAt(position: number, dimensions: readonly Dimension[]): readonly TraceFacts[] | undefined {
    const [row] = this.#sql.exec<{ facts: ArrayBuffer }>("SELECT facts FROM trace_facts WHERE position = ?", position).toArray();
    return row === undefined ? undefined : readFacts(inflated(row.facts), dimensions);
  }
}
