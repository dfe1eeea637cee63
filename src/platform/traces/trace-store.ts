import { DurableObject } from "cloudflare:workers";
import { utf8Length } from "../../core/bytes.ts";
import { readTraceId } from "../../core/trace/trace-id.ts";
import type { WholeTrace } from "../../core/trace/trace-content.ts";
import type { TraceRecord } from "../../core/trace/trace-record.ts";
import { rolledBy } from "../../core/trace/trace-rollup.ts";
import type { RollupQuery } from "../../web/api/services.ts";
import type { Env } from "../env.ts";
import { isolateOf } from "../isolate.ts";
import { LazyTables } from "../lazy-tables.ts";
import { sleep } from "../sleep.ts";
import type { StoreBucket, StorePage, StoreQuery, TraceBatch, TracePlace } from "./trace-batch.ts";
import { TraceContents } from "./trace-contents.ts";
import { TraceOutbox } from "./trace-outbox.ts";
import { PACK_STATEMENTS, parseTraces, TracePacks } from "./trace-packs.ts";
import { DAY_MS, dayStartMs, feedAt, indexOf } from "./trace-places.ts";
import { ROLLUP_STATEMENTS, TraceRollups } from "./trace-rollups.ts";
import { TraceTallies } from "./trace-tallies.ts";

/** So many traces, or so many bytes of them, are sealed: compressed together and counted. */
const SEAL_TRACES = 256;
const SEAL_BYTES = 512 * 1024;

/** Batches that are remembered at most. With what is not sealed yet their row stays below 1 MB; a row may have 2 (limits of Durable Objects). */
const MAX_REMEMBERED = 8_000;

/** A batch of so many traces is written at once; a smaller one that comes this soon after another, ms, waits this long for more, ms. */
const FULL_BATCH = 64;
const BUSY_MS = 500;
const HOLD_MS = 500;

/** How long a batch may be sent again after it was stored, ms; a sink's second try ends some 10 s after the first began. */
const REMEMBER_MS = 30_000;

/** Comments stand outside of the SQL: inside they would be a part of the script. */
const TABLES = {
  table: "trace_open",
  statements: [
    "CREATE TABLE IF NOT EXISTS place (project TEXT NOT NULL,",
    // UTC day of the traces' start, 2026-11-20
    "day TEXT NOT NULL,",
    // 0 or more
    "shard INTEGER NOT NULL,",
    // eu or us; NULL: none
    "jurisdiction TEXT);",
    // One row: the traces that are not sealed yet, and which batches came lately. Every append writes it; all else is written when they are sealed.
    "CREATE TABLE trace_open (",
    // traces in it
    "count INTEGER NOT NULL,",
    // their JSON, joined by commas
    "records TEXT NOT NULL,",
    // JSON array of pairs: the id of each batch of the last half minute, and when it was stored, ms since the epoch
    "batches TEXT NOT NULL);",
    "INSERT INTO trace_open VALUES (0, '', '[]');",
    PACK_STATEMENTS,
    ROLLUP_STATEMENTS,
  ].join(""),
};

type OpenRow = { count: number; records: string; batches: string };
type PlaceRow = { project: string; day: string; shard: number; jurisdiction: TracePlace["jurisdiction"] };

/** What is stored and not sealed yet. */
interface Open {
  readonly count: number;
  readonly records: string;
  /** Of the records. */
  readonly bytes: number;
  readonly batches: ReadonlyMap<string, number>;
}

/** A batch that has come and is not written yet. */
interface Waiting {
  readonly batch: TraceBatch;
  readonly written: PromiseWithResolvers<void>;
}

/**
 * The traces of one project, UTC day and shard; named `{project}/{day}/{shard}`. Append only; the whole object goes when its day's time is over. An append is
 * answered when it is durable. Each write is one transaction, so the counts are always those of the traces.
 */
export class TraceStore extends DurableObject<Env> {
  readonly #sql = this.ctx.storage.sql;
  readonly #tables = new LazyTables(this.#sql, TABLES);
  readonly #packs = new TracePacks(this.#sql);
  readonly #rollups = new TraceRollups(this.#sql);
  readonly #tallies = new TraceTallies(this.#sql);
  readonly #contents = new TraceContents(this.#sql);
  #open: Open | undefined;
  #waiting: Waiting[] = [];
  #cameMs = -Infinity;
  #outbox: TraceOutbox | undefined;

  /** Stores a batch, once. */
  async append(batch: TraceBatch): Promise<void> {
    if (!this.#tables.exist()) {
      // First: traces in an object that the index does not name would not be found.
      await indexOf(this.env, batch.place.project).enter(batch.place);
      await this.#begin(batch);
    }
    const same = this.#waiting.find((waiting) => waiting.batch.id === batch.id);
    if (same !== undefined) return same.written.promise;
    if (this.#opened().batches.has(batch.id)) return;
    const written = Promise.withResolvers<void>();
    this.#waiting.push({ batch, written });
    const isBusy = Date.now() - this.#cameMs < BUSY_MS;
    this.#cameMs = Date.now();
    const isFull = batch.records.length >= FULL_BATCH || countOf(this.#waiting) >= SEAL_TRACES;
    if (isBusy && !isFull) await Promise.race([written.promise, sleep(HOLD_MS)]);
    this.#write();
    return written.promise;
  }

  /** Somebody watches the project's traces from now on. */
  wake(): void {
    this.#outbox?.wake();
  }

  /** The newest traces that pass, in the order of their tails. */
  list(query: StoreQuery): StorePage {
    if (!this.#tables.exist()) return { traces: [], completeTo: null };
    return this.#packs.list(query, this.#unsealed());
  }

  /** One trace; `null`: it is not here. */
  get(id: string): WholeTrace | null {
    const read = readTraceId(id);
    if (!read.ok || !this.#tables.exist()) return null;
    const trace = this.#unsealed().find((trace) => trace.id === id) ?? this.#packs.get(id, read.value);
    return trace === null ? null : { ...trace, content: this.#contents.get(read.value.tail) };
  }

  /** What the traces come to, by time and by one or two dimensions. */
  rollups(query: RollupQuery): readonly StoreBucket[] {
    if (!this.#tables.exist()) return [];
    const unsealed = this.#unsealed();
    const by = rolledBy(query);
    return by === undefined ? this.#tallies.read(query, this.#packs, unsealed) : this.#rollups.read({ ...query, by }, unsealed);
  }

  /** The day's time is over: everything goes, unless traces are kept longer by now. */
  override async alarm(): Promise<void> {
    if (!this.#tables.exist()) return;
    const [place] = this.#sql.exec<PlaceRow>("SELECT * FROM place").toArray();
    if (place !== undefined) {
      const served = await isolateOf(this.env).control.served(place.project, (work) => this.ctx.waitUntil(work));
      const goesAtMs = served.ok ? endOf(place.day, served.value.table.traces.retentionDays) : 0;
      if (goesAtMs > Date.now()) return this.ctx.storage.setAlarm(goesAtMs);
      await indexOf(this.env, place.project).strike(place);
    }
    await this.ctx.storage.deleteAll();
    this.#tables.forget();
    this.#open = undefined;
  }

  async #begin({ place, retentionDays }: TraceBatch): Promise<void> {
    if (this.#tables.exist()) return;
    this.#tables.create();
    const { project, day, shard, jurisdiction } = place;
    this.#sql.exec("INSERT INTO place (project, day, shard, jurisdiction) VALUES (?, ?, ?, ?)", project, day, shard, jurisdiction);
    await this.ctx.storage.setAlarm(endOf(day, retentionDays));
  }

  /** Writes all that waits, and answers those who brought it. Never throws. */
  #write(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length === 0) return;
    const failure = this.#writeTogether(waiting);
    if (failure === undefined) return;
    for (const each of waiting) {
      // What cannot be stored of one batch must not cost the others.
      const own = waiting.length === 1 ? failure : this.#writeTogether([each]);
      if (own !== undefined) each.written.reject(own.reason);
    }
  }

  /** Why none of these batches is written; `undefined`: all are, and who brought them is told. */
  #writeTogether(waiting: readonly Waiting[]): { readonly reason: unknown } | undefined {
    try {
      this.#open = this.ctx.storage.transactionSync(() => this.#add(waiting));
    } catch (error) {
      return { reason: error };
    }
    for (const { written } of waiting) written.resolve();
    this.ctx.waitUntil(this.#offer(waiting));
    return undefined;
  }

  #add(waiting: readonly Waiting[]): Open {
    const before = this.#opened();
    const batches = waiting.map(({ batch }) => batch);
    const nowMs = Date.now();
    const remembered = [...before.batches].filter(([, storedMs]) => storedMs > nowMs - REMEMBER_MS);
    const added = batches.flatMap(({ records }) => records.map(({ json }) => json)).join(",");
    let open: Open = {
      count: before.count + countOf(waiting),
      records: [before.records, added].filter((json) => json !== "").join(","),
      bytes: before.bytes + utf8Length(added) + 1,
      batches: new Map([...remembered, ...batches.map(({ id }) => [id, nowMs] as const)].slice(-MAX_REMEMBERED)),
    };
    if (open.count >= SEAL_TRACES || open.bytes >= SEAL_BYTES) {
      const traces = tracesOf(open);
      for (const pack of this.#packs.seal(traces)) this.#tallies.add(pack.position, pack.traces);
      this.#rollups.count(traces);
      open = { ...open, count: 0, records: "", bytes: 0 };
    }
    this.#contents.add(batches.flatMap(({ records }) => records.flatMap(({ content }) => content ?? [])));
    this.#sql.exec(
      "UPDATE trace_open SET count = ?, records = ?, batches = ?",
      open.count,
      open.records,
      JSON.stringify([...open.batches]),
    );
    return open;
  }

  #opened(): Open {
    if (this.#open !== undefined) return this.#open;
    const { count, records, batches } = this.#sql.exec<OpenRow>("SELECT * FROM trace_open").one();
    this.#open = { count, records, bytes: utf8Length(records), batches: new Map(JSON.parse(batches) as [string, number][]) };
    return this.#open;
  }

  /** Those that have come and are in no pack: whoever reads need not wait for a write to be due. */
  #unsealed(): readonly TraceRecord[] {
    this.#write();
    return tracesOf(this.#opened());
  }

  #offer(waiting: readonly Waiting[]): Promise<void> {
    const [place] = waiting.map(({ batch }) => batch.place);
    if (place === undefined) return Promise.resolve();
    this.#outbox ??= new TraceOutbox({
      publish: (traces, dropped) => feedAt(this.env, place).publish(traces, dropped),
      now: () => Date.now(),
    });
    return this.#outbox.offer(waiting.flatMap(({ batch }) => batch.records.map(({ json }) => json)));
  }
}

function countOf(waiting: readonly Waiting[]): number {
  return waiting.reduce((sum, { batch }) => sum + batch.records.length, 0);
}

function tracesOf({ records }: Open): readonly TraceRecord[] {
  return parseTraces(`[${records}]`);
}

/** When a day's traces go, ms since the epoch. */
function endOf(day: string, retentionDays: number): number {
  return dayStartMs(day) + (1 + retentionDays) * DAY_MS;
}
