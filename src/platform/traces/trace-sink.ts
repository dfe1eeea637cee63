import { readTraceId, utcDay } from "../../core/trace/trace-id.ts";
import type { TraceContent } from "../../core/trace/trace-content.ts";
import type { TraceRecord } from "../../core/trace/trace-record.ts";
import type { KeepAlive } from "../../web/api/services.ts";
import type { BatchedTrace, TraceBatch, TracePlace } from "./trace-batch.ts";

/** What a project's configuration says about where its traces go. */
export interface TraceKeeping {
  readonly retentionDays: number;
  readonly jurisdiction: TracePlace["jurisdiction"];
}

/** What the sink needs of the world. */
export interface TraceSinkOptions {
  /** One try to store a batch. */
  readonly append: (batch: TraceBatch) => Promise<void>;
  readonly keeping: (project: string) => TraceKeeping;
  /** Sends traces of one project, each as JSON, elsewhere too, where the project wants that. Never rejects. */
  readonly exported: (project: string, records: readonly string[]) => Promise<void>;
  /** ms since the epoch. */
  readonly now: () => number;
  /** Resolves after `ms` or when `signal` aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly newBatchId: () => string;
}

/** Traces of one isolate wait this long for others, ms. */
const WINDOW_MS = 200;

/** So many traces, or so many characters of them, do not wait: their object seals them as they come. */
const BATCH_TRACES = 256;
const BATCH_LENGTH = 512 * 1024;

/** Traces, and characters of them, that one isolate holds at most, waiting or being sent; the oldest that waits goes. Only reached where nothing can be stored. */
const MAX_HELD = 4000;
const MAX_HELD_LENGTH = 16 * 1024 * 1024;

/** Characters of content that one isolate holds at most; traces beyond it go without theirs. */
const MAX_HELD_CONTENT = 8 * 1024 * 1024;

/** Parts of a batch that are sent by themselves at most: enough to find three traces among 256 that cannot be stored. */
const MAX_PARTS = 48;

/** A batch that is being sent for longer than this was cut off with its request, ms; see platform limits: `waitUntil` ends after 30 s. */
const SEND_GONE_MS = 60_000;

/** How long one try may take, ms. Two tries and the pause fit into the 30 s that a request has after its answer. */
const TRY_MS = 5_000;

/** Before the second try, ms. */
const PAUSE_MS = 250;

/** A flush under way for longer than this was cut off with its request, ms. */
const FLUSH_GONE_MS = 2_000;

/** Why a try failed: `stores`: the object itself could not write it, so a part of it may be written; `overloaded`: it must not be called again. */
interface Failure {
  readonly cause: "stores" | "overloaded" | "other";
  readonly reason: string;
}

/** How many traces, characters of them, and of their contents. */
interface Held {
  readonly traces: number;
  readonly length: number;
  readonly contents: number;
}

interface Waiting extends BatchedTrace {
  readonly place: TracePlace;
}

/**
 * Where an isolate's closed traces wait to be stored, so that many go in one call. A request that finds no flush under way does it for all, kept alive
 * for it; requests share plain data only. Nothing here throws, and nobody waits for it.
 */
export class TraceSink {
  readonly #options: TraceSinkOptions;
  #waiting: Waiting[] = [];
  #length = 0;
  /** Characters of the contents that wait. */
  #contents = 0;
  #flushSinceMs = -Infinity;
  /** Batches on their way. */
  readonly #sending = new Map<string, { readonly held: Held; readonly sinceMs: number }>();
  #lost = 0;

  constructor(options: TraceSinkOptions) {
    this.#options = options;
  }

  /** Takes a closed trace, and what was said where that is kept. */
  record(trace: TraceRecord, keepAlive: KeepAlive, content?: TraceContent): void {
    const id = readTraceId(trace.id);
    if (!id.ok) {
      this.#lost += 1;
      return;
    }
    const { project, startedAtMs, shard, tail } = id.value;
    const { jurisdiction } = this.#options.keeping(project);
    const json = JSON.stringify(trace);
    const place = { project, day: utcDay(startedAtMs), shard, jurisdiction };
    const held = this.#held();
    const said = content === undefined ? undefined : { tail, json: JSON.stringify(content) };
    const isKept = said !== undefined && held.contents + said.json.length <= MAX_HELD_CONTENT;
    this.#waiting.push({ startedAtMs, json, place, ...(isKept ? { content: said } : {}) });
    this.#length += json.length;
    this.#contents += isKept ? said.json.length : 0;
    if (held.traces + 1 > MAX_HELD || held.length + json.length > MAX_HELD_LENGTH) this.#dropOldest();
    if (this.#waiting.length >= BATCH_TRACES || this.#length + this.#contents >= BATCH_LENGTH) keepAlive(this.#send());
    else if (this.#options.now() - this.#flushSinceMs >= FLUSH_GONE_MS) keepAlive(this.#flush());
  }

  /** Traces of this isolate that were given up. */
  lost(): number {
    return this.#lost;
  }

  async #flush(): Promise<void> {
    const sinceMs = this.#options.now();
    this.#flushSinceMs = sinceMs;
    await this.#options.sleep(WINDOW_MS);
    // What is closed while these are being sent has a flush of its own.
    if (this.#flushSinceMs === sinceMs) this.#flushSinceMs = -Infinity;
    await this.#send();
  }

  /** Sends all that waits. Never rejects. */
  async #send(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#length = 0;
    this.#contents = 0;
    const places = Map.groupBy(waiting, ({ place }) => `${place.project}/${place.day}/${place.shard}/${place.jurisdiction ?? ""}`);
    const projects = Map.groupBy(waiting, ({ place }) => place.project);
    await Promise.all([
      ...[...places.values()].map((records) => this.#store(records)),
      ...[...projects].map(([project, records]) =>
        this.#options.exported(
          project,
          records.map(({ json }) => json),
        ),
      ),
    ]);
  }

  async #store(records: readonly Waiting[]): Promise<void> {
    const [first] = records;
    if (first === undefined) return;
    const { place } = first;
    const { retentionDays } = this.#options.keeping(place.project);
    const id = this.#options.newBatchId();
    this.#sending.set(id, { held: heldBy(records), sinceMs: this.#options.now() });
    const batch = { id, place, retentionDays, records: records.map(({ place: _place, ...record }) => record) };
    const failure = await this.#tryTwice(batch);
    const lost = failure === undefined ? 0 : await this.#tryParts(batch, failure);
    this.#sending.delete(id);
    if (failure === undefined || lost === 0) return;
    this.#lost += lost;
    console.error("traces could not be stored", { project: place.project, traces: lost, reason: failure.reason });
  }

  /** Why the batch is not stored; `undefined`: it is. An overloaded object is not called again. */
  async #tryTwice(batch: TraceBatch): Promise<Failure | undefined> {
    const failure = await this.#try(batch);
    if (failure === undefined || failure.cause === "overloaded") return failure;
    await this.#options.sleep(PAUSE_MS);
    return this.#try(batch);
  }

  /** Stores all of a batch but the traces that its object cannot write: half by half, down to single ones. How many are not stored. */
  async #tryParts(batch: TraceBatch, { cause }: Failure): Promise<number> {
    let lost = batch.records.length;
    let parts = cause === "stores" ? halvesOf(batch.records) : [];
    for (let sent = parts.length; parts.length > 0 && sent <= MAX_PARTS; sent += parts.length) {
      const tries = parts.map((records) => this.#try({ ...batch, id: this.#options.newBatchId(), records }));
      const failures = await Promise.all(tries);
      lost -= parts.reduce((stored, records, index) => stored + (failures[index] === undefined ? records.length : 0), 0);
      parts = parts.flatMap((records, index) => (failures[index]?.cause === "stores" ? halvesOf(records) : []));
    }
    return lost;
  }

  async #try(batch: TraceBatch): Promise<Failure | undefined> {
    const over = new AbortController();
    const late = this.#options
      .sleep(TRY_MS, over.signal)
      .then((): Failure => ({ cause: "other", reason: `no answer within ${TRY_MS} ms` }));
    const stored = this.#options.append(batch).then(
      () => undefined,
      (error: unknown): Failure => ({ cause: causeOf(error), reason: String(error) }),
    );
    const first = await Promise.race([stored, late]);
    over.abort();
    return first;
  }

  #held(): Held {
    let traces = this.#waiting.length;
    let length = this.#length;
    let contents = this.#contents;
    for (const [id, { held, sinceMs }] of this.#sending) {
      if (this.#options.now() - sinceMs < SEND_GONE_MS) {
        traces += held.traces;
        length += held.length;
        contents += held.contents;
      } else {
        this.#sending.delete(id);
        this.#lost += held.traces;
      }
    }
    return { traces, length, contents };
  }

  #dropOldest(): void {
    const oldest = this.#waiting.shift();
    this.#length -= oldest?.json.length ?? 0;
    this.#contents -= oldest?.content?.json.length ?? 0;
    this.#lost += 1;
  }
}

function heldBy(records: readonly BatchedTrace[]): Held {
  return {
    traces: records.length,
    length: records.reduce((sum, { json }) => sum + json.length, 0),
    contents: records.reduce((sum, { content }) => sum + (content?.json.length ?? 0), 0),
  };
}

/** A single trace has no halves. */
function halvesOf(records: readonly BatchedTrace[]): (readonly BatchedTrace[])[] {
  const middle = Math.ceil(records.length / 2);
  return records.length === 1 ? [] : [records.slice(0, middle), records.slice(middle)];
}

/** https://developers.cloudflare.com/durable-objects/best-practices/error-handling/: `remote` is an error of the object's own code. */
function causeOf(error: unknown): Failure["cause"] {
  if (!(error instanceof Error)) return "other";
  if ("overloaded" in error && error.overloaded === true) return "overloaded";
  return "remote" in error && error.remote === true ? "stores" : "other";
}
