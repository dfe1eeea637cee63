/** Clients remembered at most; the one that was noted first makes room. */
const MAX_CLIENTS = 1000;

/**
 * Who has guessed the admin key too often, as far as this isolate was told: refused without a question to the object that counts. What one isolate does not
 * know yet, the object tells it at the next wrong key.
 */
export class GuessThrottle {
  readonly #now: () => number;
  /** Until when nothing that a client shows is judged, ms since the epoch. */
  readonly #untilMs = new Map<string, number>();

  /** `now`: ms since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Seconds for which a client has to wait yet; 0: it may try. */
  waitS(client: string): number {
    const leftMs = (this.#untilMs.get(client) ?? 0) - this.#now();
    return leftMs > 0 ? Math.ceil(leftMs / 1000) : 0;
  }

  /** Notes for how long a client has to wait from now on. */
  note(client: string, waitS: number): void {
    if (waitS === 0) return;
    this.#untilMs.delete(client);
    this.#untilMs.set(client, this.#now() + waitS * 1000);
    for (const first of this.#untilMs.keys()) {
      if (this.#untilMs.size <= MAX_CLIENTS) return;
      this.#untilMs.delete(first);
    }
  }
}
