import type { LimitName } from "../../core/governance/limit.ts";

/** A mark is ahead by what was spent in this many of the last second: a busy meter writes once in that time. */
const AHEAD = 2;

/** Who was silent for so many gaps between writes has paused. */
const PAUSE_GAPS = 5;

interface Mark {
  readonly amount: number;
  /** What was spent when it was made. */
  readonly spent: number;
  readonly atMs: number;
}

/**
 * What to store of what was spent, so that a row is written seldom and still is never behind: whoever begins with it counts no more free than there is. It is
 * ahead by at most two seconds' use of the subject's own.
 */
export class SpentMark {
  readonly #marks = new Map<LimitName, Mark>();

  /** Whether some mark is more than what was spent when it was made. */
  get isAhead(): boolean {
    return [...this.#marks.values()].some(({ amount, spent }) => amount > spent);
  }

  /** The marks that are to be written now: those that what was spent has passed, and, where the last is `gapMs` old, those that changed. */
  next(spent: ReadonlyMap<LimitName, number>, nowMs: number, gapMs: number): ReadonlyMap<LimitName, number> {
    const written = new Map<LimitName, number>();
    for (const [name, amount] of spent) {
      const last = this.#marks.get(name);
      const ageMs = nowMs - (last?.atMs ?? -Infinity);
      const isPassed = amount > (last?.amount ?? 0);
      const isOld = ageMs >= gapMs && last !== undefined && amount !== last.amount;
      if (!isPassed && !isOld) continue;
      // A first use, and one after a pause, says nothing of the next second.
      const used = last === undefined || ageMs >= PAUSE_GAPS * gapMs ? 0 : Math.max(0, amount - last.spent) * Math.min(1, gapMs / ageMs);
      written.set(name, this.#set(name, amount + AHEAD * used, { spent: amount, nowMs }));
    }
    return written;
  }

  /** The marks that are not exactly what was spent. */
  exact(spent: ReadonlyMap<LimitName, number>, nowMs: number): ReadonlyMap<LimitName, number> {
    const written = new Map<LimitName, number>();
    for (const [name, amount] of spent) {
      if ((this.#marks.get(name)?.amount ?? 0) !== amount) written.set(name, this.#set(name, amount, { spent: amount, nowMs }));
    }
    return written;
  }

  #set(name: LimitName, amount: number, { spent, nowMs }: { readonly spent: number; readonly nowMs: number }): number {
    this.#marks.set(name, { amount, spent, atMs: nowMs });
    return amount;
  }
}
