import * as z from "zod/mini";
import type { KeepAlive } from "../../web/api/services.ts";
import type { ConfigCacheOptions } from "./config-cache.ts";
import { POINTER_PREFIX } from "./config-keys.ts";

/** How long one look at the list serves, ms. With KV's own delay a project is known to be open, or to issue keys, within the 90 s that any change takes. */
const FRESH_MS = 60_000;

/** After a look that failed, the next one, ms. */
const RETRY_MS = 10_000;

/** How long a request waits for the list, ms. */
const MAX_WAIT_MS = 250;

/** What KV is asked for. */
export interface PointerList {
  list(options: { readonly prefix: string }): Promise<{ readonly keys: readonly { readonly name: string; readonly metadata?: unknown }[] }>;
}

/** Time, as `ConfigCache` has it. */
export type ListedProjectsClock = Pick<ConfigCacheOptions, "now" | "sleep">;

/** What is written beside a pointer, so that the list of pointers tells it. */
export interface PointerMetadata {
  readonly open: boolean;
  readonly issued: boolean;
}

const metadataSchema = z.object({ open: z.boolean(), issued: z.optional(z.boolean()) });

/** Of a pointer that says nothing: it was written before pointers did, and before any project issued keys. */
const UNTOLD: z.output<typeof metadataSchema> = { open: true };

/**
 * Which published projects let anyone in, and whether one issues keys. Strangers name what projects they like: however many they name, KV is asked once a minute, for all of them, and
 * for none of theirs.
 */
export class ListedProjects {
  readonly #kv: PointerList;
  readonly #now: ListedProjectsClock["now"];
  readonly #sleep: ListedProjectsClock["sleep"];
  #open: ReadonlySet<string> = new Set();
  #issueKeys = false;
  /** When the last look that told something began. */
  #lookedAtMs = -Infinity;
  /** When a look last began: it is the one for all who ask while the list is merely old. */
  #claimedAtMs = -Infinity;
  #failedAtMs = -Infinity;

  constructor(kv: PointerList, clock: ListedProjectsClock) {
    this.#kv = kv;
    this.#now = clock.now;
    this.#sleep = clock.sleep;
  }

  /** Whether the project was published open, as far as is known. */
  async isOpen(project: string, keepAlive: KeepAlive): Promise<boolean> {
    await this.#refresh(keepAlive);
    return this.#open.has(project);
  }

  /** Whether any project was published that issues keys, as far as is known. */
  async issueKeys(keepAlive: KeepAlive): Promise<boolean> {
    await this.#refresh(keepAlive);
    return this.#issueKeys;
  }

  async #refresh(keepAlive: KeepAlive): Promise<void> {
    const nowMs = this.#now();
    const isDue = nowMs - this.#lookedAtMs >= FRESH_MS && nowMs - this.#failedAtMs >= RETRY_MS;
    const isClaimed = this.#lookedAtMs > -Infinity && nowMs - this.#claimedAtMs < RETRY_MS;
    if (isDue && !isClaimed) await this.#lookOrGiveUp(nowMs, keepAlive);
  }

  /** The next question is one to KV. */
  expire(): void {
    this.#lookedAtMs = -Infinity;
    this.#failedAtMs = -Infinity;
  }

  /** A look that comes too late for this request still tells the next ones. */
  async #lookOrGiveUp(nowMs: number, keepAlive: KeepAlive): Promise<void> {
    this.#claimedAtMs = nowMs;
    const over = new AbortController();
    const look = this.#look(nowMs);
    keepAlive(look);
    await Promise.race([look, this.#sleep(MAX_WAIT_MS, over.signal)]);
    over.abort();
  }

  /** Never rejects. */
  async #look(beganAtMs: number): Promise<void> {
    try {
      const { keys } = await this.#kv.list({ prefix: POINTER_PREFIX });
      const listed = keys.map(({ name, metadata }) => ({ name, told: metadataSchema.safeParse(metadata).data ?? UNTOLD }));
      this.#open = new Set(listed.filter(({ told }) => told.open).map(({ name }) => name.slice(POINTER_PREFIX.length)));
      this.#issueKeys = listed.some(({ told }) => told.issued === true);
      this.#lookedAtMs = beganAtMs;
    } catch {
      this.#failedAtMs = this.#now(); // What was known before goes on to be.
    }
  }
}
