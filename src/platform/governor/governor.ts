import { DurableObject } from "cloudflare:workers";
import { carryOut } from "../../core/governance/carry-out.ts";
import type { IssuedKey } from "../../core/governance/issued-key.ts";
import type { KeyCursor, KeyOrder, KeyOutcome, OrderedBy } from "../../core/governance/key-order.ts";
import { type ConfigPointer, HeardIsolates, type PulseAnswer, type PulseReport } from "../../core/governance/pulse.ts";
import type { Env } from "../env.ts";
import { KeyDistribution } from "./key-distribution.ts";
import { KeyTable } from "./key-table.ts";
import { ServedPointer } from "./served-pointer.ts";

/** Keys of one answer to a pulse; some 500 KB at most. */
const KEYS_PER_PULSE = 500;

/** How long a change is told to isolates that know of none, ms: by then every location's KV has forgotten what was before. */
const TOLD_FOR_MS = 600_000;

/**
 * What a project's isolates must agree on soon, one object per project: the authority over its issued keys, which KV distributes; and who tells every isolate,
 * with each pulse, what has changed. It never sees a key: only digests. Whoever calls may be an older or a newer version of the Worker.
 */
export class Governor extends DurableObject<Env> {
  readonly #keys = new KeyTable(this.ctx.storage.sql);
  readonly #distribution = new KeyDistribution(this.#keys, this.env.CONFIG, this.ctx.storage);
  readonly #pointer = new ServedPointer(this.ctx.storage.sql);
  readonly #isolates = new HeardIsolates();

  /** Tells an isolate what it does not know yet. */
  async pulse({ project, isolate, since }: PulseReport): Promise<PulseAnswer> {
    await this.#distribution.adopt(project).catch(() => undefined); // Whoever orders something hears of it; the keys of KV serve.
    const nowMs = Date.now();
    const nextMs = this.#isolates.hear(isolate, nowMs);
    const keys = this.#keys.changed(since, nowMs - TOLD_FOR_MS, KEYS_PER_PULSE);
    const more = keys.length === KEYS_PER_PULSE;
    const rev = more ? (keys.at(-1)?.rev ?? since) : this.#keys.rev();
    return { rev, keys, more, config: this.#pointer.get(), nextMs };
  }

  /** One key as it is now; `null`: there is none of this id. */
  async key(project: string, id: string): Promise<IssuedKey | null> {
    await this.#distribution.adopt(project);
    return this.#keys.get(id) ?? null;
  }

  /** The newest first. */
  async list(project: string, limit: number, before: KeyCursor | null): Promise<readonly IssuedKey[]> {
    await this.#distribution.adopt(project);
    return this.#keys.list(limit, before);
  }

  /** Carries out an order, and answers once KV has taken the record or failed to; then it is written again in the background. */
  async order(project: string, order: KeyOrder, by: OrderedBy): Promise<KeyOutcome> {
    await this.#distribution.adopt(project);
    // From the look to the new row nothing is awaited: nobody comes between.
    const made = carryOut(order, this.#keys.get(order.id), by, Date.now());
    if (!made.ok) return { kind: made.error };
    const key = this.#keys.put(project, made.value);
    await this.#distribution.begin();
    return { kind: "done", key };
  }

  /** Notes what serves the project from now on. */
  noteConfig(pointer: ConfigPointer): void {
    this.#pointer.note(pointer);
  }

  /** Writes KV again where that failed. */
  override async alarm(): Promise<void> {
    await this.#distribution.goOn();
  }
}
