import type { TraceContent } from "../../core/trace/trace-content.ts";
import type { BatchedContent } from "./trace-batch.ts";

/** Comments stand outside of the SQL: inside they would be a part of the script. */
const TABLE = [
  "CREATE TABLE IF NOT EXISTS content (",
  // of the trace's id
  "tail TEXT PRIMARY KEY,",
  // JSON: request, answer, truncated
  "content TEXT NOT NULL) WITHOUT ROWID;",
].join("");

/** The contents of an object's traces, in a table of their own: lists never touch it, and where none are captured it does not exist. */
export class TraceContents {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Stores contents, in the transaction of their traces. */
  add(contents: readonly BatchedContent[]): void {
    if (contents.length === 0) return;
    this.#sql.exec(TABLE);
    for (const { tail, json } of contents) this.#sql.exec("INSERT OR REPLACE INTO content (tail, content) VALUES (?, ?)", tail, json);
  }

  /** What was kept of a trace; `null`: nothing. */
  get(tail: string): TraceContent | null {
    if (this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'content'").toArray().length === 0) return null;
    const [row] = this.#sql.exec<{ content: string }>("SELECT content FROM content WHERE tail = ?", tail).toArray();
    // Written by this Worker, so it is not checked again.
    return row === undefined ? null : (JSON.parse(row.content) as TraceContent);
  }
}
