import { DurableObject } from "cloudflare:workers";
import type { KeptCount } from "../../core/governance/counter.ts";
import type { CounterView, LeaseAnswer, LeaseRequest, ToldLimits } from "../../core/governance/lease.ts";
import { LIMIT_NAMES, type LimitName } from "../../core/governance/limit.ts";
import { Meter } from "../../core/governance/meter.ts";
import type { Env } from "../env.ts";
import { LazyTables } from "../lazy-tables.ts";
import { SpentMark } from "./spent-mark.ts";

/** Rows are written once in so many ms at most, unless what is stored is no longer ahead of what was spent. */
const WRITE_GAP_MS = 1_000;

/** When nothing more comes, the rows are made exact after so long, ms. */
const QUIET_MS = 1_500;

/** Subjects that were seen within so long are told, ms. */
const SEEN_MS = 24 * 3_600_000;

/** Subjects that are told at once. */
const MOST_SUBJECTS = 500;

const TABLES = {
  table: "count",
  statements: `
    -- What was spent of the limits that outlive this object. amount: requests, tokens or micro-dollars, at most what was spent or a little ahead of it.
    CREATE TABLE count (name TEXT PRIMARY KEY, amount INTEGER NOT NULL, at_ms INTEGER NOT NULL) WITHOUT ROWID;
    -- In the object that knows a project's subjects: when each was last used.
    CREATE TABLE subject (id TEXT PRIMARY KEY, seen_ms INTEGER NOT NULL) WITHOUT ROWID;
  `,
};

/** Counts one subject's units: one object for each key, user, session, team, route, function, target, account, and one for the project. */
export class MeterObject extends DurableObject<Env> {
  readonly #tables: LazyTables;
  readonly #mark = new SpentMark();
  readonly #meter: Meter;
  #quiet: number | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#tables = new LazyTables(ctx.storage.sql, TABLES);
    this.#meter = new Meter(Date.now(), this.#kept());
  }

  /** Counts what an isolate reports, takes what it needs, lends what it wants. Nothing here waits: two calls never see the same units. */
  lease(request: LeaseRequest): LeaseAnswer {
    const nowMs = Date.now();
    const answer = this.#meter.lease(request, nowMs);
    this.#keep(nowMs);
    return answer;
  }

  /** Where the subject's limits stand. `told`: as the configuration has them, where this object has not heard of later ones. */
  view(told: ToldLimits): readonly CounterView[] {
    const nowMs = Date.now();
    this.#meter.tell(told, nowMs);
    return this.#meter.view(nowMs);
  }

  /** Remembers that subjects are in use. */
  note(subjects: readonly string[]): void {
    const nowMs = Date.now();
    this.#tables.create();
    const { sql } = this.ctx.storage;
    for (const id of subjects)
      sql.exec("INSERT INTO subject VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET seen_ms = excluded.seen_ms", id, nowMs);
    sql.exec("DELETE FROM subject WHERE seen_ms < ?", nowMs - SEEN_MS);
  }

  /** The subjects that were used in the last 24 hours, the last used first; at most 500. */
  subjects(): readonly string[] {
    if (!this.#tables.exist()) return [];
    const rows = this.ctx.storage.sql.exec<{ id: string }>(
      "SELECT id FROM subject WHERE seen_ms >= ? ORDER BY seen_ms DESC, id LIMIT ?",
      Date.now() - SEEN_MS,
      MOST_SUBJECTS,
    );
    return rows.toArray().map(({ id }) => id);
  }

  #kept(): ReadonlyMap<LimitName, KeptCount> {
    if (!this.#tables.exist()) return new Map();
    const rows = this.ctx.storage.sql.exec<{ name: string; amount: number; at_ms: number }>("SELECT * FROM count").toArray();
    return new Map(
      rows.flatMap(({ name, amount, at_ms: atMs }) => {
        const known = LIMIT_NAMES.find((each) => each === name);
        return known === undefined ? [] : [[known, { spent: amount, atMs }] as const];
      }),
    );
  }

  #keep(nowMs: number): void {
    const marks = this.#mark.next(this.#meter.spent(), nowMs, WRITE_GAP_MS);
    this.#write(marks, nowMs);
    if (!this.#mark.isAhead) return;
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      const atMs = Date.now();
      this.#meter.advance(atMs);
      this.#write(this.#mark.exact(this.#meter.spent(), atMs), atMs);
    }, QUIET_MS);
  }

  #write(marks: ReadonlyMap<LimitName, number>, nowMs: number): void {
    if (marks.size === 0) return;
    this.#tables.create();
    for (const [name, amount] of marks) {
      this.ctx.storage.sql.exec(
        "INSERT INTO count VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET amount = excluded.amount, at_ms = excluded.at_ms",
        name,
        Math.ceil(amount),
        nowMs,
      );
    }
  }
}
