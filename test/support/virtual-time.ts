/** A clock that only moves when it is run, and what waits for it. */
export class VirtualTime {
  #nowMs: number;
  #sequence = 0;
  readonly #waiting = new Map<number, { readonly atMs: number; readonly work: () => void }>();

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  readonly now = (): number => this.#nowMs;

  /** Calls back once after `ms`, unless the returned function is called before. */
  readonly after = (ms: number, work: () => void): (() => void) => {
    this.#sequence += 1;
    const id = this.#sequence;
    this.#waiting.set(id, { atMs: this.#nowMs + ms, work });
    return () => void this.#waiting.delete(id);
  };

  /** Resolves after `ms` or when `signal` aborts. */
  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const cancel = this.after(ms, resolve);
      signal?.addEventListener("abort", () => {
        cancel();
        resolve();
      });
    });

  /** Lets `ms` pass, and everything happen that waits for a moment in them, in its order. */
  async run(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      await settled();
      const next = this.#next();
      if (next === undefined || next.atMs > endMs) break;
      this.#waiting.delete(next.id);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.work();
    }
    this.#nowMs = endMs;
    await settled();
  }

  /** The first that waits; of two for one moment, the earlier. */
  #next(): { readonly id: number; readonly atMs: number; readonly work: () => void } | undefined {
    let first: { readonly id: number; readonly atMs: number; readonly work: () => void } | undefined;
    for (const [id, { atMs, work }] of this.#waiting) if (first === undefined || atMs < first.atMs) first = { id, atMs, work };
    return first;
  }
}

/** All promises that can go on have gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
