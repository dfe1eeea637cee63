import { LazyTables } from "../lazy-tables.ts";

/** One line of a project's history. */
export interface PublicationRow {
  readonly [column: string]: SqlStorageValue;
  readonly seq: number;
  readonly project: string;
  readonly version: string;
  readonly published_at: number;
  readonly author: string | null;
  readonly distributed: number;
}

/** A document and its version. */
export interface StoredDocument {
  readonly version: string;
  readonly text: string;
}

/*
 * Comments within a statement would be part of the script.
 * document: `version`: SHA-256 of the text, 64 hex digits; `text`: the document as KV holds it.
 * publication: `seq`: order of publishing, from 1, the greatest one serves; `project`: the same in every row; `version`: of the document; `published_at`: ms since
 * the epoch; `author`: the label given with it, NULL: none was given; `rolled_back_from`: the version that served before a rollback, NULL: not a rollback, or nothing
 * served; `distributed`: 1: KV has it, or a later one, 0: still to be written.
 */
const TABLES = {
  table: "publication",
  statements: `
    CREATE TABLE document (version TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE publication (
      seq INTEGER PRIMARY KEY,
      project TEXT NOT NULL,
      version TEXT NOT NULL,
      published_at INTEGER NOT NULL,
      author TEXT,
      rolled_back_from TEXT,
      distributed INTEGER NOT NULL
    );`,
};

/*
 * By themselves: objects of an earlier deploy have the others only.
 * deploy: `built_at`: ms since the epoch, by the clock of the machine that built it; `version`: of the file it brought.
 */
const DEPLOYS = {
  table: "deploy",
  statements: `
    CREATE TABLE deploy (built_at INTEGER NOT NULL, version TEXT NOT NULL, PRIMARY KEY (built_at, version)) WITHOUT ROWID;`,
};

/** A project's history and documents, in the SQLite of its registry. */
export class Publications {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  readonly #tables: LazyTables;
  readonly #deploys: LazyTables;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    this.#tables = new LazyTables(storage.sql, TABLES);
    this.#deploys = new LazyTables(storage.sql, DEPLOYS);
  }

  /** Newest first. */
  list(limit: number): readonly PublicationRow[] {
    if (!this.#tables.exist()) return [];
    return this.#sql.exec<PublicationRow>("SELECT * FROM publication ORDER BY seq DESC LIMIT ?", limit).toArray();
  }

  /** What serves; `undefined`: nothing was published. */
  newest(): PublicationRow | undefined {
    return this.list(1)[0];
  }

  /** The newest publication of a version. */
  newestOf(version: string): PublicationRow | undefined {
    if (!this.#tables.exist()) return undefined;
    return this.#sql.exec<PublicationRow>("SELECT * FROM publication WHERE version = ? ORDER BY seq DESC LIMIT 1", version).toArray()[0];
  }

  /** Keeps a document and its publication, or nothing. @throws Error of the storage, which may be full. */
  add(
    document: StoredDocument,
    entry: Omit<PublicationRow, "seq" | "version" | "distributed"> & { readonly rolled_back_from: string | null },
  ): void {
    try {
      this.#storage.transactionSync(() => {
        this.#tables.create();
        this.#sql.exec("INSERT OR IGNORE INTO document (version, text) VALUES (?, ?)", document.version, document.text);
        this.#sql.exec(
          "INSERT INTO publication (project, version, published_at, author, rolled_back_from, distributed) VALUES (?, ?, ?, ?, ?, 0)",
          entry.project,
          document.version,
          entry.published_at,
          entry.author,
          entry.rolled_back_from,
        );
      });
    } catch (error) {
      this.#tables.forget();
      throw error;
    }
  }

  /** At most two documents whose version begins with `prefix`. */
  startingWith(prefix: string): readonly StoredDocument[] {
    if (!this.#tables.exist()) return [];
    // "g" follows every hex digit.
    const range = [prefix, `${prefix}g`] as const;
    const rows = this.#sql.exec<{ version: string; text: string }>(
      "SELECT version, text FROM document WHERE version >= ? AND version < ? LIMIT 2",
      ...range,
    );
    return rows.toArray();
  }

  /** That a deploy was seen. Whether it is the first time. */
  noteDeploy(version: string, builtAtMs: number): boolean {
    this.#deploys.create();
    return this.#sql.exec("INSERT OR IGNORE INTO deploy (built_at, version) VALUES (?, ?)", builtAtMs, version).rowsWritten > 0;
  }

  /** That KV is to be written again. */
  markUndistributed(seq: number): void {
    this.#sql.exec("UPDATE publication SET distributed = 0 WHERE seq = ?", seq);
  }

  /** That KV has everything up to this one. */
  markDistributed(seq: number): void {
    this.#sql.exec("UPDATE publication SET distributed = 1 WHERE seq <= ? AND distributed = 0", seq);
  }
}
