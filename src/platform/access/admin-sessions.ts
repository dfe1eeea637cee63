import { DurableObject } from "cloudflare:workers";
import { hex } from "../../core/trace/traceparent.ts";
import type { AdminSessions as Sessions, SignIn, WrongKey } from "../../web/api/services.ts";
import type { Env } from "../env.ts";
import { LazyTables } from "../lazy-tables.ts";

/** How long a session lasts, ms: a working day. The cookie's life says the same. */
const SESSION_MS = 12 * 3_600_000;

/** Wrong keys from one client that cost nothing: typing mistakes. */
const FREE_FAILURES = 5;

/** The wait after the last free failure, ms; each further one doubles it. */
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 900_000;

/** After so long without a failure a client starts anew, ms. */
const FORGET_MS = 3_600_000;

/** Bytes of a session's token. */
const TOKEN_BYTES = 32;

/** Clients whose failures are remembered at most; of more, those that have failed longest ago are forgotten. */
const MAX_FAILURES = 10_000;

/*
 * Found by the index made last: objects of an earlier deploy have the tables, and no index. Comments within a statement would be part of the script.
 * session: `digest`: SHA-256 of the token, hex: who reads this cannot sign in with it; `expires_at`: ms since the epoch.
 * failure: `client`: where the wrong keys came from; `count`: wrong keys in a row; `failed_at`: the last of them, ms since the epoch.
 */
const TABLES = {
  table: "failure_by_time",
  statements: `
    CREATE TABLE IF NOT EXISTS session (digest TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS failure (client TEXT PRIMARY KEY, count INTEGER NOT NULL, failed_at INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS session_by_end ON session (expires_at);
    CREATE INDEX IF NOT EXISTS failure_by_time ON failure (failed_at);`,
};

/** Sessions of the control API and the throttle of its keys; one object for the Worker. It never sees a key. */
export class AdminSessions extends DurableObject<Env> implements Sessions {
  readonly #sql = this.ctx.storage.sql;
  readonly #tables = new LazyTables(this.#sql, TABLES);
  /** Rows of `failure`; `undefined`: not counted yet. */
  #rows: number | undefined;

  async signIn(client: string): Promise<SignIn> {
    const token = hex(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)));
    const digest = await digestOf(token);
    const nowMs = Date.now();
    this.#tables.create();
    this.#sql.exec("DELETE FROM session WHERE expires_at <= ?", nowMs);
    const retryAfterS = waitS(this.#failureOf(client), nowMs);
    if (retryAfterS > 0) return { kind: "too_many", retryAfterS };
    this.#forget("client = ?", client);
    this.#sql.exec("INSERT INTO session (digest, expires_at) VALUES (?, ?)", digest, nowMs + SESSION_MS);
    return { kind: "signed_in", token };
  }

  /** Nothing is awaited between the look at the count and its change, so keys at once do not slip through. */
  countWrongKey(client: string): Promise<WrongKey> {
    const nowMs = Date.now();
    this.#tables.create();
    this.#forget("failed_at <= ?", nowMs - FORGET_MS);
    const before = this.#failureOf(client);
    const retryAfterS = waitS(before, nowMs);
    if (retryAfterS > 0) return Promise.resolve({ kind: "too_many", retryAfterS });
    const failure = { count: (before?.count ?? 0) + 1, failed_at: nowMs };
    this.#sql.exec("INSERT OR REPLACE INTO failure (client, count, failed_at) VALUES (?, ?, ?)", client, failure.count, nowMs);
    this.#rows = this.#failureRows() + (before === undefined ? 1 : 0);
    if (this.#rows > MAX_FAILURES) this.#forget("client = (SELECT client FROM failure ORDER BY failed_at LIMIT ?)", 1);
    return Promise.resolve({ kind: "wrong_key", retryAfterS: waitS(failure, nowMs) });
  }

  async isSignedIn(token: string): Promise<boolean> {
    const digest = await digestOf(token);
    if (!this.#tables.exist()) return false;
    return this.#sql.exec("SELECT 1 FROM session WHERE digest = ? AND expires_at > ?", digest, Date.now()).toArray().length > 0;
  }

  async signOut(token: string): Promise<void> {
    const digest = await digestOf(token);
    if (this.#tables.exist()) this.#sql.exec("DELETE FROM session WHERE digest = ?", digest);
  }

  #failureOf(client: string): Failure | undefined {
    return this.#sql.exec<Failure>("SELECT count, failed_at FROM failure WHERE client = ?", client).toArray()[0];
  }

  /** `which`: a condition of SQL with one place for `value`. */
  #forget(which: string, value: SqlStorageValue): void {
    const rows = this.#failureRows();
    const forgotten = this.#sql.exec(`DELETE FROM failure WHERE ${which} RETURNING client`, value).toArray();
    this.#rows = rows - forgotten.length;
  }

  /** Counted once: from then on it is known. */
  #failureRows(): number {
    this.#rows ??= this.#sql.exec<{ rows: number }>("SELECT COUNT(*) AS rows FROM failure").one().rows;
    return this.#rows;
  }
}

interface Failure {
  readonly [column: string]: SqlStorageValue;
  readonly count: number;
  /** ms since the epoch */
  readonly failed_at: number;
}

/** Seconds until a client's next key is looked at. */
function waitS(failure: Failure | undefined, nowMs: number): number {
  if (failure === undefined) return 0;
  return Math.max(0, Math.ceil((failure.failed_at + waitAfterMs(failure.count) - nowMs) / 1000));
}

/** Nothing for the first failures, then 2 s, 4 s, … up to 15 min. */
function waitAfterMs(failures: number): number {
  return failures < FREE_FAILURES ? 0 : Math.min(FIRST_WAIT_MS * 2 ** (failures - FREE_FAILURES), LONGEST_WAIT_MS);
}

async function digestOf(token: string): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token))));
}
