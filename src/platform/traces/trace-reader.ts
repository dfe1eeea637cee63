import { firstTailAt, readTraceId, tailTimeMs, utcDay } from "../../core/trace/trace-id.ts";
import type { TraceFilter } from "../../core/trace/trace-filter.ts";
import type { WholeTrace } from "../../core/trace/trace-content.ts";
import type { TraceRecord } from "../../core/trace/trace-record.ts";
import { Rollup, rolledBy } from "../../core/trace/trace-rollup.ts";
import { Tally } from "../../core/trace/trace-tally.ts";
import type { RollupBucket, RollupQuery, TracePage, TraceReader } from "../../web/api/services.ts";
import type { Env } from "../env.ts";
import type { StoreBucket, StorePage, TracePlace } from "./trace-batch.ts";
import { DAY_MS, dayStartMs, firstKeptDay, indexOf, storeAt } from "./trace-places.ts";
import { parseCells } from "./trace-rollups.ts";

/** Calls to trace stores that one page may make, unless a single day has more stores. */
const MAX_CALLS = 64;

/** Packs that one call may open: some six thousand traces, well under 100 ms of the object's time. */
const MAX_PACKS_PER_CALL = 24;

/** After so long a page is given as it is, ms: the next one goes on. */
const PAGE_TIME_MS = 150;

/** Stores that one question for counts may ask: a Worker may make a thousand such calls for a request. */
const MAX_ROLLUP_STORES = 900;

/** Stores that count at once what is asked for: each answers with up to 1.5 MB. */
const MAX_COUNTING_STORES = 16;

/** Cells of an answer that is counted when somebody asks. */
const MAX_TALLIED_CELLS = 30_000;

/** The least that each of several stores is asked for. */
const LEAST_PER_STORE = 10;

/** What a reader needs of one project. */
export interface TraceReaderOptions {
  readonly env: Env;
  readonly project: string;
  /** Where the project's traces have to stay now; left out: anywhere. */
  readonly jurisdiction?: TracePlace["jurisdiction"];
  readonly retentionDays: number;
  /** ms since the epoch. */
  readonly now: () => number;
}

/**
 * Reads a project's traces over all its days and shards. The order is that of the ids' tails, so a cursor is a tail: what arrives meanwhile is either newer
 * than the page or in its place further back, none comes twice and none is missed.
 */
export class DurableTraceReader implements TraceReader {
  readonly #options: TraceReaderOptions;

  constructor(options: TraceReaderOptions) {
    this.#options = options;
  }

  async list(query: { readonly filter: TraceFilter; readonly limit: number; readonly cursor: string | undefined }): Promise<TracePage> {
    const { env, project, retentionDays, now } = this.#options;
    const firstDay = firstKeptDay(now(), retentionDays);
    const sinceMs = Math.max(query.filter.sinceMs ?? 0, dayStartMs(firstDay));
    const filter = { ...query.filter, sinceMs };
    // Clocks differ: traces of tomorrow may already be there.
    const untilMs = Math.min(query.filter.untilMs ?? Infinity, now() + DAY_MS);
    const start = [query.cursor, firstTailAt(untilMs)]
      .filter((tail) => tail !== undefined)
      .reduce((left, right) => (left < right ? left : right));
    const days = { from: utcDay(sinceMs), to: utcDay(tailTimeMs(start)) };
    const places = days.from > days.to ? [] : await indexOf(env, project).places(project, days);
    const walk = new Walk(start, { limit: query.limit, endMs: now() + PAGE_TIME_MS });
    for (const [day, stores] of Map.groupBy(places, (place) => place.day)) {
      const end = await this.#readDay(walk, stores, filter);
      if (end === "page_full") return walk.page();
      walk.before = firstTailAt(dayStartMs(day));
    }
    return { traces: walk.traces, nextCursor: null, searchedUntilMs: null };
  }

  async get(id: string): Promise<WholeTrace | undefined> {
    const { env, project, jurisdiction = null, retentionDays, now } = this.#options;
    const read = readTraceId(id);
    if (!read.ok || read.value.project !== project) return undefined;
    const { shard, startedAtMs } = read.value;
    const day = utcDay(startedAtMs);
    if (day < firstKeptDay(now(), retentionDays)) return undefined;
    const trace = await storeAt(env, { project, day, shard, jurisdiction }).get(id);
    if (trace !== null) return trace;
    // Stored while traces had to stay elsewhere?
    const places = await indexOf(env, project).places(project, { from: day, to: day });
    const others = places.filter((place) => place.shard === shard && place.jurisdiction !== jurisdiction);
    const found = await Promise.all(others.map((place) => storeAt(env, place).get(id)));
    return found.find((other) => other !== null) ?? undefined;
  }

  async rollups(query: RollupQuery): Promise<readonly RollupBucket[] | "too_many"> {
    const { env, project, retentionDays, now } = this.#options;
    const sinceMs = Math.max(query.sinceMs, dayStartMs(firstKeptDay(now(), retentionDays)));
    if (sinceMs >= query.untilMs) return [];
    const places = await indexOf(env, project).places(project, { from: utcDay(sinceMs), to: utcDay(query.untilMs - 1) });
    if (places.length > MAX_ROLLUP_STORES) return "too_many";
    const ask = (place: TracePlace): Promise<readonly StoreBucket[]> => storeAt(env, place).rollups({ ...query, sinceMs });
    if (rolledBy(query) === undefined) return tallied(places, ask);
    const answers = await Promise.all(places.map(ask));
    const buckets = Map.groupBy(answers.flat(), ({ startMs }) => startMs);
    return [...buckets].toSorted(([left], [right]) => left - right).map(([, parts]) => merged(parts));
  }

  async #readDay(walk: Walk, stores: readonly TracePlace[], filter: TraceFilter): Promise<"day_done" | "page_full"> {
    for (;;) {
      if (walk.calls > 0 && (walk.calls + stores.length > MAX_CALLS || this.#options.now() > walk.endMs)) return "page_full";
      walk.calls += stores.length;
      const limit = Math.min(walk.wanted, Math.max(LEAST_PER_STORE, Math.ceil((2 * walk.wanted) / stores.length)));
      const query = { filter, before: walk.before, limit, maxPacks: MAX_PACKS_PER_CALL };
      const pages: readonly StorePage[] = await Promise.all(stores.map((place) => storeAt(this.#options.env, place).list(query)));
      const end = walk.take(pages);
      if (end !== "more_here") return end;
    }
  }
}

/** One page in the making. */
class Walk {
  /** Only traces with a smaller tail are still wanted. */
  before: string;
  calls = 0;
  readonly traces: TraceRecord[] = [];
  /** When the page is given as it is, ms since the epoch. */
  readonly endMs: number;
  readonly #limit: number;

  constructor(before: string, bounds: { readonly limit: number; readonly endMs: number }) {
    this.before = before;
    this.endMs = bounds.endMs;
    this.#limit = bounds.limit;
  }

  /** One more than fits: it tells whether there is a next page. */
  get wanted(): number {
    return this.#limit + 1 - this.traces.length;
  }

  /** Takes what all stores of a day have answered completely. */
  take(pages: readonly StorePage[]): "more_here" | "day_done" | "page_full" {
    const completeTo = pages.reduce<string | null>(
      (latest, { completeTo: tail }) => (tail !== null && tail > (latest ?? "") ? tail : latest),
      null,
    );
    const merged = pages
      .flatMap(({ traces }) => traces)
      .map((trace) => ({ trace, tail: tailOf(trace) }))
      .filter(({ tail }) => tail >= (completeTo ?? ""))
      .toSorted((left, right) => (left.tail < right.tail ? 1 : -1));
    for (const { trace, tail } of merged) {
      if (this.traces.length === this.#limit) return "page_full";
      this.traces.push(trace);
      this.before = tail;
    }
    if (completeTo === null) return "day_done";
    this.before = completeTo;
    return "more_here";
  }

  page(): TracePage {
    return { traces: this.traces, nextCursor: this.before, searchedUntilMs: tailTimeMs(this.before) };
  }
}

/** What several stores count only now, added up as each answers. */
async function tallied(
  places: readonly TracePlace[],
  ask: (place: TracePlace) => Promise<readonly StoreBucket[]>,
): Promise<readonly RollupBucket[]> {
  const tally = new Tally();
  const waiting = places.values();
  const addOneByOne = async (): Promise<void> => {
    for (const place of waiting) {
      for (const { startMs, cells } of await ask(place)) {
        for (const cell of cells.flatMap(parseCells)) tally.add(startMs, cell);
      }
    }
  };
  await Promise.all(Array.from({ length: MAX_COUNTING_STORES }, addOneByOne));
  return tally.buckets(MAX_TALLIED_CELLS);
}

/** The same bucket of several stores. */
function merged(parts: readonly StoreBucket[]): RollupBucket {
  const rollup = new Rollup();
  for (const text of parts.flatMap(({ cells }) => cells)) rollup.add(parseCells(text));
  return { startMs: parts[0]?.startMs ?? 0, cells: rollup.cells() };
}

function tailOf(trace: TraceRecord): string {
  const id = readTraceId(trace.id);
  return id.ok ? id.value.tail : "";
}
