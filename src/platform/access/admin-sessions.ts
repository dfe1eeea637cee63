import { DurableObject } from "cloudflare:workers";
import { hex } from "../../core/trace/traceparent.ts";
import type { AdminSessions as Sessions, SignIn } from "../../web/api/services.ts";
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

const TABLES = {
  table: "session",
  statements: `
    CREATE TABLE session (
      digest     TEXT PRIMARY KEY, -- SHA-256 of the token, hex: who reads this cannot sign in with it
      expires_at INTEGER NOT NULL  -- ms since the epoch
    ) WITHOUT ROWID;
    CREATE TABLE failure (
      client    TEXT PRIMARY KEY,  -- where the attempts came from
      count     INTEGER NOT NULL,  -- wrong keys in a row
      failed_at INTEGER NOT NULL   -- the last of them, ms since the epoch
    ) WITHOUT ROWID;`,
};

/** Sessions of the control API and the throttle of its sign-in; one object for the Worker. It never sees a key. */
export class AdminSessions extends DurableObject<Env> implements Sessions {
  readonly #sql = this.ctx.storage.sql;
  readonly #tables = new LazyTables(this.#sql, TABLES);

  /** Counts the attempt; nothing is awaited between the look at the count and its change, so attempts at once do not slip through. */
  async signIn({ client, right }: { readonly client: string; readonly right: boolean }): Promise<SignIn> {
    const token = hex(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)));
    const digest = await digestOf(token);
    const nowMs = Date.now();
    this.#tables.create();
    this.#sql.exec("DELETE FROM session WHERE expires_at <= ?", nowMs);
    this.#sql.exec("DELETE FROM failure WHERE failed_at <= ?", nowMs - FORGET_MS);
    const [failure] = this.#sql
      .exec<{ count: number; failed_at: number }>("SELECT count, failed_at FROM failure WHERE client = ?", client)
      .toArray();
    const count = failure?.count ?? 0;
    const waitMs = (failure?.failed_at ?? 0) + waitAfterMs(count) - nowMs;
    if (waitMs > 0) return { kind: "too_many", retryAfterS: Math.ceil(waitMs / 1000) };
    if (!right) {
      this.#sql.exec("INSERT OR REPLACE INTO failure (client, count, failed_at) VALUES (?, ?, ?)", client, count + 1, nowMs);
      return { kind: "wrong_key" };
    }
    this.#sql.exec("DELETE FROM failure WHERE client = ?", client);
    this.#sql.exec("INSERT INTO session (digest, expires_at) VALUES (?, ?)", digest, nowMs + SESSION_MS);
    return { kind: "signed_in", token };
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
}

/** Nothing for the first failures, then 2 s, 4 s, … up to 15 min. */
function waitAfterMs(failures: number): number {
  return failures < FREE_FAILURES ? 0 : Math.min(FIRST_WAIT_MS * 2 ** (failures - FREE_FAILURES), LONGEST_WAIT_MS);
}

async function digestOf(token: string): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token))));
}
