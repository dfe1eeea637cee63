import { type Window, windowAt } from "./calendar.ts";
import type { CounterView, Shortage } from "./lease.ts";
import { isSettled, isWindow, type Limit } from "./limit.ts";

/** How long it takes an empty bucket to fill, ms. */
const BUCKET_MS = { minute: 60_000, hour: 3_600_000 };

/** When to come again where what is reserved may come back any moment, ms. */
const RESERVED_RETRY_MS = 1_000;

/** All isolates together hold this share of a limit unused at most … */
const SLACK_OF_LIMIT = 0.05;
/** … and this share of what is left; more where it refills. */
const SLACK_OF_LEFT = { bucket: 0.5, window: 0.25 };

/** What is stored of a counter. */
export interface KeptCount {
  /** What was spent at most: may be ahead of what was. */
  readonly spent: number;
  /** When that was so, ms since the epoch. */
  readonly atMs: number;
}

/**
 * One limit's count, as its meter keeps it. What is neither left, reserved nor out as slack is spent; so a limit that is changed keeps what was spent.
 * Of one that refills, what was spent is forgotten as it does.
 */
export class Counter {
  #limit: Limit;
  #timeZone: string;
  #left: number;
  #reserved = 0;
  #slack = 0;
  #refilledMs: number;
  #window: Window | undefined;

  constructor(limit: Limit, timeZone: string, nowMs: number, kept?: KeptCount) {
    this.#limit = limit;
    this.#timeZone = timeZone;
    this.#refilledMs = kept?.atMs ?? nowMs;
    this.#window = windowOf(limit, this.#refilledMs, timeZone);
    this.#left = limit.max - (kept?.spent ?? 0);
    this.advance(nowMs);
  }

  get limit(): Limit {
    return this.#limit;
  }

  get left(): number {
    return this.#left;
  }

  get slack(): number {
    return this.#slack;
  }

  /** When the window began, ms since the epoch; 0: it has none. */
  get windowStart(): number {
    return this.#window?.startMs ?? 0;
  }

  /** What was used and is known, ≥ 0. */
  get spent(): number {
    return Math.max(0, this.#limit.max - this.#left - this.#reserved - this.#slack);
  }

  /** Units that come back in a millisecond. */
  get refillPerMs(): number {
    const { period, max } = this.#limit;
    return period === "minute" || period === "hour" ? max / BUCKET_MS[period] : 0;
  }

  /** Refills up to now, or begins the window that it now is. Whether that is a new one, in which nothing is taken. */
  advance(nowMs: number): boolean {
    const passedMs = Math.max(0, nowMs - this.#refilledMs);
    this.#refilledMs += passedMs;
    this.#left = this.#capped(this.#left + passedMs * this.refillPerMs);
    if (this.#window === undefined || nowMs < this.#window.endMs) return false;
    this.#window = windowOf(this.#limit, nowMs, this.#timeZone);
    this.#left = this.#limit.max;
    this.#reserved = 0;
    this.#slack = 0;
    return true;
  }

  /** Takes another limit of the same name into force: what was spent stays. */
  change(limit: Limit, timeZone: string, nowMs: number): void {
    const moved = this.#left + limit.max - this.#limit.max;
    const isLessOfABucket = limit.max < this.#limit.max && this.refillPerMs > 0;
    // What a bucket holds cannot be owed because it became smaller.
    this.#left = isLessOfABucket ? Math.max(moved, Math.min(this.#left, 0)) : moved;
    this.#limit = limit;
    if (timeZone !== this.#timeZone) this.#window = windowOf(limit, nowMs, timeZone);
    this.#timeZone = timeZone;
  }

  /** Why `amount` cannot be taken; `undefined`: it can. */
  shortage(amount: number, nowMs: number): Shortage | undefined {
    // Refilling adds fractions, whose sum may miss a whole by as much as a double can.
    if (amount <= this.#left + 1e-6) return undefined;
    const { name, max } = this.#limit;
    const told = { limit: name, max, spent: this.spent, needed: amount };
    if (this.refillPerMs > 0) {
      const retryMs = Math.ceil((amount - this.#left) / this.refillPerMs - 1e-6);
      return { ...told, why: amount > max ? "too_large" : "refills", retryMs };
    }
    if (amount <= max - this.spent) return { ...told, why: "reserved", retryMs: RESERVED_RETRY_MS };
    return { ...told, why: "spent", retryMs: this.#window === undefined ? RESERVED_RETRY_MS : this.#window.endMs - nowMs };
  }

  /** Takes for a request that asked. Slots are lent like others, since they are used again. */
  take(amount: number): void {
    this.#left -= amount;
    if (isSettled(this.#limit.unit)) this.#reserved += amount;
    else if (this.#limit.unit === "slots") this.#slack += amount;
  }

  /** Hands out units that are not used yet. */
  lend(units: number): void {
    this.#left -= units;
    this.#slack += units;
  }

  /** Units that were handed out are used. */
  useLent(units: number): void {
    this.#slack -= units;
    if (isSettled(this.#limit.unit)) this.#reserved += units;
  }

  /** Units that were handed out come back unused. */
  takeBack(units: number): void {
    this.#slack -= units;
    this.#left = this.#capped(this.#left + units);
  }

  /** What was reserved turns out to be `actual`. */
  settle(released: number, actual: number): void {
    if (isSettled(this.#limit.unit)) this.#reserved = Math.max(0, this.#reserved - released);
    this.#left = this.#capped(this.#left + released - actual);
  }

  /** How many unused units may be handed out to one of `isolates` that holds `held` of them. */
  lendable(isolates: number, held: number): number {
    return Math.max(0, Math.floor(Math.min(this.#lent() - this.#slack, this.#lent() / isolates - held, this.#left)));
  }

  /** How many unused units one of `isolates` may hold. */
  share(isolates: number): number {
    return Math.max(0, Math.floor(this.#lent() / isolates));
  }

  /** How long from now until the window ends, ms; `undefined`: it has none. */
  windowLeftMs(nowMs: number): number | undefined {
    return this.#window === undefined ? undefined : this.#window.endMs - nowMs;
  }

  view(nowMs: number): CounterView {
    const { name, max } = this.#limit;
    const fullMs = this.refillPerMs > 0 ? Math.max(0, Math.ceil((max - this.#left) / this.refillPerMs)) : null;
    return {
      name,
      max,
      left: this.#left,
      spent: this.spent,
      reserved: this.#limit.unit === "slots" ? this.#slack : this.#reserved,
      lent: this.#limit.unit === "slots" ? 0 : this.#slack,
      resetMs: this.windowLeftMs(nowMs) ?? fullMs,
      refillPerMs: this.refillPerMs,
    };
  }

  /** How many units may be out unused. */
  #lent(): number {
    const share = this.refillPerMs > 0 ? SLACK_OF_LEFT.bucket : SLACK_OF_LEFT.window;
    return Math.min(SLACK_OF_LIMIT * this.#limit.max, share * (this.#left + this.#slack));
  }

  #capped(left: number): number {
    return Math.min(left, this.#limit.max - this.#slack - (this.refillPerMs > 0 ? 0 : this.#reserved));
  }
}

function windowOf({ period }: Limit, nowMs: number, timeZone: string): Window | undefined {
  return isWindow(period) ? windowAt(period, nowMs, timeZone) : undefined;
}
