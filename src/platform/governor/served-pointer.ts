import type { ConfigPointer } from "../../core/governance/pulse.ts";
import { LazyTables } from "../lazy-tables.ts";

const TABLES = {
  table: "served_config",
  statements: `
    CREATE TABLE served_config (
      only         INTEGER PRIMARY KEY CHECK (only = 1), -- one row
      version      TEXT NOT NULL,                        -- of the document, 64 hex digits
      published_at INTEGER NOT NULL                      -- ms since the epoch
    );`,
};

/** What serves a project, as its registry last told the governor. */
export class ServedPointer {
  readonly #sql: SqlStorage;
  readonly #tables: LazyTables;
  #known: ConfigPointer | null | undefined;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#tables = new LazyTables(sql, TABLES);
  }

  /** `null`: nobody told yet. */
  get(): ConfigPointer | null {
    this.#known ??= this.#read();
    return this.#known;
  }

  /** The later of two publications counts, whichever is told first. */
  note({ version, publishedAtMs }: ConfigPointer): void {
    if (publishedAtMs < (this.get()?.publishedAtMs ?? 0)) return;
    this.#tables.create();
    this.#sql.exec("INSERT OR REPLACE INTO served_config (only, version, published_at) VALUES (1, ?, ?)", version, publishedAtMs);
    this.#known = { version, publishedAtMs };
  }

  #read(): ConfigPointer | null {
    if (!this.#tables.exist()) return null;
    const rows = this.#sql.exec<{ version: string; published_at: number }>("SELECT version, published_at FROM served_config").toArray();
    const [row] = rows;
    return row === undefined ? null : { version: row.version, publishedAtMs: row.published_at };
  }
}
