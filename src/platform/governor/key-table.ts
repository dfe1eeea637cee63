import type { IssuedKey } from "../../core/governance/issued-key.ts";
import type { KeyCursor } from "../../core/governance/key-order.ts";
import { LazyTables } from "../lazy-tables.ts";
import { readRecord, writeRecord } from "./key-record.ts";

const TABLES = {
  table: "issued_key",
  statements: `
    CREATE TABLE issued_key (
      id          TEXT PRIMARY KEY, -- k and 12 of [a-z0-9]
      project     TEXT NOT NULL,    -- the same in every row
      rev         INTEGER NOT NULL, -- count of the project's changes at the last one to this key, from 1
      created_at  INTEGER NOT NULL, -- ms since the epoch
      changed_at  INTEGER NOT NULL, -- ms since the epoch
      distributed INTEGER NOT NULL, -- 1: KV has taken it; 0: still to be written
      record      TEXT NOT NULL     -- JSON as KV holds it: digests, no secret
    ) WITHOUT ROWID;
    CREATE INDEX issued_key_by_rev ON issued_key (rev);
    CREATE INDEX issued_key_by_change ON issued_key (changed_at);
    CREATE INDEX issued_key_by_age ON issued_key (created_at, id);
    CREATE INDEX issued_key_to_write ON issued_key (rev) WHERE distributed = 0;`,
};

interface Row {
  readonly [column: string]: SqlStorageValue;
  readonly project: string;
  readonly record: string;
}

/** A project's issued keys, in the SQLite of its governor. */
export class KeyTable {
  readonly #sql: SqlStorage;
  readonly #tables: LazyTables;
  #rev: number | undefined;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#tables = new LazyTables(sql, TABLES);
  }

  /** Whether any key was ever made. */
  exist(): boolean {
    return this.#tables.exist();
  }

  /** The count of changes; 0: none yet. */
  rev(): number {
    if (!this.exist()) return 0;
    this.#rev ??= this.#sql.exec<{ rev: number | null }>("SELECT MAX(rev) AS rev FROM issued_key").one().rev ?? 0;
    return this.#rev;
  }

  get(id: string): IssuedKey | undefined {
    return this.exist() ? this.#read("SELECT * FROM issued_key WHERE id = ?", id)[0] : undefined;
  }

  /** Keeps a new or changed key as the next change. */
  put(project: string, key: Omit<IssuedKey, "rev">): IssuedKey {
    const next = { ...key, rev: this.rev() + 1 };
    this.keep(project, next, "to_write");
    return next;
  }

  /** Keeps a record as it is. */
  keep(project: string, key: IssuedKey, kv: "to_write" | "has_it"): void {
    this.#tables.create();
    this.#sql.exec(
      "INSERT OR REPLACE INTO issued_key (id, project, rev, created_at, changed_at, distributed, record) VALUES (?, ?, ?, ?, ?, ?, ?)",
      key.id,
      project,
      key.rev,
      key.createdAtMs,
      key.changedAtMs,
      kv === "has_it" ? 1 : 0,
      writeRecord(key),
    );
    this.#rev = Math.max(this.#rev ?? 0, key.rev);
  }

  /** Those changed after `since`, in that order; to somebody who knows of none (0), those changed later than `sinceMs` or not yet in KV. */
  changed(since: number, sinceMs: number, limit: number): readonly IssuedKey[] {
    if (!this.exist() || since === this.rev()) return [];
    if (since > 0) return this.#read("SELECT * FROM issued_key WHERE rev > ? ORDER BY rev LIMIT ?", since, limit);
    return this.#read("SELECT * FROM issued_key WHERE changed_at > ? OR distributed = 0 ORDER BY rev LIMIT ?", sinceMs, limit);
  }

  /** The newest first. */
  list(limit: number, before: KeyCursor | null): readonly IssuedKey[] {
    if (!this.exist()) return [];
    const { createdAtMs, id } = before ?? { createdAtMs: Number.MAX_SAFE_INTEGER, id: "" };
    return this.#read(
      "SELECT * FROM issued_key WHERE (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?",
      createdAtMs,
      id,
      limit,
    );
  }

  /** The first of those that KV has not taken; `undefined`: it has all. */
  toWrite(): { readonly project: string; readonly key: IssuedKey } | undefined {
    if (!this.exist()) return undefined;
    const [row] = this.#sql.exec<Row>("SELECT * FROM issued_key WHERE distributed = 0 ORDER BY rev LIMIT 1").toArray();
    const key = row === undefined ? undefined : readRecord(row.record);
    return row === undefined || key === undefined ? undefined : { project: row.project, key };
  }

  /** That KV has taken this record, unless there is a newer one by now. */
  markWritten({ id, rev }: IssuedKey): void {
    this.#sql.exec("UPDATE issued_key SET distributed = 1 WHERE id = ? AND rev = ?", id, rev);
  }

  #read(query: string, ...bindings: readonly (string | number)[]): readonly IssuedKey[] {
    return this.#sql
      .exec<Row>(query, ...bindings)
      .toArray()
      .flatMap(({ record }) => readRecord(record) ?? []);
  }
}
