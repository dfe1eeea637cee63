import { type IssuedKey, judgeKey, keyIdOf, type KeyVerdict } from "../../core/governance/issued-key.ts";
import { digestText } from "../../web/secret-digest.ts";
import type { KeyFinding } from "../../web/issued-keys.ts";
import { readRecord, recordKey } from "./key-record.ts";

/** Records that an isolate remembers at most. */
const MAX_KNOWN = 10_000;

/** Ids without a key, remembered at most, and how long, ms: each costs one look into KV. */
const MAX_UNKNOWN = 256;
const UNKNOWN_MS = 30_000;

/** How long a record serves while the governor tells nothing, ms; then KV is looked into again. */
const RECORD_MS = 60_000;

/** How old a change is that every location's KV shows, ms: only such a record may be forgotten, for KV would tell the one before it. */
const SETTLED_MS = 600_000;

/** How often the governor is asked about a secret that a known key does not have, per key, ms. */
const ASK_EVERY_MS = 1_000;

/** Seconds that a Cloudflare location may keep a record. */
const RECORD_TTL_S = 60;

/** How long a request waits for KV, ms; without the record it can only be refused. */
const MAX_KV_WAIT_MS = 2_000;

/** How long it waits for the governor, and for KV where an older record is at hand, ms. */
const MAX_ASK_WAIT_MS = 250;

/** How often a request looks whether the governor, whom another one asked, has answered, ms. */
const LOOK_EVERY_MS = 5;

/** What the cache needs of the world. */
export interface KeyCacheOptions {
  readonly kv: { get(key: string, options: { readonly type: "text"; readonly cacheTtl: number }): Promise<string | null> };
  /** The governor's own record; `null`: it has none of this id. */
  readonly ask: (project: string, id: string) => Promise<IssuedKey | null>;
  /** When the pulse began that last told all changes of a project, ms since the epoch. */
  readonly heardAtMs: (project: string) => number;
  readonly now: () => number;
  /** Resolves after `ms` or when `signal` aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** A record, as long as it is remembered. */
interface Known {
  key: IssuedKey;
  readAtMs: number;
  askedAtMs: number;
  /** Whether an answer is waited for. */
  isAsked: boolean;
}

/** The issued keys that one isolate has met, and what is presented as one. Plain data only: a look belongs to the request that makes it. */
export class KeyCache {
  readonly #options: KeyCacheOptions;
  /** By the names that their records have in KV. */
  readonly #known = new Map<string, Known>();
  /** Until when, ms since the epoch. */
  readonly #unknown = new Map<string, number>();
  /** Of keys that were accepted, whole: a digest per request is saved. */
  readonly #digests = new Map<string, string>();

  constructor(options: KeyCacheOptions) {
    this.#options = options;
  }

  /** Takes a record unless a newer one is known. */
  learn(project: string, key: IssuedKey): void {
    const name = recordKey(project, key.id);
    this.#unknown.delete(name);
    const known = this.#known.get(name);
    if (known !== undefined) {
      if (key.rev >= known.key.rev) known.key = key;
      known.readAtMs = this.#options.now();
      return;
    }
    if (this.#known.size >= MAX_KNOWN) this.#forgetOne();
    this.#known.set(name, { key, readAtMs: this.#options.now(), askedAtMs: -Infinity, isAsked: false });
  }

  /** The records of a project are read again. */
  forget(project: string): void {
    const prefix = recordKey(project, "");
    for (const name of this.#known.keys()) if (name.startsWith(prefix)) this.#known.delete(name);
  }

  /** Judges what a caller presents as a key of this project. Never rejects. */
  async find(project: string, presented: string): Promise<KeyFinding> {
    const id = keyIdOf(presented);
    if (id === undefined) return { kind: "unknown" };
    const known = await this.#look(project, id);
    if (typeof known === "string") return { kind: known };
    const digest = this.#digests.get(presented) ?? (await digestText(presented));
    let verdict = this.#judge(known, digest);
    if (verdict === "wrong_secret" && (await this.#askAgain(project, known))) verdict = this.#judge(known, digest);
    if (verdict === "wrong_secret") return { kind: "unknown" };
    if (verdict !== "accepted") return { kind: verdict };
    if (this.#digests.size >= MAX_KNOWN) this.#digests.clear();
    this.#digests.set(presented, digest);
    return { kind: "accepted", key: known.key };
  }

  #judge({ key }: Known, digest: string): KeyVerdict {
    return judgeKey(key, digest, this.#options.now());
  }

  async #look(project: string, id: string): Promise<Known | "unknown" | "unavailable"> {
    const { now, heardAtMs } = this.#options;
    const name = recordKey(project, id);
    const known = this.#known.get(name);
    if (known !== undefined && now() - Math.max(known.readAtMs, heardAtMs(project)) < RECORD_MS) return known;
    if (known === undefined && now() < (this.#unknown.get(name) ?? -Infinity)) return "unknown";
    const record = await this.#read(name, known === undefined ? MAX_KV_WAIT_MS : MAX_ASK_WAIT_MS);
    // Also where there is none any more, or a pulse came in between: what is known serves on.
    const key = record === undefined || record === null ? undefined : readRecord(record);
    if (key?.id === id) this.learn(project, key);
    const found = this.#known.get(name);
    if (found !== undefined) {
      found.readAtMs = now();
      return found;
    }
    if (record === undefined) return "unavailable";
    this.#noteUnknown(name);
    return "unknown";
  }

  /** The record in KV; `null`: there is none; `undefined`: KV does not say. */
  #read(name: string, maxWaitMs: number): Promise<string | null | undefined> {
    return this.#within(maxWaitMs, this.#options.kv.get(name, { type: "text", cacheTtl: RECORD_TTL_S }));
  }

  /** Asks the governor for a key that may have been rotated just now. Whether it told something. */
  async #askAgain(project: string, known: Known): Promise<boolean> {
    const { now, sleep, ask } = this.#options;
    const { id, rev, revokedAtMs } = known.key;
    if (revokedAtMs !== null) return false;
    if (now() - known.askedAtMs >= ASK_EVERY_MS) {
      known.askedAtMs = now();
      known.isAsked = true;
      const key = await this.#within(MAX_ASK_WAIT_MS, ask(project, id));
      if (key !== undefined && key !== null) this.learn(project, key);
      known.isAsked = false;
    }
    // Whoever presents it while another request asks waits for what that is told.
    for (let waitedMs = 0; known.isAsked && waitedMs < MAX_ASK_WAIT_MS; waitedMs += LOOK_EVERY_MS) await sleep(LOOK_EVERY_MS);
    return known.key.rev > rev;
  }

  async #within<T>(ms: number, asked: Promise<T>): Promise<T | undefined> {
    const over = new AbortController();
    const late = this.#options.sleep(ms, over.signal).then(() => undefined);
    const answered = asked.catch(() => undefined);
    const first = await Promise.race([answered, late]);
    over.abort();
    return first;
  }

  #noteUnknown(name: string): void {
    const [oldest] = this.#unknown.keys();
    if (this.#unknown.size >= MAX_UNKNOWN && oldest !== undefined) this.#unknown.delete(oldest);
    this.#unknown.set(name, this.#options.now() + UNKNOWN_MS);
  }

  #forgetOne(): void {
    const settledMs = this.#options.now() - SETTLED_MS;
    for (const [name, { key }] of this.#known) {
      if (key.changedAtMs > settledMs) continue;
      this.#known.delete(name);
      return;
    }
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}
