import { type Act, ACT_NAMES, FAILING_STATUSES, GOOD, OWN_STATUSES } from "../support/acts.ts";
import { LAWFUL_ROUTES } from "../support/lawful-routes.ts";
import type { LawfulCall } from "../support/lawful-call.ts";

/** Of all attempts, those that something goes wrong with. */
const FAULTY = 0.3;
/** Of all attempts, those whose first bytes come within this time of the limit for them, before or after it, ms. */
const LATE = 0.1;
const LATE_BY_MS = 15;
/** Of all callers, those who leave. */
const LEAVING = 0.1;
/** Attempts that are settled ahead: no request makes more. */
const MOST_ATTEMPTS = 8;
/** A caller leaves within this time, ms: before the call, between attempts, in the middle of an answer or after it. */
const LATEST_LEAVING_MS = 150;

/** One request of a soak, settled before it is made. */
export interface Planned extends LawfulCall {
  readonly acts: readonly Act[];
  /** Set where its caller leaves. */
  readonly leaving: { readonly afterMs: number; readonly way: "close" | "reset" } | undefined;
}

/** The same requests for the same seed. */
export class Chance {
  #state: number;
  #planned = 0;
  readonly #seed: number;
  readonly #limitMs: number;

  /** `limitMs`: until the first content. */
  constructor(seed: number, limitMs: number) {
    this.#state = seed >>> 0;
    this.#seed = seed;
    this.#limitMs = limitMs;
  }

  /** The next request. */
  plan(): Planned {
    this.#planned += 1;
    const leaves = this.#next() < LEAVING;
    return {
      user: `s${this.#seed}-${this.#planned}`,
      route: this.#of(LAWFUL_ROUTES),
      stream: this.#next() < 0.5,
      acts: Array.from({ length: MOST_ATTEMPTS }, () => this.#act()),
      leaving: leaves ? { afterMs: this.#next() ** 2 * LATEST_LEAVING_MS, way: this.#of(["close", "reset"] as const) } : undefined,
    };
  }

  #act(): Act {
    const writes = Array.from({ length: 1 + this.#below(4) }, () => 1 + this.#below(300));
    const delayMs = this.#next() < LATE ? this.#limitMs + (2 * this.#next() - 1) * LATE_BY_MS : 0;
    if (this.#next() >= FAULTY) return { ...GOOD, writes, delayMs };
    return { delayMs, name: this.#of(ACT_NAMES), at: this.#below(9), status: this.#of([...FAILING_STATUSES, ...OWN_STATUSES]), writes };
  }

  #of<T>(items: readonly T[]): T {
    const item = items[this.#below(items.length)];
    if (item === undefined) throw new Error("there is nothing to choose from");
    return item;
  }

  #below(total: number): number {
    return Math.floor(this.#next() * total);
  }

  /** Mulberry32: uniform in [0, 1), good enough to mix faults. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
