import { DurableObject } from "cloudflare:workers";
import { firstTailAt, readTraceId, tailTimeMs } from "../core/trace-id.ts";
import { matches, type TraceFilter } from "../core/trace-filter.ts";
import type { TraceRecord } from "../core/trace-record.ts";
import type { Env } from "./env.ts";
import { LazyTables } from "./lazy-tables.ts";
import type { BatchedTrace, StorePage, StoreQuery, TraceBatch, TracePlace } from "./trace-batch.ts";
import { DAY_MS, dayStartMs, indexOf } from "./trace-places.ts";

/**
 * Traces of one pack start within this time, ms, so that a trace is looked for in few packs. Requests that end together began together, but for
 * long streams; those go into a pack of their own.
 */
const PACK_SPAN_MS = 10_000;

/** Packs that may end at the same ms: the position is that ms times this, and a counter. */
const POSITIONS_PER_MS = 1000;

const TABLES = {
  table: "pack",
  statements: `
    CREATE TABLE place (
      project      TEXT NOT NULL,
      day          TEXT NOT NULL,    -- UTC day of the traces' start, 2026-11-20
      shard        INTEGER NOT NULL, -- 0 or more
      jurisdiction TEXT              -- eu or us; NULL: none
    );
    -- A pack is what one append brought. The primary key is the only index: each further one costs a row written per row.
    CREATE TABLE pack (
      position  INTEGER PRIMARY KEY, -- start of its newest trace, ms since the epoch, times 1000, and a counter
      oldest_ms INTEGER NOT NULL,    -- start of its oldest trace, ms since the epoch; at most 10 s before the newest
      count     INTEGER NOT NULL,    -- traces in it
      batch     TEXT NOT NULL,       -- id of the append: the same batch is stored once
      records   TEXT NOT NULL        -- JSON array of the traces
    );`,
};

type PackRow = { position: number; oldest_ms: number; records: string };
type PlaceRow = { project: string; day: string; shard: number; jurisdiction: TracePlace["jurisdiction"] };
type Found = { readonly tail: string; readonly trace: TraceRecord };

/** The traces of one project, UTC day and shard; named `{project}/{day}/{shard}`. Append only; the whole object goes when its day's time is over. */
export class TraceStore extends DurableObject<Env> {
  readonly #sql = this.ctx.storage.sql;
  readonly #tables = new LazyTables(this.#sql, TABLES);

  /** Stores a batch, once. */
  async append(batch: TraceBatch): Promise<void> {
    if (!this.#tables.exist()) {
      // First: traces in an object that the index does not name would not be found.
      await indexOf(this.env, batch.place.project).enter(batch.place);
      await this.#begin(batch);
    }
    for (const pack of packsOf(batch.records)) this.#store(pack, batch.id);
  }

  /** The newest traces that pass, in the order of their tails. */
  list(query: StoreQuery): StorePage {
    if (!this.#tables.exist()) return { traces: [], completeTo: null };
    const { filter, before, limit, maxPacks } = query;
    const beforeMs = before === null ? Infinity : tailTimeMs(before);
    const leastMs = filter.sinceMs ?? 0;
    const upTo = before === null ? Number.MAX_SAFE_INTEGER : (beforeMs + PACK_SPAN_MS + 1) * POSITIONS_PER_MS;
    const rows = this.#sql.exec<PackRow>("SELECT position, oldest_ms, records FROM pack WHERE position < ? ORDER BY position DESC", upTo);
    let found: Found[] = [];
    let opened = 0;
    for (const row of rows) {
      const newestMs = Math.floor(row.position / POSITIONS_PER_MS);
      if (newestMs < leastMs) break;
      const last = found[limit - 1];
      if (last !== undefined && tailTimeMs(last.tail) > newestMs) break;
      const seenTo = firstTailAt(newestMs + 1);
      // Packs that reach over `before` are opened whatever the budget: else a page could end where it began.
      if (opened >= maxPacks && (before === null || seenTo < before))
        return pageOf(
          found.filter(({ tail }) => tail >= seenTo),
          seenTo,
        );
      if (row.oldest_ms > beforeMs) continue;
      opened += 1;
      found = newest([...found, ...passing(row.records, filter, before)], limit);
    }
    return pageOf(found, found.length < limit ? null : (found.at(-1)?.tail ?? null));
  }

  /** One trace; `null`: it is not here. */
  get(id: string): TraceRecord | null {
    const read = readTraceId(id);
    if (!read.ok || !this.#tables.exist()) return null;
    const { startedAtMs } = read.value;
    const rows = this.#sql.exec<{ records: string }>(
      "SELECT records FROM pack WHERE position BETWEEN ? AND ? AND oldest_ms <= ? AND instr(records, ?) > 0",
      startedAtMs * POSITIONS_PER_MS,
      (startedAtMs + PACK_SPAN_MS + 1) * POSITIONS_PER_MS,
      startedAtMs,
      id,
    );
    for (const row of rows) {
      const trace = parseRecords(row.records).find((record) => record.id === id);
      if (trace !== undefined) return trace;
    }
    return null;
  }

  /** The day's time is over: everything goes. */
  override async alarm(): Promise<void> {
    if (!this.#tables.exist()) return;
    const [place] = this.#sql.exec<PlaceRow>("SELECT * FROM place").toArray();
    if (place !== undefined) await indexOf(this.env, place.project).strike(place);
    await this.ctx.storage.deleteAll();
    this.#tables.forget();
  }

  async #begin({ place, retentionDays }: TraceBatch): Promise<void> {
    if (this.#tables.exist()) return;
    this.#tables.create();
    const { project, day, shard, jurisdiction } = place;
    this.#sql.exec("INSERT INTO place (project, day, shard, jurisdiction) VALUES (?, ?, ?, ?)", project, day, shard, jurisdiction);
    await this.ctx.storage.setAlarm(dayStartMs(day) + (1 + retentionDays) * DAY_MS);
  }

  #store(pack: Pack, batch: string): void {
    const first = pack.newestMs * POSITIONS_PER_MS;
    const rows = this.#sql
      .exec<{ position: number; batch: string }>(
        "SELECT position, batch FROM pack WHERE position BETWEEN ? AND ?",
        first,
        first + POSITIONS_PER_MS - 1,
      )
      .toArray();
    if (rows.some((row) => row.batch === batch)) return;
    this.#sql.exec(
      "INSERT INTO pack (position, oldest_ms, count, batch, records) VALUES (?, ?, ?, ?, ?)",
      (rows.at(-1)?.position ?? first - 1) + 1,
      pack.oldestMs,
      pack.records.length,
      batch,
      `[${pack.records.join(",")}]`,
    );
  }
}

/** Traces that are stored in one row. */
interface Pack {
  readonly newestMs: number;
  readonly oldestMs: number;
  readonly records: readonly string[];
}

/** The same batch makes the same packs. */
function packsOf(records: readonly BatchedTrace[]): readonly Pack[] {
  const packs: Pack[] = [];
  for (const { startedAtMs, json } of records.toSorted((left, right) => right.startedAtMs - left.startedAtMs)) {
    const last = packs.at(-1);
    if (last !== undefined && last.newestMs - startedAtMs <= PACK_SPAN_MS) {
      packs[packs.length - 1] = { ...last, oldestMs: startedAtMs, records: [...last.records, json] };
    } else packs.push({ newestMs: startedAtMs, oldestMs: startedAtMs, records: [json] });
  }
  return packs;
}

function passing(records: string, filter: TraceFilter, before: string | null): readonly Found[] {
  return parseRecords(records).flatMap((trace) => {
    const id = readTraceId(trace.id);
    const wanted = id.ok && (before === null || id.value.tail < before) && matches(filter, trace);
    return wanted ? [{ tail: id.value.tail, trace }] : [];
  });
}

function newest(found: readonly Found[], limit: number): Found[] {
  return found.toSorted((left, right) => (left.tail < right.tail ? 1 : -1)).slice(0, limit);
}

function pageOf(found: readonly Found[], completeTo: string | null): StorePage {
  return { traces: found.map(({ trace }) => trace), completeTo };
}

/** Written by this Worker from records, so it is not checked again. */
function parseRecords(text: string): readonly TraceRecord[] {
  return JSON.parse(text) as TraceRecord[];
}
