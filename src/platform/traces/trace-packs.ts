import { utf8Length } from "../../core/bytes.ts";
import { mayHold, summaryOf } from "../../core/trace/term-summary.ts";
import { matches, termsOf, termsOfFilter, tokensOf, type TraceFilter } from "../../core/trace/trace-filter.ts";
import { firstTailAt, readTraceId, tailTimeMs, type TraceId } from "../../core/trace/trace-id.ts";
import type { TraceRecord } from "../../core/trace/trace-record.ts";
import { deflated, inflated } from "./deflated.ts";
import type { StorePage, StoreQuery } from "./trace-batch.ts";

/**
 * Traces of a pack start within this time, ms, so that a trace is looked for in few packs; those that started longer before go into a second pack, and into
 * further ones of the last length. Where traces came so slowly that gathering them took longer, the time of gathering counts, up to the last.
 */
const SPANS_MS = [10_000, 60_000, 900_000];
const LONGEST_SPAN_MS = 900_000;

/** Packs that may end at the same ms: the position is that ms times this, and a counter. */
const POSITIONS_PER_MS = 1000;

/** Bytes of JSON in a pack of several traces at most: its row stays below 1 MB even if nothing could be deflated. A row may have 2 (limits of Durable Objects). */
const MAX_PACK_BYTES = 768 * 1024;

/** Packs whose summary one call looks at, without opening them, at most: some 10 ms. */
const MAX_SCANNED = 5_000;

/** Traces that started near each other, sealed. The primary key is the only index: each further one costs a row written per row. */
export const PACK_STATEMENTS = [
  "CREATE TABLE trace_pack (",
  // start of its newest trace, ms since the epoch, times 1000, and a counter
  "position INTEGER PRIMARY KEY,",
  // start of its oldest trace, ms since the epoch; at most 15 min before the newest
  "oldest_ms INTEGER NOT NULL,",
  // traces in it
  "count INTEGER NOT NULL,",
  // input and output of its largest trace; -1: no trace reported any
  "most_tokens INTEGER NOT NULL,",
  // Bloom filter of all that its traces can be found by
  "terms BLOB NOT NULL,",
  // JSON array of the traces, raw deflate
  "records BLOB NOT NULL);",
].join("");

type ScannedRow = { position: number; oldest_ms: number; most_tokens: number; terms: ArrayBuffer };

/** A trace and the part of its id that gives the order. */
interface Found {
  readonly tail: string;
  readonly trace: TraceRecord;
}

/** A pack that was written. */
export interface SealedPack {
  readonly position: number;
  readonly traces: readonly TraceRecord[];
}

/** A trace, its start in ms since the epoch, and its JSON. */
interface Started {
  readonly startMs: number;
  readonly trace: TraceRecord;
  readonly json: string;
}

/** The sealed traces of one object. */
export class TracePacks {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Writes traces, as few packs as their times allow; the packs, by their positions. */
  seal(traces: readonly TraceRecord[]): readonly SealedPack[] {
    return packsOf(traces)
      .flatMap(fittingPacks)
      .map((pack) => this.#insert(pack));
  }

  /** Positions of the packs that may hold traces which started in that time, ms since the epoch. */
  *between(sinceMs: number, untilMs: number): Iterable<number> {
    const query = "SELECT position FROM trace_pack WHERE position >= ? AND position < ? AND oldest_ms < ?";
    const to = (untilMs + LONGEST_SPAN_MS) * POSITIONS_PER_MS;
    for (const { position } of this.#sql.exec<{ position: number }>(query, sinceMs * POSITIONS_PER_MS, to, untilMs)) yield position;
  }

  /** The traces of a pack. */
  tracesAt(position: number): readonly TraceRecord[] {
    return parseTraces(this.#read(position));
  }

  /** The newest traces that pass, in the order of their tails; `unsealed`: those that are in no pack yet. */
  list(query: StoreQuery, unsealed: readonly TraceRecord[]): StorePage {
    const { filter, before, limit, maxPacks } = query;
    const beforeMs = before === null ? Infinity : tailTimeMs(before);
    const upTo = before === null ? Number.MAX_SAFE_INTEGER : (beforeMs + LONGEST_SPAN_MS + 1) * POSITIONS_PER_MS;
    const terms = termsOfFilter(filter);
    let found = newest(passing(unsealed, query), limit);
    let opened = 0;
    let scanned = 0;
    for (const row of this.#scan(upTo)) {
      const newestMs = Math.floor(row.position / POSITIONS_PER_MS);
      const last = found[limit - 1];
      if (newestMs < (filter.sinceMs ?? 0) || (last !== undefined && tailTimeMs(last.tail) > newestMs)) break;
      const seenTo = firstTailAt(newestMs + 1);
      // Packs that reach over `before` are opened whatever the budget: else a page could end where it began.
      if ((opened >= maxPacks || scanned >= MAX_SCANNED) && (before === null || seenTo < before)) {
        const complete = found.filter(({ tail }) => tail >= seenTo);
        return pageOf(complete, seenTo);
      }
      scanned += 1;
      if (row.oldest_ms > beforeMs || !mayPass(row, filter, terms)) continue;
      opened += 1;
      found = newest([...found, ...this.#passingOf(row.position, query)], limit);
    }
    return pageOf(found, found.length < limit ? null : (found.at(-1)?.tail ?? null));
  }

  /** One trace; `null`: it is in no pack. */
  get(id: string, { tail, startedAtMs }: TraceId): TraceRecord | null {
    for (const { position, oldest_ms: oldestMs, terms } of this.#scan((startedAtMs + LONGEST_SPAN_MS + 1) * POSITIONS_PER_MS)) {
      if (position < startedAtMs * POSITIONS_PER_MS) break;
      if (oldestMs > startedAtMs || !mayHold(new Uint8Array(terms), tail)) continue;
      const trace = parseTraces(this.#read(position)).find((record) => record.id === id);
      if (trace !== undefined) return trace;
    }
    return null;
  }

  #scan(upTo: number): Iterable<ScannedRow> {
    return this.#sql.exec<ScannedRow>(
      "SELECT position, oldest_ms, most_tokens, terms FROM trace_pack WHERE position < ? ORDER BY position DESC",
      upTo,
    );
  }

  #passingOf(position: number, query: StoreQuery): readonly Found[] {
    const text = this.#read(position);
    const { q } = query.filter;
    // What a trace mentions stands in its JSON as it would in a JSON string.
    if (q !== undefined && !text.toLowerCase().includes(JSON.stringify(q).slice(1, -1))) return [];
    return passing(parseTraces(text), query);
  }

  #read(position: number): string {
    const { records } = this.#sql.exec<{ records: ArrayBuffer }>("SELECT records FROM trace_pack WHERE position = ?", position).one();
    return inflated(records);
  }

  /** `pack`: newest first. */
  #insert(pack: readonly Started[]): SealedPack {
    const [newest, oldest] = [pack[0]?.startMs ?? 0, pack.at(-1)?.startMs ?? 0];
    const traces = pack.map(({ trace }) => trace);
    const first = newest * POSITIONS_PER_MS;
    const { last } = this.#sql
      .exec<{ last: number | null }>(
        "SELECT max(position) AS last FROM trace_pack WHERE position BETWEEN ? AND ?",
        first,
        first + POSITIONS_PER_MS - 1,
      )
      .one();
    const position = (last ?? first - 1) + 1;
    this.#sql.exec(
      "INSERT INTO trace_pack (position, oldest_ms, count, most_tokens, terms, records) VALUES (?, ?, ?, ?, ?, ?)",
      position,
      oldest,
      traces.length,
      Math.max(...traces.map((trace) => tokensOf(trace) ?? -1)),
      summaryOf(new Set(traces.flatMap((trace) => termsOf(trace, tailOf(trace))))),
      deflated(`[${pack.map(({ json }) => json).join(",")}]`),
    );
    return { position, traces };
  }
}

/** Traces of JSON that this Worker wrote from records, so they are not checked again. */
export function parseTraces(text: string): readonly TraceRecord[] {
  return JSON.parse(text) as TraceRecord[];
}

/** The part of a trace's id that gives the order. */
function tailOf(trace: TraceRecord): string {
  const id = readTraceId(trace.id);
  return id.ok ? id.value.tail : "";
}

/** Newest first, so that each pack begins with its newest trace. */
function packsOf(traces: readonly TraceRecord[]): readonly (readonly Started[])[] {
  const started = traces.map((trace) => ({ startMs: Date.parse(trace.started_at), trace, json: JSON.stringify(trace) }));
  const ends = started.map(({ startMs, trace }) => startMs + trace.duration_ms);
  const gatheredMs = Math.min(LONGEST_SPAN_MS, Math.max(...ends) - Math.min(...ends));
  const packs: Started[][] = [];
  let reachesTo = Infinity;
  for (const each of started.toSorted((left, right) => right.startMs - left.startMs)) {
    if (each.startMs < reachesTo) {
      reachesTo = each.startMs - Math.max(SPANS_MS[packs.length] ?? LONGEST_SPAN_MS, gatheredMs);
      packs.push([]);
    }
    packs.at(-1)?.push(each);
  }
  return packs;
}

/** A pack in as many parts as its row needs, in the same order. */
function fittingPacks(pack: readonly Started[]): readonly (readonly Started[])[] {
  const parts: Started[][] = [];
  let bytes = Infinity;
  for (const each of pack) {
    const own = utf8Length(each.json) + 1;
    if (bytes + own > MAX_PACK_BYTES) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(each);
    bytes += own;
  }
  return parts;
}

function mayPass(row: ScannedRow, { minTokens, maxTokens }: TraceFilter, terms: readonly string[]): boolean {
  if ((minTokens !== undefined || maxTokens !== undefined) && row.most_tokens < (minTokens ?? 0)) return false;
  const summary = new Uint8Array(row.terms);
  return terms.every((term) => mayHold(summary, term));
}

function passing(traces: readonly TraceRecord[], { filter, before }: StoreQuery): readonly Found[] {
  return traces
    .filter((trace) => matches(filter, trace))
    .map((trace) => ({ tail: tailOf(trace), trace }))
    .filter(({ tail }) => tail !== "" && (before === null || tail < before));
}

function newest(found: readonly Found[], limit: number): Found[] {
  return found.toSorted((left, right) => (left.tail < right.tail ? 1 : -1)).slice(0, limit);
}

function pageOf(found: readonly Found[], completeTo: string | null): StorePage {
  return { traces: found.map(({ trace }) => trace), completeTo };
}
