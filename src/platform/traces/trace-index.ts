import { DurableObject } from "cloudflare:workers";
import type { Env } from "../env.ts";
import { LazyTables } from "../lazy-tables.ts";
import type { TracePlace } from "./trace-batch.ts";

const TABLES = {
  table: "place",
  statements: [
    "CREATE TABLE place (",
    // UTC day of the traces' start, 2026-11-20
    "day TEXT NOT NULL,",
    // 0 or more
    "shard INTEGER NOT NULL,",
    // eu or us; empty: none
    "jurisdiction TEXT NOT NULL,",
    "PRIMARY KEY (day, shard, jurisdiction)) WITHOUT ROWID;",
  ].join(""),
};

type Row = { day: string; shard: number; jurisdiction: string };

/**
 * Which objects hold a project's traces, one index per project. Each trace store enters itself before it first stores anything: so a reader asks no day
 * that has no traces, and finds those written when `shards` or `jurisdiction` had another value. Costs one call and one row per object and day.
 */
export class TraceIndex extends DurableObject<Env> {
  readonly #sql = this.ctx.storage.sql;
  readonly #tables = new LazyTables(this.#sql, TABLES);

  /** Enters a place; again is no harm. */
  enter(place: TracePlace): void {
    this.#tables.create();
    const { day, shard, jurisdiction } = place;
    this.#sql.exec("INSERT OR IGNORE INTO place (day, shard, jurisdiction) VALUES (?, ?, ?)", day, shard, jurisdiction ?? "");
  }

  /** Strikes a place whose traces are gone. */
  strike(place: TracePlace): void {
    if (!this.#tables.exist()) return;
    const { day, shard, jurisdiction } = place;
    this.#sql.exec("DELETE FROM place WHERE day = ? AND shard = ? AND jurisdiction = ?", day, shard, jurisdiction ?? "");
  }

  /** The places of the days `from` to `to`, both included, newest day first. */
  places(project: string, days: { readonly from: string; readonly to: string }): readonly TracePlace[] {
    if (!this.#tables.exist()) return [];
    const rows = this.#sql
      .exec<Row>("SELECT * FROM place WHERE day >= ? AND day <= ? ORDER BY day DESC, shard", days.from, days.to)
      .toArray();
    return rows.map(({ day, shard, jurisdiction }) => ({ project, day, shard, jurisdiction: jurisdictionOf(jurisdiction) }));
  }
}

function jurisdictionOf(text: string): TracePlace["jurisdiction"] {
  return text === "eu" || text === "us" ? text : null;
}
