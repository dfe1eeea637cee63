import type { Amounts, LimitName } from "./limit.ts";

/** Over how long use is averaged, ms … */
const AVERAGED_MS = 2_000;
/** … and for how long ahead units should be in hand, ms. */
const AHEAD_MS = 4_000;

/** How fast an isolate uses a subject's units. */
export class Demand {
  readonly #average: Partial<Record<LimitName, number>> = {};
  #atMs = 0;

  /** A request needs so much. */
  note(amounts: Amounts, nowMs: number): void {
    const kept = this.#kept(nowMs);
    for (const name in amounts) {
      const limit = name as LimitName;
      this.#average[limit] = (this.#average[limit] ?? 0) * kept + (amounts[limit] ?? 0);
    }
    this.#atMs = nowMs;
  }

  /** What requests of the next seconds will use, if they come as those of the last did. */
  ahead(name: LimitName, nowMs: number): number {
    return Math.round(((this.#average[name] ?? 0) * this.#kept(nowMs) * AHEAD_MS) / AVERAGED_MS);
  }

  #kept(nowMs: number): number {
    return nowMs <= this.#atMs ? 1 : Math.exp((this.#atMs - nowMs) / AVERAGED_MS);
  }
}
