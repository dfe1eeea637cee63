/** Traces that wait for the feed at most; the oldest goes. */
const MAX_WAITING = 500;

/** After the feed said that nobody listens, it is not asked for so long, ms. */
const NOBODY_MS = 5_000;

/** What an outbox needs of the world. */
export interface TraceOutboxOptions {
  /** Hands traces over, with the number of those that were left out before them; whether anybody listens. */
  readonly publish: (traces: readonly string[], dropped: number) => Promise<boolean>;
  /** ms since the epoch. */
  readonly now: () => number;
}

/**
 * Traces on their way from a store to those who watch. One call at a time, and nobody waits for it: where the feed is slow, traces are left out and
 * counted; where nobody listens, it is asked once in five seconds.
 */
export class TraceOutbox {
  readonly #options: TraceOutboxOptions;
  #waiting: string[] = [];
  #dropped = 0;
  #busy = false;
  #nobodyUntilMs = 0;

  constructor(options: TraceOutboxOptions) {
    this.#options = options;
  }

  /** Somebody listens from now on. */
  wake(): void {
    this.#nobodyUntilMs = 0;
  }

  /** Takes stored traces, as JSON. Never rejects. */
  async offer(traces: readonly string[]): Promise<void> {
    if (this.#options.now() < this.#nobodyUntilMs) return;
    this.#waiting.push(...traces);
    this.#dropped += this.#waiting.splice(0, this.#waiting.length - MAX_WAITING).length;
    if (this.#busy) return;
    this.#busy = true;
    while (this.#waiting.length > 0) await this.#publish();
    this.#busy = false;
  }

  async #publish(): Promise<void> {
    const traces = this.#waiting;
    const dropped = this.#dropped;
    this.#waiting = [];
    this.#dropped = 0;
    // A feed that fails has lost its readers; they come again.
    const isHeard = await this.#options.publish(traces, dropped).catch(() => false);
    if (isHeard) return;
    this.#nobodyUntilMs = this.#options.now() + NOBODY_MS;
    this.#waiting = [];
    this.#dropped = 0;
  }
}
